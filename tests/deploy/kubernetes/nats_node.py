"""One NATS server of the rendered manifests, as its pod would run it."""

import json
import signal
import subprocess
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any

from deploy.local import nats
from deploy.local.command import Command, spawn, stop
from deploy.local.ports import free_port

PORTS = {"client": 4222, "cluster": 6222, "monitor": 8222}
"""Where a server listens in its pod."""


class Node:
    """One server, as its pod would run it.

    Attributes:
        name: Of the pod.
        ports: By the manifests' port names, where it listens here.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.ports = {port: free_port() for port in PORTS}
        self._process: subprocess.Popen[bytes] | None = None
        self._command: Command | None = None
        self.log = Path()

    def prepare(self, folder: Path, files: dict[str, str], environment: dict[str, str]) -> None:
        home = folder / self.name
        home.mkdir()
        for file, text in files.items():
            (home / file).write_text(text)
        self.log = folder / f"{self.name}.log"
        argv = (str(nats.nats_program()), "--config", str(home / "nats.conf"))
        self._command = Command(argv=argv, env=environment, cwd=str(home), stop_signal=signal.SIGINT)

    def start(self) -> None:
        assert self._command is not None
        self._process = spawn(self._command, self.log)

    def change(self, environment: dict[str, str]) -> None:
        """Have other values of these variables from the next start on."""
        assert self._command is not None
        self._command = replace(self._command, env={**self._command.env, **environment})

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None:
            stop(self._process, signal.SIGINT)

    def answers(self, path: str) -> bool:
        """Whether the monitor answers a probe with 200."""
        try:
            self.get(path)
        except OSError:
            return False
        return True

    def get(self, path: str) -> dict[str, Any]:
        """What the monitor answers.

        Raises:
            OSError: It does not answer.
        """
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['monitor']}{path}", timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)
        return found
