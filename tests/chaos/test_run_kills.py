"""kill -9 again and again during an analysis run: every batch's proposals are there once, and paid once."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import httpx
import nats
import pytest

from deploy.local.command import Command
from deploy.local.programs import admin_database_url
from dramatiq_nats.naming import consumer_name, stream_name
from shared.messaging.names import broker_namespace
from tests.e2e.test_knowledge import following, frames_until, get
from tests.fakes.llm import ChatRequest, LlmServer, Says, running_llm_server
from tests.system import System, nats_address, running_system, wait_for

BATCHES, LINES = 20, 50
BEGAN = datetime(2026, 3, 2, 8, tzinfo=UTC)
WITHOUT = ("embeddings", "embedding", "knowledge")
QUEUE = "analysis"
SOON_FORGOTTEN = {"TT_DEAD_AFTER": "10", "TT_STUCK_EVERY": "1"}
"""A message whose worker was killed five times is laid aside as poison: its run is then to be woken soon."""

SUBJECTS = ("експорт звіту", "оплата карткою", "вхід через пошту", "мапа доставки", "друк етикеток")


@dataclass
class Model:
    """Answers each batch with one to three tasks, after a moment, or once it is let.

    Attributes:
        stops_at: The conversation at which it thinks until it is let.
        let: Let it answer that.
        is_thinking: It has come to that.
    """

    stops_at: int = 0
    let: threading.Event = field(default_factory=threading.Event)
    is_thinking: threading.Event = field(default_factory=threading.Event)

    def answer(self, request: ChatRequest) -> dict[str, Any]:
        """What it says about a batch."""
        lines = request.data["lines"]
        talk = talk_of(lines[0]["text"])
        if talk == self.stops_at:
            self.is_thinking.set()
            self.let.wait(60)
        return {"proposals": [a_task(line) for line in lines[: how_many(talk)]]}

    def stop_at(self, talk: int) -> None:
        """Think about the next question on this conversation until it is let."""
        self.let.clear()
        self.is_thinking.clear()
        self.stops_at = talk


def a_task(line: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": f"Полагодити: {line['text'].partition(':')[0]}",
        "description": line["text"],
        "category": "bug",
        "priority": "high",
        "tags": [],
        "sub_tasks": [],
        "component": None,
        "quotes": [{"message": line["number"], "text": line["text"]}],
        "confidence": 0.8,
        "reasoning": "Про це сказано прямо.",
        "recommendation": "approve",
        "repeats": None,
        "details": None,
    }


def said(talk: int, line: int) -> str:
    subject = SUBJECTS[(talk + line) % len(SUBJECTS)]
    return (
        f"Випадок {talk}/{line}: не працює {subject}, клієнти отримують помилку {500 + line} "
        "і просять виправити до кінця тижня, інакше зупиняємо реліз"
    )


def talk_of(text: str) -> int:
    return int(text.removeprefix("Випадок ").partition("/")[0])


def how_many(talk: int) -> int:
    return talk % 3 + 1


def write_chat(path: Path) -> None:
    """Conversations an hour apart, each as long as a batch."""
    messages = []
    for number in range(BATCHES * LINES):
        talk, line = divmod(number, LINES)
        sent_at, text = BEGAN + timedelta(hours=talk, seconds=20 * line), said(talk + 1, line + 1)
        messages.append(
            {
                "id": number + 1,
                "type": "message",
                "date": f"{sent_at:%Y-%m-%dT%H:%M:%S}",
                "date_unixtime": str(int(sent_at.timestamp())),
                "from": f"Людина {line % 4}",
                "from_id": f"user{line % 4 + 1}",
                "text": text,
                "text_entities": [{"type": "plain", "text": text}],
            }
        )
    chat = {"name": "Підтримка", "type": "private_supergroup", "id": 1_777_000_555, "messages": messages}
    path.write_text(json.dumps(chat, ensure_ascii=False), encoding="utf-8")


@pytest.fixture
def llm() -> Iterator[LlmServer]:
    with running_llm_server() as server:
        yield server


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    with running_system(tmp_path / "system", without=WITHOUT, TT_LOG_LEVEL="INFO") as started:
        give_settings(started, SOON_FORGOTTEN)
        yield started


def give_settings(system: System, settings: dict[str, str]) -> None:
    """Have analysis started with these settings from its next start on."""
    program = system._programs["analysis"]

    def prepare() -> Command:
        command = program.prepare()
        return replace(command, env={**command.env, **settings})

    system._programs["analysis"] = replace(program, prepare=prepare)


@dataclass
class Watched:
    """A run as those see it who ask for it.

    Attributes:
        progress: `batches_done` at each look.
    """

    system: System
    run_id: str
    progress: list[int] = field(default_factory=list)

    def look(self) -> dict[str, Any] | None:
        """The run; None while analysis does not answer."""
        try:
            found: dict[str, Any] = get(self.system, f"runs/{self.run_id}")
        except httpx.HTTPError:
            return None
        self.progress.append(found["batches_done"])
        return found

    def is_completed(self) -> bool:
        found = self.look()
        assert found is None or found["status"] in {"running", "completed"}, found
        return found is not None and found["status"] == "completed"


@dataclass
class Killer:
    """Kills analysis at a moment of one's choice, and has what it worked on delivered again."""

    system: System
    model: Model
    watched: Watched
    kills: int = 0

    def kill(self) -> None:
        self.system.kill("analysis")
        self.kills += 1
        asyncio.run(let_ack_wait_pass(self.system))

    def kill_when_waiting(self, held: str, statement: str, *, meanwhile: Callable[[], object]) -> None:
        """Kill it within a statement that another transaction keeps waiting.

        Args:
            held: What the other transaction does.
            statement: How the statement begins.
            meanwhile: Done while it is held.
        """
        with holding(self.system, held):
            meanwhile()
            wait_for(lambda: self._waits_in(statement), f"it waits in {statement}", about=self.watched.look)
            self.kill()

    def kill_when_asking(self, talk: int) -> None:
        """Kill it while the model thinks about a conversation."""
        self._work_until_asked_about(talk)
        self.kill()
        self.model.let.set()

    def kill_when_answered(self, talk: int) -> None:
        """Kill it when the answer has come and is not kept yet."""
        self._work_until_asked_about(talk)
        self.kill_when_waiting(lock("llm_answers"), "INSERT INTO llm_answers", meanwhile=self.model.let.set)

    def kill_when_saving(self, talk: int) -> None:
        """Kill it when a batch's proposals are inserted, but not all that is to be saved with them."""
        self._work_until_asked_about(talk)
        self.kill_when_waiting(
            lock("proposal_changes"), "INSERT INTO analysis.proposal_changes", meanwhile=self.model.let.set
        )

    def kill_behind(self, talk: int) -> None:
        """Kill it as soon as a batch is seen to be done, whatever it does then."""
        self._work_until_asked_about(talk)
        self.model.let.set()
        done = "SELECT next_batch - 1 FROM analysis.analysis_runs WHERE id = $1"
        wait_for(lambda: self.system.count(done, UUID(self.watched.run_id)) >= talk, f"batch {talk} is done")
        self.kill()

    def _work_until_asked_about(self, talk: int) -> None:
        self.model.stop_at(talk)
        self.system.start("analysis")
        wait_for(
            lambda: self.watched.look() is not None and self.model.is_thinking.is_set(),
            f"the model is asked about conversation {talk}",
            about=self.watched.look,
        )

    def _waits_in(self, statement: str) -> bool:
        waiting = """
            SELECT count(*) FROM pg_stat_activity
            WHERE application_name = 'task-tracker analysis' AND wait_event_type = 'Lock'
              AND starts_with(ltrim(query, E' \n'), $1)
        """
        return self.system.count(waiting, statement) > 0


