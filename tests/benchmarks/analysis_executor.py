"""One run in a process of its own: ordered on standard input, reported on standard output."""

import sys
import time
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import msgspec
import uvloop
from loguru import logger

from services.analysis import project_queries, queries, run_queries
from services.analysis.runs.executing import execute
from shared.contracts.analysis import CreateAgent, CreateProvider, Prices
from shared.contracts.projects import CreateProject
from shared.contracts.runs import CreateRun, GetRun, StartRun
from shared.database.engine import engine
from shared.llm import bind_llm, close_llm, new_encryption_key
from tests.benchmarks.analysis_neighbours import BEGAN, TALK, until
from tests.benchmarks.recorded import Recorded, recording, replay
from tests.integration.bound import bound

_PLENTY = 1_000_000_000
_FRESH = (
    "TRUNCATE task_proposals, run_batches, asked_batches, llm_answers, outbox CASCADE",
    "UPDATE analysis_runs SET status = 'running', next_batch = 1, batches_total = NULL, finished_at = NULL",
)
_UNSAVED = (
    "TRUNCATE task_proposals, outbox CASCADE",
    "UPDATE run_batches SET done_at = NULL",
)


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What to run.

    Attributes:
        llm_url: Of the model that answers.
        messages: How many are read.
        bare: Whether its SQL is recorded, and run again bare afterwards.
    """

    database_url: str
    nats_url: str
    namespace: str
    llm_url: str
    messages: int
    bare: bool = False


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """How it went.

    Attributes:
        seconds: From the first statement of the run's work to the last.
        peak_before: MB that the process had resident at the most before the run began; `peak` afterwards.
        sql_seconds: All of the run's transactions, executed bare; None when that was not asked for.
        saving_seconds: Those alone that save a batch.
    """

    batches: int
    proposals: int
    seconds: float
    peak_before: float
    peak: float
    sql_seconds: float | None = None
    saving_seconds: float | None = None


async def work(order: Order) -> Report:
    """Make a run, work on it, measure."""
    bind_llm(
        encryption_keys=new_encryption_key(),
        local_embeddings_url="",
        nats_url=order.nats_url,
        namespace=order.namespace,
    )
    async with bound("analysis", order.database_url, order.nats_url, order.namespace):
        try:
            return await _measured(order, await _made(order))
        finally:
            await close_llm()


async def _made(order: Order) -> UUID:
    """A run that is started, with a provider, an agent and a project of its own."""
    run_id, provider_id, agent_id, project_id = (uuid4() for _ in range(4))
    await queries.create_provider(
        CreateProvider(
            provider_id=provider_id,
            name=f"Bench {run_id}",
            type="openai",
            base_url=order.llm_url,
            chat_model="chat-model",
            prices=Prices(input=1.0, output=1.0),
        )
    )
    await queries.create_agent(
        CreateAgent(
            agent_id=agent_id,
            name=f"Bench {run_id}",
            kind="task_proposer",
            provider_id=provider_id,
            max_tokens_per_run=_PLENTY,
            max_cost_per_run=1_000_000,
        )
    )
    await project_queries.create_project(CreateProject(project_id=project_id, name=f"Bench {run_id}"))
    await run_queries.create_run(
        CreateRun(
            run_id=run_id,
            project_id=project_id,
            since=BEGAN,
            until=until(order.messages),
            created_by="bench",
            agent_id=agent_id,
        )
    )
    await run_queries.start_run(StartRun(run_id=run_id))
    return run_id


async def _measured(order: Order, run_id: UUID) -> Report:
    before = _peak_mb()
    with recording(engine(), wanted=order.bare) as recorded:
        began = time.perf_counter()
        await execute(run_id)
        seconds = time.perf_counter() - began
    peak = _peak_mb()
    run = await run_queries.find_run(GetRun(run_id=run_id))
    batches = order.messages // TALK
    if (run.status, run.batches_done, run.batches_failed) != ("completed", batches, 0):
        raise RuntimeError(f"the run went wrong: {run}")
    report = Report(
        batches=batches,
        proposals=run.proposals_total,
        seconds=seconds,
        peak_before=before,
        peak=peak,
    )
    return await _with_bare(report, order, run_id, recorded) if order.bare else report


async def _with_bare(report: Report, order: Order, run_id: UUID, recorded: Recorded) -> Report:
    connection = await asyncpg.connect(order.database_url, server_settings={"jit": "off"})
    try:
        for statement in _FRESH:
            await connection.execute(statement)
        everything = await replay(connection, recorded.transactions)
        saving = recorded.with_statement("INSERT INTO analysis.task_proposals")
        for statement in _UNSAVED:
            await connection.execute(statement)
        await connection.execute(
            "UPDATE analysis_runs SET status = 'running', next_batch = 1, runner = $2 WHERE id = $1",
            run_id,
            next(value for value in saving[0][0].parameters if isinstance(value, UUID) and value != run_id),
        )
        alone = await replay(connection, saving)
        done = await connection.fetchval("SELECT count(*) FROM task_proposals WHERE run_id = $1", run_id)
        last = await connection.fetchval("SELECT next_batch - 1 FROM analysis_runs WHERE id = $1", run_id)
    finally:
        await connection.close()
    if (done, last, len(saving)) != (report.proposals, report.batches, report.batches):
        raise RuntimeError(f"the bare statements did not do the same: {done} proposals, {last} batches")
    return msgspec.structs.replace(report, sql_seconds=everything, saving_seconds=alone)


def _peak_mb() -> float:
    """The most that this process had resident; unlike ru_maxrss it knows nothing of who started it."""
    status = Path("/proc/self/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    logger.remove()
    logger.add(sys.stderr, level="ERROR")
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(work(asked))))
