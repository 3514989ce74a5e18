"""The whole system by `python -m deploy.local run`: the first minute, a crash, and the second start."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local import leftovers, manage
from deploy.local.chat import SAMPLE
from deploy.local.house import ROOT
from deploy.local.launch import read_record

SECONDS = 240


class Run:
    """`python -m deploy.local run` in a folder of its own, and what it has said so far."""

    def __init__(self, directory: Path, *arguments: str, **settings: str) -> None:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("TT_")}
        self.environment = {"TT_LOCAL_DIR": str(directory), **settings}
        self.output = directory.parent / f"output-{time.monotonic_ns()}"
        with self.output.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "deploy.local", "run", *arguments],
                env={**ours, **self.environment},
                cwd=ROOT,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.output.read_text()

    def until_said(self, pattern: str) -> re.Match[str]:
        deadline = time.monotonic() + SECONDS
        while (found := re.search(pattern, self.said())) is None:
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, f"never said {pattern}:\n{self.said()}"
            time.sleep(0.05)
        return found

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(SECONDS)


Start = Callable[..., Run]


@pytest.fixture
def local(tmp_path: Path) -> Path:
    return tmp_path / "local"


@pytest.fixture
def start(local: Path) -> Iterator[Start]:
    runs: list[Run] = []

    def start_run(*arguments: str, **settings: str) -> Run:
        runs.append(Run(local, *arguments, **settings))
        return runs[-1]

    yield start_run
    for run in runs:
        if run.process.poll() is None:
            run.process.terminate()
            run.process.wait(SECONDS)
    if local.exists():
        assert manage.clean({"TT_LOCAL_DIR": str(local)}) == 0


def ask(url: str, key: str = "") -> Any:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"})  # noqa: S310 - our own
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.loads(answer.read()) if "json" in answer.headers["Content-Type"] else answer.read()


def messages_of_the_sample() -> int:
    export = json.loads(SAMPLE.read_bytes())
    return sum(message["type"] == "message" for message in export["messages"])


@pytest.mark.timeout(600)
def test_first_minute_then_a_crash_then_a_second_start_with_the_data(start: Start, local: Path) -> None:
    run = start()
    link = run.until_said(r"Page +(http://127\.0\.0\.1:\d+)/#key=(\S+)")
    url, key = link[1], link[2]
    run.until_said("Ctrl-C stops everything")
    total = ask(f"{url}/api/v1/scoring/stats", key)["total"]
    assert total >= messages_of_the_sample() > 0
    assert re.search(r"signal +\d+  █+", run.said())
    assert "The strongest of the latest signals" in run.said()
    assert re.search(r"\d+ topics and \d+ atoms, each with its quotes", run.said())
    assert re.search(r"Asked «.+», the search finds:", run.said())
    assert b"<html" in ask(f"{url}/").lower()
    assert ask(f"{url}/health/services", key)["status"] == "ok"
    assert manage.status(run.environment) == 0

    scoring = read_record(local / "run", "scoring")
    assert scoring is not None
    os.kill(scoring.pid, signal.SIGKILL)
    run.until_said(r"scoring +│ ended by itself \(terminated by SIGKILL\)")
    run.until_said(r"scoring +│ ready again")

    assert run.interrupt() == 0
    assert leftovers.remaining(local) == {}
    assert manage.status(run.environment) == 1

    again = start()
    assert again.until_said(r"Page +(http://\S+)/#key=(\S+)").groups() == (url, key)
    again.until_said("Ctrl-C stops everything")
    assert "Resumed with the data of earlier runs" in again.said()
    assert ask(f"{url}/api/v1/scoring/stats", key)["total"] == total
    assert again.interrupt() == 0


def test_export_that_cannot_be_read_is_told_before_anything_starts(start: Start, local: Path) -> None:
    run = start("--export", "/no/such/result.json")
    assert run.process.wait(SECONDS) == 1
    assert "EXPORT=/no/such/result.json cannot be read (No such file or directory)" in run.said()
    assert "Traceback" not in run.said()
    assert not local.exists()


def test_configured_port_in_use_is_told_before_anything_starts(start: Start, local: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        run = start(TT_LOCAL_GATEWAY_PORT=str(port))
        assert run.process.wait(SECONDS) == 1
    assert f"Port {port} (TT_LOCAL_GATEWAY_PORT) is used by" in run.said()
    assert "Traceback" not in run.said()
    assert leftovers.remaining(local) == {}
