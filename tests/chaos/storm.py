"""kill -9 of anything at any moment, while the sample chat becomes knowledge and tasks: is all there, once?

    make chaos CHAOS_ARGS="--seed 7 --kills 60"

Everything runs as on a person's machine. Clients do what clients do: they ask again until they are answered,
with the same Idempotency-Key. The figures at the end come from the database itself.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from deploy.local.chat import SAMPLE
from tests.chaos.storm_checks import CHECKS, MESSAGES, NOT_EMBEDDED, UNSAID, Check
from tests.system import System, running_system, wait_for

_VICTIMS = {
    "ingestion": 2,
    "scoring": 2,
    "embedding": 3,
    "knowledge": 4,
    "analysis": 4,
    "gateway": 2,
    "embeddings": 1,
    "nats": 1,
    "postgres": 1,
}
"""How likely each is to be killed; those that work longest are killed most."""

_AWAY = (0.0, 0.0, 0.5, 3.0)
_PATIENCE = 300.0
_CALM_SECONDS = 5.0
_ENDED = {"completed", "failed", "cancelled"}


class Storm:
    """Kills what it chooses at random, as often as it is told, and starts it again."""

    def __init__(self, system: System, seed: int) -> None:
        self._system = system
        self._dice = random.Random(seed)  # noqa: S311 - to be repeated
        self.began = time.monotonic()

    def blow(self, kills: int, until: Callable[[], bool] = lambda: False) -> int:
        """Kill one or two programs every few seconds; returns how many were killed."""
        killed = 0
        while killed < kills and not until():
            time.sleep(self._dice.uniform(0.5, 6))
            chosen = self._dice.choices([*_VICTIMS], [*_VICTIMS.values()], k=self._dice.choice((1, 1, 1, 2)))
            victims = sorted(set(chosen))
            say(self.began, "kill -9 " + " and ".join(victims))
            for victim in victims:
                self._system.kill(victim)
            time.sleep(self._dice.choice(_AWAY))
            for victim in victims:
                self._system.start(victim)
            killed += len(victims)
        return killed

    def pass_by(self) -> None:
        """Wait until everything is ready again."""
        for name in self._system.processes():
            self._system.wait_ready(name)


def say(began: float, what: str) -> None:
    """A line with the seconds since the beginning."""
    sys.stdout.write(f"{time.monotonic() - began:7.1f}  {what}\n")
    sys.stdout.flush()


def insist(system: System, path: str, body: dict[str, Any], key: str) -> Any:
    """POST until there is an answer, as one request however often it is sent; returns what it says."""
    said: list[object] = []

    def is_answered() -> bool:
        try:
            answer = system.client.post(f"/api/v1/{path}", json=body, headers={"Idempotency-Key": key})
        except httpx.HTTPError as error:
            said.append(repr(error))
            return False
        said.append(answer.json() if answer.is_success else answer.text)
        assert answer.is_success or answer.status_code in {409, 429, 503}, answer.text
        return answer.is_success

    wait_for(is_answered, f"an answer to POST {path}", seconds=_PATIENCE, about=lambda: said[-3:])
    return said[-1]


def ask(system: System, path: str) -> Any:
    """GET until there is an answer."""
    found: list[Any] = []

    def is_answered() -> bool:
        try:
            answer = system.client.get(f"/api/v1/{path}")
        except httpx.HTTPError:
            return False
        found.append(answer.json())
        return answer.is_success

    wait_for(is_answered, f"an answer to GET {path}", seconds=_PATIENCE, about=lambda: found[-1:])
    return found[-1]


def is_calm(system: System) -> bool:
    """Whether nothing waits, runs or is left unsaid, in any queue and any outbox."""
    if system.count(UNSAID):
        return False
    queues = ask(system, "tasks/queues")["items"]
    return not any(
        queue[state] for queue in queues for state in ("ready", "in_progress", "in_line", "delayed")
    )


def come_to_rest(system: System) -> None:
    """Wait until it has been calm for some seconds: what waits for its time is then done, too."""
    calm_since: list[float] = []

    def is_at_rest() -> bool:
        time.sleep(0.5)
        if not is_calm(system):
            calm_since.clear()
            return False
        calm_since.append(time.monotonic())
        return calm_since[-1] - calm_since[0] >= _CALM_SECONDS

    wait_for(is_at_rest, "all is at rest", seconds=_PATIENCE, about=lambda: ask(system, "tasks/queues"))


def come_to_an_end(system: System, began: float) -> None:
    """Wait until all is at rest; what was given up is sent again once, as its run-book says.

    A task whose worker was killed five times counts as the one that killed it, and is a dead letter.
    """
    come_to_rest(system)
    sent = insist(system, "tasks/dead-letters/requeue", {"all": True}, key=str(uuid4()))["count"]
    if sent:
        say(began, f"{sent} dead letters are sent again")
        come_to_rest(system)


def knowledge_of(system: System, storm: Storm, kills: int) -> int:
    """Import the sample chat and have it understood, in a storm; returns the kills."""
    job = system.import_export(SAMPLE)
    told = partial(system.count, "SELECT count(*) FROM knowledge.pending_messages")
    killed = storm.blow(kills, until=lambda: told() == MESSAGES)
    wait_for(lambda: told() == MESSAGES, "knowledge is told of all messages", seconds=_PATIENCE, about=told)
    wait_for(lambda: system.is_over(job), "the import ends", seconds=_PATIENCE)
    period = {"since": "2013-08-14T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
    insist(system, "knowledge/extractions", period, key="extraction")
    killed += storm.blow(kills - killed)
    storm.pass_by()
    come_to_an_end(system, storm.began)
    return killed


def tasks_of(system: System, storm: Storm, kills: int) -> int:
    """Have tasks proposed of it, in a storm; returns the kills."""
    (chat,) = ask(system, "chats")["items"]
    project = insist(system, "projects", {"name": "Storm", "chat_ids": [chat["id"]]}, key="project")
    latest = "SELECT max(sent_at), max(sent_at) - interval '3 weeks' FROM ingestion.messages"
    ((until, since),) = system.rows(latest)
    window = {"since": since.isoformat(), "until": until.isoformat()}
    run = insist(system, "runs", {"project_id": project["id"], **window}, key="run")
    insist(system, f"runs/{run['id']}/start", {}, key="start")
    killed = storm.blow(kills)
    storm.pass_by()
    come_to_an_end(system, storm.began)
    wait_for(lambda: ask(system, f"runs/{run['id']}")["status"] in _ENDED, "the run ends", seconds=_PATIENCE)
    return killed


def findings(system: System) -> Sequence[tuple[str, int, int]]:
    """What was found, what it is, and what it ought to be."""
    ((space,),) = system.rows("SELECT id FROM embedding.vector_spaces WHERE status = 'active'")
    not_embedded = Check("texts without their vector", NOT_EMBEDDED.format(space=space))
    dead = sum(queue["dead"] for queue in ask(system, "tasks/queues")["items"])
    return [
        *((check.what, system.count(check.statement), check.expected) for check in (*CHECKS, not_embedded)),
        ("dead letters", dead, 0),
    ]


def main() -> None:
    """Let the storm blow, and print what is left; ends with 1 when anything is lost or doubled."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1, help="whom it kills, and when")
    parser.add_argument("--kills", type=int, default=40, help="programs to be killed, at least")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="storm-") as folder,
        running_system(Path(folder) / "system", TT_LOG_LEVEL="INFO") as system,
    ):
        storm = Storm(system, given.seed)
        killed = knowledge_of(system, storm, given.kills * 2 // 3)
        killed += tasks_of(system, storm, given.kills - killed)
        found = findings(system)
        counts = {
            name: system.count(f"SELECT count(*) FROM {table}")  # noqa: S608 - names of our own
            for name, table in (
                ("topics", "knowledge.topics"),
                ("atoms", "knowledge.atoms"),
                ("proposals", "analysis.task_proposals"),
            )
        }
    say(storm.began, f"{killed} programs were killed; {counts}")
    for what, number, expected in found:
        sys.stdout.write(
            f"{what:<44}{number:>6}{'' if number == expected else f'   instead of {expected}'}\n"
        )
    sys.exit(any(number != expected for _, number, expected in found))


if __name__ == "__main__":
    main()
