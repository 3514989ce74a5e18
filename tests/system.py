"""The whole system as its real processes, each of which can be killed and started again."""

import asyncio
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import dramatiq
import httpx
import nats

from deploy.local.command import Command, last_lines, spawn
from deploy.local.house import House, open_house
from deploy.local.nats import nats_url
from deploy.local.programs import Program, admin_database_url, programs
from deploy.local.schema import prepare_schemas
from dramatiq_nats import encode_work
from shared.service.failures import MOST_RETRIES

DEADLINE = 60.0
UNDERSTANDING = ("embeddings", "analysis", "embedding", "knowledge")
"""The programs that come after scoring; what is sent to them waits in their queues."""
_POLL = 0.02


class System:
    """Postgres, NATS, the services and the gateway, started as a local run starts them.

    Attributes:
        house: Its folder, ports and passwords.
        client: Calls the gateway with the admin's key.
    """

    def __init__(self, house: House, client: httpx.Client, without: Collection[str] = ()) -> None:
        self.house = house
        self.client = client
        self._programs: dict[str, Program] = {
            program.name: program for program in programs(house) if program.name not in without
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start_all(self) -> None:
        """Start everything, stage by stage, each stage when the one before it is ready."""
        stages = sorted({program.stage for program in self._programs.values()})
        for stage in stages:
            names = [name for name, program in self._programs.items() if program.stage == stage]
            for name in names:
                self.start(name)
            for name in names:
                self.wait_ready(name)
            if "postgres" in names:
                self.prepare_schemas()

    def change(self, name: str, changed: Callable[[Command], Command]) -> None:
        """Have a program started by another command from its next start on, made from the usual one."""
        program = self._programs[name]
        self._programs[name] = replace(program, prepare=lambda: changed(program.prepare()))

    def prepare_schemas(self) -> None:
        """Make the roles, the schemas and their tables."""
        asyncio.run(prepare_schemas(self.house))

    def start(self, name: str) -> None:
        """Start a program, not waiting until it is ready."""
        self._running[name] = spawn(self._programs[name].prepare(), self.house.log(name))

    def kill(self, name: str) -> None:
        """Kill a program with all of its processes, as kill -9 does."""
        kill_family(self._running.pop(name))

    def end(self, *names: str) -> dict[str, int]:
        """Ask programs to end and wait until they have finished what they run; returns their exit codes."""
        ending = {name: self._running.pop(name) for name in names}
        for name, process in ending.items():
            process.send_signal(signal.Signals[f"SIG{self._programs[name].stop_signal}"])
        try:
            return {name: process.wait(DEADLINE) for name, process in ending.items()}
        finally:
            for process in ending.values():
                if process.poll() is None:
                    kill_family(process)

    def wait_ready(self, name: str) -> None:
        """Wait until a program says that it is ready."""

        async def is_ready() -> bool:
            return await self._programs[name].probe() is None

        wait_for(
            lambda: asyncio.run(is_ready()),
            f"{name} is ready",
            about=lambda: last_lines(self.house.log(name)),
        )

    def stop_all(self) -> None:
        """Ask everything to end, the last stage first; insist after a while."""
        for stage in sorted({program.stage for program in self._programs.values()}, reverse=True):
            ending = [
                (program, self._running.pop(name))
                for name, program in self._programs.items()
                if program.stage == stage and name in self._running
            ]
            for program, process in ending:
                process.send_signal(signal.Signals[f"SIG{program.stop_signal}"])
            for _, process in ending:
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    kill_family(process)

    def processes(self) -> dict[str, list[int]]:
        """The process ids of each program, its children included."""
        return {name: _family(process.pid) for name, process in self._running.items()}

    def import_export(self, path: Path) -> str:
        """Upload an export; returns the job's id."""
        with path.open("rb") as file:
            answer = self.client.post(
                "/api/v1/ingestion/imports",
                params={"filename": path.name},
                content=iter(lambda: file.read(1 << 18), b""),
                headers={"Content-Type": "application/json"},
                timeout=600,
            )
        assert answer.status_code == 202, answer.text
        return str(answer.json()["run_id"])

    def job(self, job_id: str) -> dict[str, Any]:
        """A job as the gateway shows it."""
        found: dict[str, Any] = self.client.get(f"/api/v1/ingestion/jobs/{job_id}").raise_for_status().json()
        return found

    def is_over(self, job_id: str) -> bool:
        """Whether the gateway says that a job has ended; not while it cannot say anything."""
        try:
            return self.job(job_id)["status"] in {"completed", "failed", "cancelled"}
        except (httpx.HTTPError, ValueError):
            return False

    def post_update(self, update: dict[str, Any]) -> httpx.Response:
        """Send an update as Telegram does."""
        secret = {"X-Telegram-Bot-Api-Secret-Token": self.house.secrets["webhook_secret"]}
        return self.client.post("/webhook/telegram", content=json.dumps(update), headers=secret)

    def enqueue(self, message: "dramatiq.Message[Any]") -> None:
        """Put a task on its queue by hand, past every outbox."""
        work = encode_work(message, "tt")

        async def publish() -> None:
            client = await nats.connect(nats_address(self.house))
            await client.jetstream().publish(work.subject, work.payload, headers=work.headers)
            await client.close()

        asyncio.run(publish())

    def send_with_one_try_left(
        self, message_id: int, headers: Mapping[str, str], **options: Any
    ) -> "dramatiq.Message[Any]":
        """Have a message scored by a task that has failed so often that it has one try left.

        Args:
            message_id: The message to be scored.
            headers: Of the chain to which the task belongs.
            options: Of the task, besides.

        Returns:
            The task.
        """
        message: dramatiq.Message[Any] = dramatiq.Message(
            queue_name="scoring",
            actor_name="score_message_task",
            args=(),
            kwargs={"message_id": message_id},
            options={"retries": MOST_RETRIES, "headers": dict(headers), **options},
        )
        self.enqueue(message)
        return message

    @contextmanager
    def without_scores(self) -> Iterator[None]:
        """Within, scoring cannot keep a score."""
        self.rows("ALTER TABLE scoring.scores RENAME TO scores_away")
        try:
            yield
        finally:
            self.rows("ALTER TABLE scoring.scores_away RENAME TO scores")

    def rows(self, statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """Ask the database itself, as its superuser."""

        async def ask() -> list[tuple[Any, ...]]:
            connection = await asyncpg.connect(admin_database_url(self.house, "tasktracker"))
            try:
                return [tuple(row) for row in await connection.fetch(statement, *arguments)]
            finally:
                await connection.close()

        return asyncio.run(ask())

    def count(self, statement: str, *arguments: Any) -> int:
        """A single number from the database; -1 while it does not answer."""
        try:
            return int(self.rows(statement, *arguments)[0][0])
        except (OSError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError):
            return -1


def nats_address(house: House) -> str:
    """Where the house's NATS server is, with its password."""
    return nats_url(house.ports["nats"], house.secrets["nats"])


def refused_by_nats(house: House) -> list[str]:
    """What a service tried and NATS did not let it: lines of the server's log.

    The leave to answer a question ends with the life of the server that took it: an answer to one that was
    asked before the server was killed goes nowhere, and is nothing that was not permitted.
    """
    log, refused, lives = house.log("nats"), [], 0
    for line in log.read_text().splitlines() if log.exists() else ():
        lives += "Starting nats-server" in line
        is_late_answer = lives > 1 and 'Publish Violation - Subject "_INBOX.' in line
        if "Violation" in line and not is_late_answer:
            refused.append(line)
    return refused


@contextmanager
def running_system(
    folder: Path,
    *,
    without: Collection[str] = (),
    changes: Mapping[str, Callable[[Command], Command]] | None = None,
    **settings: str,
) -> Iterator[System]:
    """Start everything in a folder of its own; stop it at the end.

    Each service may do on NATS what `deploy.topology` says, and no more: whoever tried more fails the test.

    Args:
        folder: Where data and logs go; not there yet.
        without: Programs that are left out, for example `UNDERSTANDING`.
        changes: Makes the commands of some programs from their usual ones.
        settings: Of the local run, e.g. `TT_OTLP_ENDPOINT="http://…"`.
    """
    ours = {name: value for name, value in os.environ.items() if not name.startswith("TT_")}
    house = open_house({**ours, "TT_LOCAL_DIR": str(folder), **settings})
    headers = {"Authorization": f"Bearer {house.api_key}"}
    with httpx.Client(base_url=house.gateway_url, headers=headers, trust_env=False, timeout=30) as client:
        system = System(house, client, without)
        for name, changed in (changes or {}).items():
            system.change(name, changed)
        try:
            system.start_all()
            yield system
        finally:
            system.stop_all()
    assert not (lines := refused_by_nats(house)), "\n".join(lines)


def wait_for(
    condition: Callable[[], bool],
    what: str,
    *,
    seconds: float = DEADLINE,
    about: Callable[[], object] = lambda: "",
) -> None:
    """Wait until a condition holds; fail with what was waited for, and what is known about it."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}\n{about()}"
        time.sleep(_POLL)


def kill_family(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with all that it has started."""
    for member in _family(process.pid):
        with suppress(ProcessLookupError):
            os.kill(member, signal.SIGKILL)
    process.wait(DEADLINE)


def _family(leader: int) -> list[int]:
    """A live process, its descendants, and whatever is in its session."""
    parents: dict[int, int] = {}
    sessions: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            state, parent, _, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if state != "Z":
            parents[int(entry.name)], sessions[int(entry.name)] = int(parent), int(session)
    family = {leader} & parents.keys() | {pid for pid, session in sessions.items() if session == leader}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return sorted(family)
