#!/bin/sh
# Installs our own code, and gathers what this service adds to what all have: the layer of its own.
set -eu

# The package's long description is of no use in an image, and would build it anew with each edit.
touch README.md
hatchling build -t wheel -d /build/wheels
(cd shared/dramatiq-nats && hatchling build -t wheel -d /build/wheels)
uv pip install -q --no-deps --no-index wheels/*.whl
find /opt/venv -type d -name tests -path '*/numpy/*' -prune -exec rm -rf {} +

cd /opt/venv
added() { find . ! -type d "$@" | sort | comm -13 /build/common -; }
added -name '*.py' | /opt/venv/bin/python -m compileall -q -i -
mkdir /build/added
added | tar -cf - -T - | tar -xf - -C /build/added
