"""What the tests of runs do, in a word each."""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from services.analysis import run_queries
from services.analysis.actors import execute_analysis_run
from shared.contracts.analysis import Prices
from shared.contracts.runs import (
    CancelRun,
    CloseRun,
    CreateRun,
    GetRun,
    ListRuns,
    RetryRun,
    RunPage,
    RunRecord,
    StartRun,
)
from shared.messaging.transaction import transaction
from tests.fakes.llm import ChatRequest, LlmServer, Says
from tests.integration.analysis.configuring import a_project
from tests.integration.analysis.looking import a_provider, an_agent, rows
from tests.integration.analysis.spoken_chat import BEGAN, UNTIL

BY = "Олена"


async def told(statement: str, **parameters: Any) -> None:
    """Change what the service's own schema holds."""
    async with transaction() as tx:
        await tx.execute(text(statement), parameters)


async def a_proposer(llm: LlmServer, name: str = "Модель", **given: Any) -> UUID:
    """An agent that proposes tasks with the model on the test's server, which asks for money."""
    defaults: dict[str, Any] = {"type": "openai", "chat_model": "chat-model", "document_model": None}
    defaults |= {"base_url": llm.url, "prices": Prices(input=100.0, output=100.0)}
    provider = await a_provider(name, **defaults)
    limits = {"max_tokens_per_run": 10_000_000, "max_cost_per_run": 1000.0}
    agent = await an_agent(provider.id, name, kind="task_proposer", **(limits | given))
    return agent.id


async def made(**given: Any) -> RunRecord:
    """A run of a new project, unless something else is said; it waits to be started."""
    if "project_id" not in given:
        given["project_id"] = (await a_project(f"Каса {uuid4()}")).id
    defaults: dict[str, Any] = {"run_id": uuid4(), "since": BEGAN, "until": UNTIL, "created_by": BY}
    return await run_queries.create_run(CreateRun(**(defaults | {"use_rag": False} | given)))


async def started(run_id: UUID) -> RunRecord:
    """The run once a person has started it."""
    return await run_queries.start_run(StartRun(run_id=run_id))


async def begun(llm: LlmServer, **given: Any) -> UUID:
    """A run by the model, started."""
    agent = {name: given.pop(name) for name in list(given) if name.startswith("max_")}
    run = await made(agent_id=await a_proposer(llm, **agent), **given)
    return (await started(run.id)).id


async def cancelled(run_id: UUID) -> RunRecord:
    """The run once a person has cancelled it."""
    return await run_queries.cancel_run(CancelRun(run_id=run_id))


async def retried(run_id: UUID) -> RunRecord:
    """The run once a person has had it retried."""
    return await run_queries.retry_run(RetryRun(run_id=run_id))


async def closed(run_id: UUID) -> RunRecord:
    """The run once a person has closed it."""
    return await run_queries.close_run(CloseRun(run_id=run_id, closed_by=BY))


async def executed(run_id: UUID, **given: Any) -> RunRecord:
    """The run after a worker's turn at it."""
    await execute_analysis_run(run_id=run_id, **given)
    return await now(run_id)


async def now(run_id: UUID) -> RunRecord:
    """The run as it stands."""
    return await run_queries.find_run(GetRun(run_id=run_id))


async def listed(**given: Any) -> RunPage:
    """A page of runs."""
    return await run_queries.page_of_runs(ListRuns(**given))


async def proposals(run_id: UUID) -> list[tuple[int, int, str]]:
    """Batch, place and title of all proposals of a run."""
    found = await rows(
        "SELECT batch, place, title FROM task_proposals WHERE run_id = :id ORDER BY batch, place", id=run_id
    )
    return [(batch, place, title) for batch, place, title in found]


def a_task(line: dict[str, Any], **given: Any) -> dict[str, Any]:
    """A model's proposal about a line, whose words it quotes."""
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
    } | given


def one_task(request: ChatRequest) -> dict[str, Any]:
    """One proposal a batch, about its first line."""
    return {"proposals": [a_task(request.data["lines"][0])]}


def title_of(talk: int) -> str:
    """What `one_task` calls a conversation's proposal."""
    return f"Полагодити: Випадок {talk}/1"


def asked_about(llm: LlmServer) -> Counter[int]:
    """How often the model was asked about each conversation."""
    firsts = [request.data["lines"][0]["text"] for request in llm.chat.requests if not request.is_repair]
    return Counter(int(first.removeprefix("Випадок ").partition("/")[0]) for first in firsts)


def nothing(request: ChatRequest) -> dict[str, Any]:
    """No proposal at all."""
    del request
    return {"proposals": []}


@dataclass
class Gate:
    """A model that answers once it is let."""

    says: Callable[[ChatRequest], dict[str, Any]]
    opened: threading.Event = field(default_factory=threading.Event)

    def answer(self, request: ChatRequest) -> dict[str, Any]:
        """Its answer."""
        self.opened.wait(20)
        return self.says(request)


@asynccontextmanager
async def while_the_model_thinks(
    run_id: UUID, llm: LlmServer, *, at: int = 1, says: Callable[[ChatRequest], dict[str, Any]] = one_task
) -> AsyncIterator[None]:
    """A worker is at it, and the model thinks at its so manieth question; at the end the worker is done."""
    gate, asked = Gate(says), len(llm.chat.requests)
    llm.chat.then(*[Says(one_task)] * (at - 1))
    llm.chat.always(Says(gate.answer))
    working = asyncio.create_task(execute_analysis_run(run_id=run_id))
    try:
        await asyncio.to_thread(llm.chat.wait_for, asked + at)
        yield
    finally:
        gate.opened.set()
        await working
