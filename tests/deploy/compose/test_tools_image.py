"""What runs once in the gateway's image needs no package that the image lacks."""

import json
import re
import subprocess
import sys

import pytest

from tests.deploy.compose.composed import ROOT

OURS = {"task-tracker", "dramatiq-nats"}
# Imports a module where only certain distributions are installed, or so it seems.
SCRIPT = """
import json, re, sys
from importlib import import_module, metadata
there = set(json.load(sys.stdin))
owners = metadata.packages_distributions()

class Lacking:
    def find_spec(self, name, path=None, target=None):
        found = {re.sub("[-_.]+", "-", owner).lower() for owner in owners.get(name.partition(".")[0], [])}
        if found and not found & there:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Lacking())
import_module(sys.argv[1])
"""


@pytest.mark.parametrize(
    ("module", "fits"),
    [("deploy.compose.secrets", True), ("deploy.compose.sample", True), ("deploy.local.house", False)],
)
def test_it_is_made_of_what_the_image_has(module: str, *, fits: bool) -> None:
    there = json.dumps(sorted(OURS | _locked("base") | _locked("gateway")))
    words = [sys.executable, "-c", SCRIPT, module]
    done = subprocess.run(words, input=there, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode == 0) == fits, done.stderr


def _locked(name: str) -> set[str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    names = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==", text, re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", found).lower() for found in names}
