"""How runs and proposals look."""

from collections.abc import Sequence

from tasktracker.cli.terminal import facts, moment, show, table
from tasktracker.records.common import ProposalRecord
from tasktracker.records.knowledge import PendingState
from tasktracker.records.runs import IndexedRun, RunRecord

_ERRORS_SHOWN = 5


def show_runs(runs: Sequence[IndexedRun]) -> None:
    """A table of runs, of analysis or of any kind."""
    rows = [
        (
            str(run.id),
            run.kind,
            run.status,
            moment(run.created_at),
            f"{run.done} of {run.total}" if run.total is not None else str(run.done),
            str(run.analysis.proposals_pending) if run.analysis else "",
            run.name,
        )
        for run in runs
    ]
    columns = ("run", "kind", "status", "made", "done", "pending", "name")
    show(table(columns, rows, right=("done", "pending"), wide="name"))


def show_run(run: RunRecord) -> None:
    """All there is to say of a run."""
    batches = f"{run.batches_done} of {run.batches_total or '?'}"
    decided = (
        f"{run.proposals_approved} approved, {run.proposals_rejected} rejected, {run.proposals_merged} merged"
    )
    rows = [
        ("run", str(run.id)),
        ("project", run.project_name),
        ("status", run.status + (f", stopped by the cap of {run.stopped_by}" if run.stopped_by else "")),
        ("window", f"{moment(run.since)} – {moment(run.until)}"),
        ("model", f"{run.config_snapshot.model} of {run.config_snapshot.provider_name}"),
        ("messages", f"{run.messages_found} found, {run.messages_kept} kept"),
        ("batches", batches + (f", {run.batches_failed} failed" if run.batches_failed else "")),
        ("proposals", f"{run.proposals_total}: {run.proposals_pending} pending, {decided}"),
        ("cost", f"${run.cost:.4f}, {run.input_tokens} tokens in, {run.output_tokens} out"),
        ("failure", run.failure or ""),
        *((f"  {moment(error.at)}", error.message) for error in run.error_log[-_ERRORS_SHOWN:]),
    ]
    show(facts((name, value) for name, value in rows if value))


def show_proposals(proposals: Sequence[ProposalRecord]) -> None:
    """A table of proposals."""
    rows = [
        (
            each.status,
            each.category,
            each.priority,
            f"{each.confidence:.2f}",
            str(len(each.quotes)),
            each.title,
        )
        for each in proposals
    ]
    columns = ("status", "category", "priority", "sure", "quotes", "title")
    show(table(columns, rows, right=("sure", "quotes"), wide="title"))


def unread_messages(pending: PendingState) -> int:
    """How many messages an extraction reads or is about to read; a few alone wait for more."""
    return pending.claimed + (pending.waiting if pending.waiting >= pending.threshold else 0)


def why_nothing(run: RunRecord, pending: PendingState) -> str:
    """Why a run that is completed proposes nothing, and what may be done about it."""
    if not run.messages_found:
        return "Nothing was proposed: no message lies in the window. Choose a longer one: --since 30d"
    if not run.messages_kept:
        return "Nothing was proposed: all messages of the window are noise."
    if run.batches_failed:
        return (
            "Nothing was proposed: the model gave no usable answer; 'failure' and the messages above say why."
        )
    unread = unread_messages(pending)
    if run.config_snapshot.basic_mode and unread:
        return (
            f"Nothing was proposed. In basic mode tasks grow out of atoms, and {unread} messages are still "
            "to be read for them: make a run again when 'tasktracker status' speaks of none."
        )
    return "Nothing was proposed: the messages ask for nothing that is still to be done."
