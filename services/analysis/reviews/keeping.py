"""What follows from every decision: the state of the run, and the event as a part of the run's chain."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func

from services.analysis.repository.proposal_changes import add_changes
from services.analysis.repository.proposals import change_proposals, find_proposals
from services.analysis.repository.runs import count_pending, set_status
from services.analysis.reviews.locking import Locked
from services.analysis.reviews.refusing import Decided
from services.analysis.runs.states import after
from shared.contracts.proposals import ProposalRecord, ProposalReviewed
from shared.messaging.transaction import Transaction
from shared.telemetry import current_run_id, inject_headers, start_run

Change = Literal["edited", "approved", "rejected", "merged", "reverted"]


async def keep_decision(  # noqa: PLR0913 - what a decision consists of
    tx: Transaction,
    locked: Locked,
    proposals: Sequence[ProposalRecord],
    decision: Decided,
    *,
    by: str,
    reason: str,
    merged_into: UUID | None = None,
    details: dict[str, Any] | None = None,
    bulk_id: UUID | None = None,
) -> list[ProposalRecord]:
    """Keep that proposals which wait are decided, with an entry of the log for each.

    Args:
        tx: What locked them.
        locked: Them and their runs.
        proposals: Those of them that are decided.
        decision: What they are then.
        by: Who decided.
        reason: In that person's words; may be empty.
        merged_into: What takes them over, of those that are merged.
        details: What the log keeps beside.
        bulk_id: The bulk review that it belongs to.

    Returns:
        The proposals as they are now.
    """
    ids = [each.id for each in proposals]
    await change_proposals(
        tx,
        ids,
        status=decision,
        decided_by=by,
        decided_at=func.clock_timestamp(),
        reason=reason,
        merged_into=merged_into,
    )
    target = {} if merged_into is None else {"merged_into": merged_into}
    entry = {
        "change": decision,
        "before": {"status": "pending"},
        "after": {"status": decision, **target, **(details or {})},
        "reason": reason,
        "bulk_id": bulk_id,
        "changed_by": by,
    }
    await add_changes(tx, [{"proposal_id": proposal_id, **entry} for proposal_id in ids])
    return await settle(tx, locked, ids, decision, by=by)


async def settle(
    tx: Transaction, locked: Locked, proposal_ids: Sequence[UUID], change: Change, *, by: str
) -> list[ProposalRecord]:
    """Bring the runs of changed proposals into the state that follows, and tell of each proposal.

    Returns:
        The proposals as they are now.
    """
    found = await find_proposals(tx, proposal_ids)
    changed = [found[proposal_id] for proposal_id in proposal_ids]
    if change != "edited":
        for run_id in {each.run_id for each in changed}:
            await _settle_run(tx, locked, run_id)
    _tell(tx, changed, change, by=by)
    return changed


def _tell(tx: Transaction, proposals: Iterable[ProposalRecord], change: Change, *, by: str) -> None:
    """Publish what became of proposals, each as a part of its run's chain."""
    here = inject_headers().get("traceparent")
    links = [here] if here else []
    by_run = sorted(proposals, key=lambda each: each.run_id)
    for run_id, of_run in groupby(by_run, key=lambda each: each.run_id):
        events = [ProposalReviewed(proposal=each, change=change, by=by) for each in of_run]
        if current_run_id() == run_id:
            _publish(tx, events)
            continue
        with start_run("proposal review", run_id, links=links, lasting=True):
            _publish(tx, events)


async def _settle_run(tx: Transaction, locked: Locked, run_id: UUID) -> None:
    """`reviewed` is a completed run exactly while none of its proposals waits; other states stay."""
    status = locked.runs[run_id]
    if status not in ("completed", "reviewed"):
        return
    pending = await count_pending(tx, run_id)
    if not pending and status == "completed":
        await set_status(tx, run_id, after(status, "decide_last"))
    elif pending and status == "reviewed":
        await set_status(tx, run_id, after(status, "revert"))


def _publish(tx: Transaction, events: Iterable[ProposalReviewed]) -> None:
    for event in events:
        tx.publish(event)
