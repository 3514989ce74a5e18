"""Runs of dummy programs, seen from outside."""

import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.local import leftovers
from deploy.local.house import ROOT, existing_house
from deploy.local.launch import read_record
from deploy.local.ports import is_free
from deploy.local.processes import Process

SECONDS = 60


@dataclass
class Run:
    """A run of dummy programs, seen from outside."""

    directory: Path
    process: subprocess.Popen[bytes]
    output: Path

    def said(self) -> str:
        return self.output.read_text()

    def until_said(self, text: str, times: int = 1) -> None:
        deadline = time.monotonic() + SECONDS
        while self.said().count(text) < times:
            assert time.monotonic() < deadline, f"never said {text!r} {times} times:\n{self.said()}"
            time.sleep(0.02)

    def until_ready(self, *names: str) -> None:
        for name in names:
            self.until_said(f"{name:<12} │ ready after")

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def ended(self) -> int:
        return self.process.wait(SECONDS)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def record(self, name: str) -> Process:
        found = read_record(self.directory / "run", name)
        assert found is not None
        return found

    def nothing_is_left(self) -> bool:
        house = existing_house({"TT_LOCAL_DIR": str(self.directory)})
        assert house is not None
        return not leftovers.remaining(self.directory) and all(map(is_free, house.ports.values()))

    def get(self, name: str, path: str = "/") -> str:
        """What the program answers; empty when it died of the question."""
        house = existing_house({"TT_LOCAL_DIR": str(self.directory)})
        assert house is not None
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{house.ports[name]}{path}", timeout=10) as answer:
                return str(answer.read().decode())
        except OSError:
            return ""


def environment(directory: Path) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("TT_")}
    return {**ours, "TT_LOCAL_DIR": str(directory), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


Start = Callable[..., Run]
