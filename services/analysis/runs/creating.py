"""Making a run: what it works with, and what it may cost."""

from uuid import UUID

import msgspec

from services.analysis.models import PROMPTS, PROPOSE, instructions_of
from services.analysis.questions import Known, question
from services.analysis.repository.projects import get_project
from services.analysis.repository.runs import find_run, insert_run, lock_project, run_record, unclosed_run
from services.analysis.runs.estimating import estimate
from services.analysis.runs.freezing import freeze
from shared.contracts.analysis import ProviderRecord
from shared.contracts.errors import QueryError
from shared.contracts.ingestion import MeasureWindow, WindowSize
from shared.contracts.runs import CostEstimate, CreateRun, RunRecord, RunSnapshot
from shared.messaging.queries import ask
from shared.messaging.transaction import Transaction, transaction

_TO_DO = {
    "pending": "Start it, or cancel it.",
    "running": "Wait for its end, or cancel it.",
    "completed": "Decide about its proposals and close it.",
    "reviewed": "Close it.",
    "failed": "Retry it, or cancel it.",
}
_MEASURING = 20.0
"""Seconds: less than whoever asks us waits, who so hears what is away."""


async def create(query: CreateRun) -> RunRecord:
    """Make a run that waits to be started. The second time, say how it stands.

    Raises:
        QueryError: As the contract says.
    """
    if query.since >= query.until:
        raise QueryError("invalid", "The window ends before it begins.", field="until")
    async with transaction() as tx:
        known = await find_run(tx, query.run_id)
        if known is not None:
            return known
        project = await get_project(tx, query.project_id)
        await refuse_second(tx, query.project_id, query.run_id)
    # Outside of any transaction, as another service is asked.
    size = await ask(
        MeasureWindow(since=query.since, until=query.until, chat_ids=project.chat_ids), timeout=_MEASURING
    )
    async with transaction() as tx:
        await lock_project(tx, query.project_id)
        known = await find_run(tx, query.run_id)
        if known is not None:
            return known
        await refuse_second(tx, query.project_id, query.run_id)
        snapshot, provider = await freeze(tx, query)
        await insert_run(
            tx,
            query.run_id,
            project_id=query.project_id,
            since=query.since,
            until=query.until,
            use_rag=query.use_rag,
            estimate=msgspec.to_builtins(_estimate(size, snapshot, provider, use_rag=query.use_rag)),
            config_snapshot=msgspec.to_builtins(snapshot),
            created_by=query.created_by,
        )
        return await run_record(tx, query.run_id)


async def refuse_second(tx: Transaction, project_id: UUID, run_id: UUID) -> None:
    """Refuse a run while its project has another one that is not closed.

    Raises:
        QueryError: `conflict`, with that run and how it stands.
    """
    unclosed = await unclosed_run(tx, project_id)
    if unclosed is not None and unclosed[0] != run_id:
        other_id, status = unclosed
        raise QueryError(
            "conflict",
            f"The project has a run that is not closed: {other_id} is {status}. {_TO_DO[status]}",
            field="project_id",
        )


def _estimate(
    size: WindowSize, snapshot: RunSnapshot, provider: ProviderRecord, *, use_rag: bool
) -> CostEstimate:
    project, asked = snapshot.project, question([], snapshot, Known())
    prompt = PROMPTS.render(PROPOSE, snapshot.language, asked, instructions=instructions_of(snapshot))
    explained = msgspec.json.encode((project.glossary, project.components, project.priority_rules))
    return estimate(
        size,
        provider.prices,
        prompt_bytes=len(explained) + sum(len(message.content.encode()) for message in prompt.messages),
        use_rag=use_rag,
        basic_mode=snapshot.basic_mode,
        max_tokens=snapshot.max_tokens,
        max_cost=snapshot.max_cost,
    )
