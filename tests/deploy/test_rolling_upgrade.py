"""From one release to the next while messages flow: both run over one queue and one schema, nothing is lost.

The releases are real: the next one is a copy of this code with migrations, columns and contracts that have
grown (`rolling/release.py`). Its expand migrations run beside this release; then both releases of ingestion,
scoring and the gateway do the work together; then the earlier ones are told to end; then the contract
migration runs.
"""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from deploy.local.command import last_lines, spawn
from deploy.local.house import House
from deploy.local.ports import free_port
from deploy.local.programs import Program, database_url, programs
from shared.database.engine import bind_database, dispose_database
from shared.service.health import look, migrations_of
from tests.deploy.rolling.balancer import Balancer
from tests.deploy.rolling.release import (
    Release,
    contracted_release,
    environment_of,
    next_release,
    this_release,
)
from tests.deploy.rolling.traffic import Traffic
from tests.system import DEADLINE, UNDERSTANDING, System, kill_family, running_system, wait_for

ROLLED = ("ingestion", "scoring", "gateway")
ENOUGH = 25
"""Messages that must have gone each way before the next step."""

# Which release a message went through: by the command that ingestion sent and the row that scoring wrote.
_WAYS = """
    SELECT sent.by_next, scores.scored_by IS NOT NULL, count(*) FROM scoring.scores JOIN (
        SELECT (body -> 'kwargs' ->> 'message_id')::bigint AS message_id,
            body -> 'kwargs' ? 'road' AS by_next
        FROM (SELECT convert_from(payload, 'UTF8')::jsonb AS body FROM ingestion.outbox) AS said
        WHERE body ->> 'actor_name' = 'score_message_task'
    ) AS sent USING (message_id)
    GROUP BY 1, 2
"""
_SAID = """
    SELECT (convert_from(payload, 'UTF8')::jsonb #>> '{score,message_id}')::bigint, count(*)
    FROM scoring.outbox WHERE subject LIKE '%scoring.message_scored' GROUP BY 1
"""
# What the catch-up scored, which whoever begins to lead the outbox sends: it tells of all of it together.
_CAUGHT_UP = """
    SELECT coalesce(sum((convert_from(payload, 'UTF8')::jsonb ->> 'success')::bigint), 0)
    FROM scoring.outbox WHERE subject LIKE '%scoring.batch_scored'
"""


@dataclass
class Beside:
    """The next release's processes, beside those of the system.

    Attributes:
        house: The same servers and passwords, ports and a folder of their own.
        installation: The folder of the system, where its keys are.
    """

    house: House
    release: Release
    installation: Path
    running: dict[str, subprocess.Popen[bytes]]
    programs: dict[str, Program]

    @classmethod
    def make(cls, system: System, release: Release, folder: Path) -> "Beside":
        """Describe them; nothing is started."""
        ports = {**system.house.ports, **{name: free_port() for name in ROLLED}}
        house = replace(system.house, directory=folder, ports=ports)
        folder.mkdir()
        found = {program.name: program for program in programs(house) if program.name in ROLLED}
        return cls(house, release, system.house.directory, {}, found)

    @property
    def gateway_port(self) -> int:
        return self.house.ports["gateway"]

    def log(self, name: str) -> Path:
        """The log of a program."""
        return self.house.directory / f"{name}.log"

    def start(self, name: str) -> None:
        """Start a program of the next release."""
        command = self.programs[name].prepare()
        environment = {key: self._place(key, value) for key, value in command.env.items()}
        environment |= self.release.environment
        theirs = replace(command, env=environment, cwd=str(self.release.tree))
        self.running[name] = spawn(theirs, self.log(name))

    def _place(self, key: str, value: str) -> str:
        """What each counts is its own; keys are the installation's."""
        if key == "PROMETHEUS_MULTIPROC_DIR":
            return value
        return value.replace(str(self.house.directory), str(self.installation))

    def wait_ready(self, name: str) -> None:
        """Wait until it says so."""

        async def is_ready() -> bool:
            return await self.programs[name].probe() is None

        wait_for(lambda: asyncio.run(is_ready()), f"next {name}", about=lambda: last_lines(self.log(name)))

    def end(self) -> dict[str, int]:
        """Ask what runs to end and wait until it has finished its work; returns the exit codes."""
        ending, self.running = self.running, {}
        for process in ending.values():
            process.send_signal(signal.SIGTERM)
        try:
            return {name: process.wait(DEADLINE) for name, process in ending.items()}
        finally:
            for process in ending.values():
                if process.poll() is None:
                    kill_family(process)


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    with running_system(tmp_path / "system", without=UNDERSTANDING, TT_LOG_LEVEL="INFO") as started:
        yield started


