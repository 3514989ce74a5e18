"""Runs and proposals as a run would have left them, for the tests of what people decide."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import insert

from services.analysis.tables import AnalysisRun, ProjectConfig, ProposalChangeRow, TaskProposal
from shared.contracts.projects import ProjectRecord
from shared.contracts.proposals import ProposalQuote
from shared.contracts.runs import RunSnapshot, RunStatus
from shared.messaging.transaction import transaction

_THEN = datetime(2026, 3, 23, 9, tzinfo=UTC)


async def a_project_row(name: str = "Каса") -> UUID:
    """A project, straight into its table."""
    project_id = uuid4()
    async with transaction() as tx:
        await tx.execute(insert(ProjectConfig).values(id=project_id, name=name))
    return project_id


async def a_run_row(project_id: UUID, status: RunStatus = "completed") -> UUID:
    """A run that stands so, straight into its table."""
    run_id = uuid4()
    snapshot = RunSnapshot(
        project=ProjectRecord(id=project_id, name="Каса", created_at=_THEN, updated_at=_THEN),
        agent_id=UUID(int=4),
        agent_name="Task proposer",
        provider_id=UUID(int=1),
        provider_name="local",
        model="llama3",
        prompt="propose_tasks/1",
        language="uk",
        temperature=0.0,
        max_tokens=1000,
        max_cost=1.0,
        basic_mode=False,
    )
    async with transaction() as tx:
        await tx.execute(
            insert(AnalysisRun).values(
                id=run_id,
                project_id=project_id,
                status=status,
                since=_THEN,
                until=datetime(2026, 3, 30, tzinfo=UTC),
                use_rag=True,
                config_snapshot=msgspec.to_builtins(snapshot),
                created_by="Олена",
            )
        )
    return run_id


async def proposal_rows(project_id: UUID, run_id: UUID, count: int = 1, **given: Any) -> list[UUID]:
    """Proposals of one batch, as a run saves them; each quotes a message of its own."""
    batch = given.pop("batch", 1)
    rows = [_row(project_id, run_id, batch, place) | given for place in range(1, count + 1)]
    for row in rows:
        row["message_ids"] = list(dict.fromkeys(quote["message_id"] for quote in row["quotes"]))
    async with transaction() as tx:
        await tx.execute(insert(TaskProposal), rows)
        await tx.execute(
            insert(ProposalChangeRow), [{"proposal_id": row["id"], "change": "created"} for row in rows]
        )
    return [row["id"] for row in rows]


async def waiting(count: int = 1, *, status: RunStatus = "completed", **given: Any) -> list[UUID]:
    """Proposals of a new run of a new project."""
    project_id = await a_project_row(f"Каса {uuid4()}")
    return await proposal_rows(project_id, await a_run_row(project_id, status), count, **given)


def quoted(message_id: int, quote: str = "каса не відкривається") -> dict[str, Any]:
    """A quote as its column holds it."""
    quoted_at = ProposalQuote(message_id=message_id, quote=quote, author_name="Тарас", sent_at=_THEN)
    found: dict[str, Any] = msgspec.to_builtins(quoted_at)
    return found


def _row(project_id: UUID, run_id: UUID, batch: int, place: int) -> dict[str, Any]:
    message_id = batch * 1000 + place
    return {
        "id": uuid4(),
        "run_id": run_id,
        "project_id": project_id,
        "batch": batch,
        "place": place,
        "title": f"Полагодити касу {batch}/{place}",
        "description": "Каса не відкривається після оновлення.",
        "category": "bug",
        "priority": "high",
        "tags": ["каса"],
        "sub_tasks": ["Відтворити", "Виправити"],
        "quotes": [quoted(message_id)],
        "atom_ids": [message_id + 50_000],
        "confidence": 0.8,
        "reasoning": "Про це сказали двічі.",
        "recommendation": "approve",
    }
