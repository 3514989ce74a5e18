"""From nothing to exported tasks with the command alone, each step a process of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_knowledge import TALK
from tests.e2e.test_work import MORE, write_chat
from tests.system import System, running_system, wait_for

MESSAGES = len(TALK) + len(MORE)
SECONDS = 120


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("cli") / "system") as started:
        yield started


class Shell:
    """A terminal of somebody who has logged in."""

    def __init__(self, folder: Path) -> None:
        ours = {
            name: value for name, value in os.environ.items() if not name.startswith(("TT_", "TASKTRACKER_"))
        }
        self.folder = folder
        self.environment = {**ours, "TASKTRACKER_CONFIG": str(folder / "config.json"), "COLUMNS": "120"}

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tasktracker", *words],
            env=self.environment,
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Ctrl-C is heard, also where the tests were started in the background.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - takes no lock
        )

    def run(self, *words: str, stdin: str = "", code: int = 0) -> tuple[str, str]:
        process = self.start(*words)
        out, errors = process.communicate(stdin, SECONDS)
        assert process.returncode == code, (words, out, errors)
        assert "Traceback" not in errors
        return out, errors

    def read(self, *words: str, stdin: str = "", code: int = 0) -> Any:
        return json.loads(self.run(*words, "--json", stdin=stdin, code=code)[0])


@pytest.fixture(scope="module")
def shell(system: System, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    made = Shell(tmp_path_factory.mktemp("shell"))
    made.run("login", f"{system.house.gateway_url}/#key={system.house.api_key}")
    write_chat(made.folder / "result.json", datetime.now(UTC).replace(microsecond=0) - timedelta(hours=12))
    return made


def test_a_chat_becomes_exported_tasks(shell: Shell) -> None:
    watching = shell.start("watch", "ingestion", "--json", "--count", "1")
    job_id = interrupted_import(shell)
    followed = shell.read("jobs", "follow", job_id)
    assert (followed["status"], followed["messages_stored"]) == ("completed", MESSAGES)
    told, _ = watching.communicate(timeout=SECONDS)
    assert json.loads(told)["run_id"] == job_id
    again, _ = shell.run("import", "result.json")
    assert f"0 new, {MESSAGES} known already" in again

    wait_for(lambda: is_known(shell), "messages are embedded, and what they say is known")
    found = shell.read("search", "апостроф у назві товару")
    assert "апострофом" in found[0]["text"]

    shell.run("project", "create", "Доставка")
    window = ("--since", "1d", "--project", "доставка")
    _, refused = shell.run("run", "create", *window, code=2)
    assert "--yes" in refused
    run = shell.read("run", "create", *window, "--yes")
    assert run["status"] == "completed"
    assert run["proposals_pending"] >= 3
    review(shell, run["id"], run["proposals_pending"])


def interrupted_import(shell: Shell) -> str:
    """Import while the queue is held, press Ctrl-C, and let the queue go; returns the job's id."""
    shell.run("queues", "pause", "ingestion")
    importing = shell.start("import", "result.json")
    wait_for(lambda: len(shell.read("jobs", "list")) == 1, "the job is made")
    (job,) = shell.read("jobs", "list")
    importing.send_signal(signal.SIGINT)
    _, said = importing.communicate(timeout=SECONDS)
    assert importing.returncode == 130
    assert f"tasktracker jobs follow {job['id']}" in said
    assert "paused" in shell.run("queues", "list")[0]
    shell.run("queues", "resume", "ingestion")
    return str(job["id"])


def is_known(shell: Shell) -> bool:
    """Whether search and a run have something to go by: vectors, atoms, and nothing still at work."""
    told = shell.read("status")
    embedded = sum(kind["embedded"] for kind in told["coverage"]["kinds"]) if told["coverage"] else 0
    return bool(embedded and sum(told["knowledge"]["atoms"].values()) and not told["running"]["items"])


def review(shell: Shell, run_id: str, pending: int) -> None:
    """Approve, reject, take it back, merge, stop; go on another time; close and export."""
    answers = ["a", "r", "вже зроблено", "u", "m", "1", "q"]
    first = shell.read("review", run_id, stdin=lines(answers))
    assert [proposal["status"] for proposal in first["decided"]] == ["approved", "merged"]
    assert first["pending"] == pending - 2
    _, waiting = shell.run("run", "close", run_id, code=1)
    assert str(pending - 2) in waiting

    second = shell.read("review", run_id, stdin=lines(["r", ""] * (pending - 2)))
    assert {proposal["status"] for proposal in second["decided"]} == {"rejected"}
    assert second["pending"] == 0
    shell.run("run", "close", run_id)
    assert shell.read("run", "list")[0]["status"] == "closed"

    shell.run("run", "export", run_id, "--output", "tasks.md")
    tasks = (shell.folder / "tasks.md").read_text(encoding="utf-8")
    assert first["decided"][0]["title"] in tasks
    assert [each["title"] for each in shell.read("run", "export", run_id)] == [first["decided"][0]["title"]]


def lines(answers: Sequence[str]) -> str:
    return "".join(f"{answer}\n" for answer in answers)


def test_status_names_a_service_that_is_away(system: System, shell: Shell) -> None:
    assert shell.read("status")["knowledge"] is not None
    system.kill("knowledge")
    found = shell.read("status", code=5)
    assert not found["health"]["checks"]["knowledge"]["ok"]
    assert found["health"]["checks"]["scoring"]["ok"]
    assert found["knowledge"] is None
    assert {queue["queue"] for queue in found["queues"]["items"]} >= {"ingestion", "scoring"}
    assert "not ready" in shell.run("status", code=5)[0]