@pytest.fixture
def beside(system: System, tmp_path: Path) -> Iterator[Beside]:
    made = Beside.make(system, next_release(tmp_path / "next"), tmp_path / "beside")
    try:
        yield made
    finally:
        made.end()


@pytest.fixture
def traffic(system: System) -> Iterator[Traffic]:
    house = system.house
    balancer = Balancer(house.ports["gateway"])
    made = Traffic(balancer, house.api_key, house.secrets["webhook_secret"])
    for name in ROLLED:
        made.probed[f"this {name}"] = f"http://127.0.0.1:{house.ports[name]}"
    try:
        made.start()
        yield made
    finally:
        made.stop()


def migrate(system: System, release: Release) -> subprocess.CompletedProcess[str]:
    """Run a release's migrations of scoring, as its job does before its roll-out."""
    return subprocess.run(
        [sys.executable, "-m", "shared.database.migrate", "scoring"],
        env={**environment_of(release), "TT_DATABASE_URL": database_url(system.house, "scoring")},
        cwd=release.tree,
        capture_output=True,
        text=True,
        check=False,
    )


def ways(system: System) -> dict[tuple[bool, bool], int]:
    """Messages by which release sent them to scoring, and which scored them; True is the next one."""
    return {(sent, scored): number for sent, scored, number in system.rows(_WAYS)}


@pytest.mark.timeout(400)
def test_next_release_takes_over_while_messages_flow(
    system: System, beside: Beside, traffic: Traffic, tmp_path: Path
) -> None:
    _expand_beside_the_work(system, beside, traffic)
    _share_the_work(system, beside, traffic)
    _let_the_earlier_go(system, traffic)
    _contract(system, beside, traffic, tmp_path / "later")
    traffic.stop_sending()

    saved = _nothing_is_lost(system, traffic)
    _followers_missed_nothing(system, traffic, saved)
    _nobody_complained(system, beside, traffic)


def _expand_beside_the_work(system: System, beside: Beside, traffic: Traffic) -> None:
    sent = traffic.seen.sent
    done = migrate(system, beside.release)
    assert (done.returncode, done.stdout) == (0, "scoring: 0001_scoring -> 0003_by_road\n"), done.stderr
    looks = traffic.seen.looks["this scoring"]
    traffic.until(
        lambda: traffic.seen.looks["this scoring"] > looks + 2, "this release is probed on the new schema"
    )
    traffic.until(lambda: traffic.seen.sent > sent + ENOUGH, "messages flow")


def _share_the_work(system: System, beside: Beside, traffic: Traffic) -> None:
    for name in ROLLED:
        beside.start(name)
    for name in ROLLED:
        beside.wait_ready(name)
        traffic.probed[f"next {name}"] = f"http://127.0.0.1:{beside.house.ports[name]}"
    traffic.balancer.add(beside.gateway_port)
    traffic.until(
        lambda: len(found := ways(system)) == 4 and min(found.values()) >= ENOUGH,
        "each release scores what each release has saved",
        about=lambda: ways(system),
    )
    traffic.until(lambda: traffic.balancer.taken[beside.gateway_port] > ENOUGH, "both gateways are asked")


def _let_the_earlier_go(system: System, traffic: Traffic) -> None:
    port = system.house.ports["gateway"]
    traffic.balancer.take_out(port)
    traffic.until(lambda: traffic.balancer.unanswered[port] == 0, "what it was asked already is answered")
    for name in ROLLED:
        traffic.probed.pop(f"this {name}")
    assert system.end(*ROLLED) == dict.fromkeys(ROLLED, 0)
    sent = traffic.seen.sent
    traffic.until(lambda: traffic.seen.sent > sent + ENOUGH, "messages flow")