def lock(table: str) -> str:
    return f"LOCK TABLE analysis.{table} IN EXCLUSIVE MODE"


@contextmanager
def holding(system: System, statement: str) -> Iterator[None]:
    """A transaction that has done something, and is rolled back at the end."""
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(admin_database_url(system.house, "tasktracker")))
        try:
            runner.run(connection.execute(f"BEGIN; {statement}"))
            yield
        finally:
            runner.run(connection.execute("ROLLBACK"))
            runner.run(connection.close())


async def let_ack_wait_pass(system: System) -> None:
    """Have what killed workers held delivered again, as if the half minute had passed; they set it anew."""
    client = await nats.connect(nats_address(system.house))
    try:
        js, stream = client.jetstream(), stream_name(broker_namespace(""))
        config = (await js.consumer_info(stream, consumer_name(QUEUE))).config
        await js.add_consumer(stream, config.evolve(ack_wait=0.2))
    finally:
        await client.close()


def use_model(system: System, llm: LlmServer, model: Model) -> None:
    """Have the fake model propose tasks."""
    provider = {
        "name": "Модель",
        "type": "openai",
        "base_url": llm.url,
        "chat_model": "chat-model",
        "prices": {"input": 1.0, "output": 1.0},
        "activate": ["task_proposer"],
    }
    made = system.client.post("/api/v1/providers", json=provider)
    assert made.status_code == 201, made.text

    def proposes() -> bool:
        agents = get(system, "agents")["items"]
        return any(
            agent["active"] and agent["kind"] == "task_proposer" and agent["provider_id"] == made.json()["id"]
            for agent in agents
        )

    wait_for(proposes, "the model proposes tasks")
    llm.chat.always(Says(model.answer, after=0.1))
    llm.chat.requests.clear()


def make_run(system: System) -> str:
    project = system.client.post("/api/v1/projects", json={"name": "Підтримка"}).raise_for_status().json()
    window = {"since": BEGAN.isoformat(), "until": (BEGAN + timedelta(days=2)).isoformat()}
    run = system.client.post("/api/v1/runs", json={"project_id": project["id"], **window}).raise_for_status()
    return str(run.json()["id"])


