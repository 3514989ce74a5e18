#!/bin/sh
# Installs our own code, and gathers what this service adds to what all have: the layer of its own.
set -eu

# The package's long description is of no use in an image, and would build it anew with each edit.
touch README.md
pip wheel -q --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation -w wheels . ./shared/dramatiq-nats
uv pip install -q --no-deps --no-index wheels/*.whl
find /opt/venv -type d -name tests -path '*/numpy/*' -prune -exec rm -rf {} +

mkdir added
cd /opt/venv
find . ! -type d | sort | comm -13 /build/common - | tar -cf - -T - | tar -xf - -C /build/added
