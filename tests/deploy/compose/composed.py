"""The compose file as compose's own binary reads it."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "deploy" / "compose" / "compose.yaml"
SECRETS = "/run/secrets/task-tracker"

Definition = dict[str, Any]


def compose(*words: str, file: Path = FILE) -> subprocess.CompletedProcess[str]:
    """Run `docker-compose`, without any setting of whoever runs this."""
    program = Path(sys.executable).parent / "docker-compose"
    return subprocess.run(
        [str(program), "-f", str(file), *words],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.defpath, "HOME": str(file.parent)},
    )


@cache
def definition() -> Definition:
    """The whole file, all profiles, resolved."""
    done = compose("--profile", "*", "config", "--format", "json")
    assert done.returncode == 0, done.stderr
    found: Definition = json.loads(done.stdout)
    return found


def containers() -> dict[str, Definition]:
    """By name, what runs in a container of its own."""
    found: dict[str, Definition] = definition()["services"]
    return found


def one_shots() -> set[str]:
    """Those that end by themselves."""
    return {name for name, each in containers().items() if each.get("restart") == "no"}


def servers() -> set[str]:
    """Those that run on."""
    return containers().keys() - one_shots()


def image_of(name: str) -> str:
    """An image's name without its tag, for example `task-tracker-scoring`."""
    image: str = containers()[name]["image"]
    return image.rpartition(":")[0]


def mounts(name: str) -> list[Definition]:
    """What is mounted into a container."""
    found: list[Definition] = containers()[name].get("volumes", [])
    return found


def networks(name: str) -> set[str]:
    """The networks that a container is on."""
    return set(containers()[name].get("networks") or {})