def _contract(system: System, beside: Beside, traffic: Traffic, folder: Path) -> None:
    done = migrate(system, contracted_release(beside.release, folder))
    assert done.returncode == 0, done.stderr
    assert done.stdout == "scoring: 0003_by_road -> 0004_known_scorer\n"
    sent = traffic.seen.sent
    traffic.until(lambda: traffic.seen.sent > sent + ENOUGH, "messages flow")
    assert not asyncio.run(_suits_this_release(system))
    refused = migrate(system, this_release())
    assert refused.returncode == 1
    assert "does not suit it any more" in refused.stderr


async def _suits_this_release(system: System) -> bool:
    bind_database(database_url(system.house, "scoring"), "scoring")
    try:
        return (await look({"migrations": migrations_of("scoring")})).status == "ok"
    finally:
        await dispose_database()


def _nothing_is_lost(system: System, traffic: Traffic) -> set[int]:
    """Returns the ids of what was sent after the warm-up."""
    seen = traffic.seen
    traffic.until(lambda: seen.sent == seen.begun, "every update is taken", about=lambda: seen.updates)
    traffic.until(
        lambda: system.count("SELECT count(*) FROM scoring.scores") == seen.sent,
        "all are scored",
        about=lambda: (seen.sent, system.rows("SELECT count(*) FROM scoring.scores")),
    )
    numbers = system.rows("SELECT telegram_message_id FROM ingestion.messages ORDER BY 1")
    assert [number for (number,) in numbers] == list(range(1, seen.sent + 1))
    matching = (
        "SELECT count(*) FROM scoring.scores JOIN ingestion.messages ON messages.id = scores.message_id"
    )
    assert system.count(matching) == seen.sent
    later = "SELECT id FROM ingestion.messages WHERE telegram_message_id > $1"
    return {number for (number,) in system.rows(later, seen.warm_up)}


def _followers_missed_nothing(system: System, traffic: Traffic, saved: set[int]) -> None:
    """Each follower was told once of each message, and once of each score that was not of the catch-up's."""
    said = dict(system.rows(_SAID))
    assert set(said.values()) == {1}
    assert len(said) + system.count(_CAUGHT_UP) == traffic.seen.sent
    expected = [("message.updated", number) for number in saved]
    expected += [("message_scored", number) for number in saved & said.keys()]

    def differing() -> list[object]:
        return [
            (follower, told, followed[told])
            for follower, followed in enumerate(traffic.seen.followed)
            for told in expected
            if followed[told] != 1
        ]

    traffic.until(lambda: not differing(), "followers were told all that was said, once", about=differing)
    assert traffic.seen.gaps == []


def _nobody_complained(system: System, beside: Beside, traffic: Traffic) -> None:
    seen = traffic.seen
    assert set(seen.updates) == {200}, seen.updates
    assert set(seen.reads) == {200}, seen.reads
    assert seen.notes == []
    assert seen.probes == {}
    headers = {"Authorization": f"Bearer {system.house.api_key}"}
    letters = httpx.get(
        f"{beside.house.gateway_url}/api/v1/tasks/dead-letters", headers=headers, trust_env=False
    )
    assert letters.raise_for_status().json()["items"] == []
    assert beside.end() == dict.fromkeys(ROLLED, 0)
    logs = [system.house.log(name) for name in ROLLED] + [beside.log(name) for name in ROLLED]
    assert [line for log in logs for line in complaints(log)] == []


def complaints(log: Path) -> list[str]:
    """Lines of warnings and worse, and whatever is no line of a log."""
    return [f"{log}: {line}" for line in log.read_text().splitlines() if not _is_calm(line)]


def _is_calm(line: str) -> bool:
    if line.startswith("{"):
        return json.loads(line)["level"] in {"DEBUG", "INFO"}
    return "[dramatiq.MainProcess] [INFO]" in line  # the parent of the processes, which has a log of its own
