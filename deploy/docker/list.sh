#!/bin/sh
# Writes what is in the image, Python's packages and Debian's, as a CycloneDX document that lies in it.
set -eu

cd /build
name=task-tracker-$SERVICE
mkdir listed
printf '[project]\nname = "%s"\nversion = "%s"\n' "$name" "$VERSION" >listed/pyproject.toml
cyclonedx-py environment --spec-version 1.6 --pyproject listed/pyproject.toml -o listed/python.cdx.json /opt/venv
debsbom merge -t cdx --cdx-schema-version 1.6 --distro-name "$name" --distro-version "$VERSION" \
    --distro-summary "Task Tracker's service $SERVICE" -o listed/all listed/python.cdx.json debian.cdx.json
# What was merged is told as an operating system, which is all that the tool knows.
python3 - listed/all.cdx.json added/bom.cdx.json <<'PYTHON'
import json
import sys

with open(sys.argv[1]) as merged, open(sys.argv[2], "w") as told:
    bom = json.load(merged)
    bom["metadata"]["component"]["type"] = "container"
    json.dump(bom, told, separators=(",", ":"))
PYTHON
