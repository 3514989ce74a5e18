"""The work on a run: taken over, kept alive, planned, saved batch by batch."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import msgspec
from sqlalchemy import delete, func, insert, select, update

from services.analysis.proposed import NewProposal
from services.analysis.tables import AnalysisRun, ProposalChangeRow, RunBatch, TaskProposal
from shared.contracts.runs import RunError
from shared.messaging.transaction import Transaction


async def take_over(tx: Transaction, run_id: UUID, runner: UUID) -> bool:
    """Begin to work on a run that is running, also when somebody else did before; False when it is not."""
    statement = (
        update(AnalysisRun)
        .where(AnalysisRun.id == run_id, AnalysisRun.status == "running")
        .values(runner=runner, alive_at=func.now())
    )
    return (await tx.execute(statement)).rowcount == 1


async def update_mine(tx: Transaction, run_id: UUID, runner: UUID, **values: Any) -> bool:
    """Say that one works on a run, and keep what is known of it now; locks it.

    Returns:
        False when it is one's own no more: it was cancelled, given up for dead, or taken over.
    """
    statement = (
        update(AnalysisRun)
        .where(AnalysisRun.id == run_id, AnalysisRun.status == "running", AnalysisRun.runner == runner)
        .values(alive_at=func.now(), **values)
    )
    return (await tx.execute(statement)).rowcount == 1


async def say_waiting(tx: Transaction, run_id: UUID) -> None:
    """Say that a run is not forgotten, though nobody works on it yet."""
    await tx.execute(
        update(AnalysisRun)
        .where(AnalysisRun.id == run_id, AnalysisRun.status == "running")
        .values(alive_at=func.now())
    )


async def dead_runs(tx: Transaction, dead_after: timedelta) -> Sequence[UUID]:
    """Runs that nobody works on any more although they are running, locked; they are waited for again."""
    statement = (
        update(AnalysisRun)
        .where(AnalysisRun.status == "running", AnalysisRun.alive_at < func.now() - dead_after)
        .values(alive_at=func.now())
        .returning(AnalysisRun.id)
    )
    return (await tx.execute(statement)).scalars().all()


async def note_error(tx: Transaction, run_id: UUID, error: RunError, most: int) -> None:
    """Add to a run's log of errors, of which the latest are kept."""
    log = (await tx.execute(select(AnalysisRun.error_log).where(AnalysisRun.id == run_id))).scalar_one()
    kept = [*log, msgspec.to_builtins(error)][-most:]
    await tx.execute(update(AnalysisRun).where(AnalysisRun.id == run_id).values(error_log=kept))


async def forget_plan(tx: Transaction, run_id: UUID) -> None:
    """Delete the batches of a plan that was not made to its end."""
    await tx.execute(delete(RunBatch).where(RunBatch.run_id == run_id))


async def begin_anew(tx: Transaction, run_id: UUID) -> None:
    """Have all batches of a plan done again; none of them has left a proposal."""
    batches = update(RunBatch).where(RunBatch.run_id == run_id)
    await tx.execute(batches.values(failure=None, done_at=None))
    await tx.execute(update(AnalysisRun).where(AnalysisRun.id == run_id).values(next_batch=1))


async def add_batches(tx: Transaction, run_id: UUID, first: int, batches: Sequence[Sequence[int]]) -> None:
    """Keep further batches of a plan, numbered from `first`."""
    if batches:
        await tx.execute(
            insert(RunBatch),
            [
                {"run_id": run_id, "number": number, "message_ids": list(message_ids)}
                for number, message_ids in enumerate(batches, start=first)
            ],
        )


async def next_batch(tx: Transaction, run_id: UUID) -> tuple[int, list[int]] | None:
    """The number and the message ids of the first batch that is not saved; None when all are."""
    statement = (
        select(RunBatch.number, RunBatch.message_ids)
        .join(AnalysisRun, AnalysisRun.id == RunBatch.run_id)
        .where(RunBatch.run_id == run_id, RunBatch.number == AnalysisRun.next_batch)
    )
    row = (await tx.execute(statement)).one_or_none()
    return None if row is None else (row.number, list(row.message_ids))


async def count_usable(tx: Transaction, run_id: UUID) -> int:
    """How many batches were saved that did not fail."""
    statement = select(func.count()).where(
        RunBatch.run_id == run_id, RunBatch.done_at.is_not(None), RunBatch.failure.is_(None)
    )
    return int((await tx.execute(statement)).scalar_one())


async def end_batch(
    tx: Transaction, run_id: UUID, number: int, *, failure: str | None, dropped: dict[str, int]
) -> None:
    """Note that a batch is saved, and go on to the next."""
    await tx.execute(
        update(RunBatch)
        .where(RunBatch.run_id == run_id, RunBatch.number == number)
        .values(failure=failure, done_at=func.now())
    )
    added = {name: getattr(AnalysisRun, name) + count for name, count in dropped.items()}
    await tx.execute(
        update(AnalysisRun).where(AnalysisRun.id == run_id).values(next_batch=number + 1, **added)
    )


async def insert_proposals(  # noqa: PLR0913 - what they are of
    tx: Transaction,
    run_id: UUID,
    project_id: UUID,
    batch: int,
    proposals: Sequence[NewProposal],
    *,
    basic_mode: bool,
) -> list[UUID]:
    """Keep a batch's proposals with the first entry of each one's log; returns their ids, in order."""
    if not proposals:
        return []
    rows = [
        {
            **_columns(proposal),
            "id": uuid5(run_id, f"{batch}/{place}"),
            "run_id": run_id,
            "project_id": project_id,
            "batch": batch,
            "place": place,
            "basic_mode": basic_mode,
        }
        for place, proposal in enumerate(proposals, start=1)
    ]
    await tx.execute(insert(TaskProposal), rows)
    await tx.execute(
        insert(ProposalChangeRow), [{"proposal_id": row["id"], "change": "created"} for row in rows]
    )
    return [row["id"] for row in rows]


def _columns(proposal: NewProposal) -> dict[str, Any]:
    # Not `asdict`, which copies each number of the vector.
    values = {field.name: getattr(proposal, field.name) for field in fields(proposal)}
    return values | {
        "quotes": msgspec.to_builtins(proposal.quotes),
        "message_ids": list(dict.fromkeys(quote.message_id for quote in proposal.quotes)),
        "tags": list(proposal.tags),
        "sub_tasks": list(proposal.sub_tasks),
        "atom_ids": list(proposal.atom_ids),
        "vector": None if proposal.vector is None else list(proposal.vector),
    }
