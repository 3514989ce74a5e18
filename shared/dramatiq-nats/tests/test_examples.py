"""The examples do what they say."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from nats_server import Server

EXAMPLES = Path(__file__).parent.parent / "examples"
SAID = {
    "quick_start": ["Hello, Олено"],
    "delayed": ["after 1.0 s"],
    "results": ["42"],
    "pipeline": ["40", "all done"],
    "rate_limit": ["page 0", "page 1", "page 2", "page 3"],
    "periodic": ["tick", "tick"],
    "unique": ["dropped", "rebuilt people"],
    "dead_letters": [
        "failed builtins.ConnectionError the bank does not answer",
        "charged UA12",
    ],
}


def test_each_example_is_run_here() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.py")} == set(SAID)


@pytest.mark.parametrize("name", sorted(SAID))
def test_example(name: str, server: Server, namespace: str) -> None:
    environment = os.environ | {
        "NATS_URL": server.url,
        "DRAMATIQ_NATS_NAMESPACE": namespace,
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{name}.py")],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    said = done.stdout.splitlines()
    if name == "delayed":
        said = [f"{line[:7]}.0 s" if line.startswith(("after 1.",)) else line for line in said]
    assert sorted(said) == sorted(SAID[name])
