"""What others may know of analysis runs: a window of chat, read batch by batch, becomes proposals."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from shared.contracts.analysis import Language, Person
from shared.contracts.base import Command, Event, Query
from shared.contracts.ingestion import PageSize
from shared.contracts.projects import ProjectRecord, TaskConfigRecord

RunStatus = Literal["pending", "running", "completed", "reviewed", "closed", "failed", "cancelled"]
"""`reviewed` once no proposal waits; `closed` is what a person says then."""


class RunError(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong in a run, in words for a person.

    Attributes:
        batch: Which batch, from 1; None when it was none.
        attempt: Which try of it, from 1.
    """

    at: datetime
    message: str
    batch: int | None = None
    attempt: int = 1


class RunSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What a run works with, as it was when it began.

    Attributes:
        model: What answers; `local` are rules.
        prompt: Name and version of what is asked.
        max_tokens: Cap of the run's input and output; `max_cost` is that of US dollars.
        instructions: The agent's own; those of the task config come after them.
    """

    project: ProjectRecord
    task_config: TaskConfigRecord | None = None
    agent_id: UUID
    agent_name: str
    provider_id: UUID
    provider_name: str
    model: str
    prompt: str
    language: Language
    temperature: float
    max_tokens: int
    max_cost: float
    basic_mode: bool
    instructions: str = ""
    max_output_tokens: int = 4096


class RunAccuracy(msgspec.Struct, frozen=True, kw_only=True):
    """How good a run's proposals were, by what people decided; None where nobody decided anything.

    Attributes:
        approval_rate: Approved and merged of all that were decided, 0..1.
        rejection_rate: Rejected of all that were decided, 0..1.
        edited_rate: Changed by a person before they were approved, of the approved, 0..1.
        agreement_rate: Decided as the run recommended, of those it recommended to approve or reject, 0..1.
        brier_score: Mean square of confidence less outcome (1 approved or merged, 0 rejected), 0 is best.
            Brier, G. W. (1950): Verification of forecasts expressed in terms of probability.
    """

    approval_rate: float | None = None
    rejection_rate: float | None = None
    edited_rate: float | None = None
    agreement_rate: float | None = None
    brier_score: float | None = None


class CostEstimate(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is expected to cost, before it begins.

    Attributes:
        messages: In the window. Noise is among them, so that all of it is an upper bound.
        batches: Questions to the model.
        cost: US dollars, by the provider's prices; zero where it asks none.
        exceeds_cap: The cap will end the run before its last batch.
    """

    messages: int
    batches: int
    input_tokens: int
    output_tokens: int
    cost: float
    exceeds_cap: bool = False


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One analysis run.

    Attributes:
        since: The window's beginning, included; `until` is not.
        use_rag: Whether similar atoms and earlier approved proposals are shown to the model.
        messages_found: In the window; `messages_kept` passed the prefilter.
        batches_done: Of `batches_total`, which is known once the window has been read.
        proposals_total: Counted from the proposals themselves, as are those by status.
        batches_failed: Batches that the model had no usable answer to; `error_log` says why.
        config_snapshot: What it works with, frozen when it was made.
        stopped_by: The cap that ended it early: `cost` or `tokens`.
        created_by: The key's name.
    """

    id: UUID
    project_id: UUID
    project_name: str
    status: RunStatus
    since: datetime
    until: datetime
    use_rag: bool
    estimate: CostEstimate | None = None
    config_snapshot: RunSnapshot
    messages_found: int = 0
    messages_kept: int = 0
    batches_total: int | None = None
    batches_done: int = 0
    batches_failed: int = 0
    proposals_total: int = 0
    proposals_pending: int = 0
    proposals_approved: int = 0
    proposals_rejected: int = 0
    proposals_merged: int = 0
    accuracy: RunAccuracy = RunAccuracy()
    calls: int = 0
    cached_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    quotes_dropped: int = 0
    proposals_dropped: int = 0
    stopped_by: Literal["cost", "tokens"] | None = None
    failure: str | None = None
    error_log: list[RunError] = []
    created_by: str
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None


class RunPage(msgspec.Struct, frozen=True, kw_only=True):
    """Runs, newest first."""

    items: list[RunRecord]
    next_cursor: str | None = None


# Commands


class ExecuteAnalysisRun(Command, actor="execute_analysis_run", queue="analysis"):
    """Read a run's window, batch by batch, and propose. A second run goes on with the first batch not saved.

    Attributes:
        use_rag: None is as the run was made.
    """

    run_id: UUID
    use_rag: bool | None = None


class WakeStuckRuns(Command, actor="wake_stuck_runs_task", queue="analysis"):
    """Send runs again that nobody works on any more. Harmless to repeat."""


# Queries


class CreateRun(Query[RunRecord], subject="analysis.create_run"):
    """Make a run, which waits to be started, with an estimate of what it will cost.

    Asking twice with one id changes nothing. `conflict` names the project's run that is not closed;
    `not_found` when there is no such project; `invalid` when the window has no time in it.
    """

    run_id: UUID
    project_id: UUID
    since: datetime
    until: datetime
    created_by: Person
    use_rag: bool = True
    task_config_id: UUID | None = None
    agent_id: UUID | None = None


class StartRun(Query[RunRecord], subject="analysis.start_run"):
    """Begin a run that is `pending`; starting a running one again is harmless. `conflict` in other states."""

    run_id: UUID


class CancelRun(Query[RunRecord], subject="analysis.cancel_run"):
    """Stop a run before its next batch; its proposals stay. Twice is harmless; `conflict` once completed."""

    run_id: UUID


class RetryRun(Query[RunRecord], subject="analysis.retry_run"):
    """Go on with a failed or cancelled run at the first batch that is not saved."""

    run_id: UUID


class CloseRun(Query[RunRecord], subject="analysis.close_run"):
    """Close a run whose proposals are all decided; `conflict` says how many are not."""

    run_id: UUID
    closed_by: Person


class GetRun(Query[RunRecord], subject="analysis.get_run"):
    """One run; `not_found` when there is none with this id."""

    run_id: UUID


class ListRuns(Query[RunPage], subject="analysis.list_runs"):
    """Runs, newest first."""

    project_id: UUID | None = None
    status: RunStatus | None = None
    cursor: str | None = None
    limit: PageSize = 50


# Events


class RunStarted(Event, event=("analysis.run_started", "analysis", "analysis.run_started")):
    """A run began to work."""

    run: RunRecord


class BatchCompleted(Event, event=("analysis.batch_completed", "analysis", "analysis.batch_completed")):
    """A batch was saved, with its proposals."""

    run_id: UUID
    batch: int
    batches_done: int
    batches_total: int
    proposal_ids: list[UUID]


class RunCompleted(Event, event=("analysis.run_completed", "analysis", "analysis.run_completed")):
    """A run has read all of its window, or reached its cap."""

    run: RunRecord


class RunFailed(Event, event=("analysis.run_failed", "analysis", "analysis.run_failed")):
    """A run failed or was cancelled; it can be retried."""

    run: RunRecord


class RunClosed(Event, event=("analysis.run_closed", "analysis", "analysis.run_closed")):
    """A person closed a run."""

    run: RunRecord