def test_run_that_is_killed_again_and_again_proposes_everything_once(
    system: System, llm: LlmServer, tmp_path: Path
) -> None:
    write_chat(tmp_path / "result.json")
    job_id = system.import_export(tmp_path / "result.json")
    model = Model()
    use_model(system, llm, model)
    wait_for(lambda: system.is_over(job_id), "the chat is imported")
    scores = "SELECT count(*) FROM scoring.scores"
    wait_for(lambda: system.count(scores) == BATCHES * LINES, "all is scored")
    run_id = make_run(system)
    watched = Watched(system, run_id)
    killer = Killer(system, model, watched)

    with ThreadPoolExecutor(1) as beside, following(system, "analysis") as client:
        told = beside.submit(frames_until, client, "analysis.run_completed", seconds=170)
        kill_again_and_again(killer)
        system.start("analysis")
        wait_for(watched.is_completed, "the run is completed", about=watched.look)
        frames = told.result(timeout=30)

    assert killer.kills == 9
    run = watched.look()
    assert run is not None
    assert (run["messages_kept"], run["batches_total"], run["batches_done"]) == (1000, BATCHES, BATCHES)
    assert (run["batches_failed"], run["proposals_dropped"], run["quotes_dropped"]) == (0, 0, 0)
    progress = [frame["data"]["batches_done"] for frame in frames if "batches_done" in frame["data"]]
    assert set(progress) == set(range(1, BATCHES + 1))
    assert progress == sorted(progress), "progress is never told backwards"
    assert watched.progress == sorted(watched.progress), "nor seen so"
    every_batch_proposed_once(system, run_id)
    nothing_was_paid_twice(system, llm, run)


def kill_again_and_again(killer: Killer) -> None:
    """Two kills while the run is planned, then others further and further on."""
    system, run_id = killer.system, killer.watched.run_id

    def start() -> None:
        system.client.post(f"/api/v1/runs/{run_id}/start").raise_for_status()

    killer.kill_when_waiting(lock("run_batches"), "DELETE FROM analysis.run_batches", meanwhile=start)
    # Somebody else's row in the way of the second page's batches: those of the first are kept by then.
    taken = f"INSERT INTO analysis.run_batches (run_id, number, message_ids) VALUES ('{run_id}', 15, '{{1}}')"  # noqa: S608
    killer.kill_when_waiting(
        taken, "INSERT INTO analysis.run_batches", meanwhile=lambda: system.start("analysis")
    )
    planned = "SELECT count(*) FROM analysis.run_batches WHERE run_id = $1"
    assert 0 < system.count(planned, UUID(run_id)) < BATCHES, "it was killed with half a plan"
    killer.kill_when_asking(2)
    killer.kill_when_answered(4)
    killer.kill_when_saving(6)
    killer.kill_when_asking(9)
    killer.kill_when_answered(12)
    killer.kill_when_saving(15)
    killer.kill_behind(18)


def every_batch_proposed_once(system: System, run_id: str) -> None:
    found = system.rows(
        "SELECT id, batch, place, title FROM analysis.task_proposals WHERE run_id = $1 ORDER BY batch, place",
        UUID(run_id),
    )
    wanted = [
        (uuid5(UUID(run_id), f"{talk}/{place}"), talk, place, f"Полагодити: Випадок {talk}/{place}")
        for talk in range(1, BATCHES + 1)
        for place in range(1, how_many(talk) + 1)
    ]
    assert found == wanted
    changes = """
        SELECT count(*) FROM analysis.proposal_changes AS change
        JOIN analysis.task_proposals AS proposal ON proposal.id = change.proposal_id
        WHERE proposal.run_id = $1
    """
    assert system.count(changes, UUID(run_id)) == len(wanted)


def nothing_was_paid_twice(system: System, llm: LlmServer, run: dict[str, Any]) -> None:
    asked = Counter(talk_of(request.data["lines"][0]["text"]) for request in llm.chat.requests)
    assert set(asked) == set(range(1, BATCHES + 1))
    # Of the kills two came while it thought, two before its answer was kept, and one at any moment.
    assert BATCHES + 4 <= asked.total() <= BATCHES + 5, asked
    calls = "SELECT count(*) FROM analysis.llm_usage WHERE run_id = $1 AND NOT cached AND error IS NULL"
    wait_for(lambda: system.count(calls, UUID(run["id"])) >= BATCHES, "all calls are accounted for")
    answers = "SELECT sum(input_tokens), sum(output_tokens) FROM analysis.llm_answers WHERE task = $1"
    accounts = """
        SELECT count(*), sum(input_tokens), sum(output_tokens) FROM analysis.llm_usage
        WHERE run_id = $1 AND task = $2 AND NOT cached
    """
    ((kept_input, kept_output),) = system.rows(answers, "propose_tasks")
    assert system.rows(accounts, UUID(run["id"]), "propose_tasks") == [(BATCHES, kept_input, kept_output)]
    # The kill at any moment may have come between an answer and the run's own account of it.
    assert BATCHES - 1 <= run["calls"] <= BATCHES
    assert run["calls"] + run["cached_calls"] >= BATCHES
    assert run["input_tokens"] <= kept_input
