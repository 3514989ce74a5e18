"""Records of runs."""

from datetime import datetime
from uuid import UUID

from msgspec import field

from tasktracker.record import Record
from tasktracker.records.common import ProjectRecord, TaskConfigRecord


class CostEstimate(Record, frozen=True, kw_only=True):
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


class RunAccuracy(Record, frozen=True, kw_only=True):
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


class RunError(Record, frozen=True, kw_only=True):
    """What went wrong in a run, in words for a person.

    Attributes:
        batch: Which batch, from 1; None when it was none.
        attempt: Which try of it, from 1.
    """

    at: datetime
    message: str
    batch: int | None = None
    attempt: int = 1


class RunSnapshot(Record, frozen=True, kw_only=True):
    """What a run works with, as it was when it began.

    Attributes:
        model: What answers; `local` are rules.
        prompt: Name and version of what is asked.
        language: One of `uk`, `en`.
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
    language: str
    temperature: float
    max_tokens: int
    max_cost: float
    basic_mode: bool
    instructions: str = ""
    max_output_tokens: int = 4096


class RunRecord(Record, frozen=True, kw_only=True):
    """One analysis run.

    Attributes:
        status: One of `pending`, `running`, `completed`, `reviewed`, `closed`, `failed`, `cancelled`.
        since: The window's beginning, included; `until` is not.
        use_rag: Whether similar atoms and earlier approved proposals are shown to the model.
        config_snapshot: What it works with, frozen when it was made.
        messages_found: In the window; `messages_kept` passed the prefilter.
        batches_done: Of `batches_total`, which is known once the window has been read.
        batches_failed: Batches that the model had no usable answer to; `error_log` says why.
        proposals_total: Counted from the proposals themselves, as are those by status.
        stopped_by: The cap that ended it early: `cost` or `tokens`.
        created_by: The key's name.
    """

    id: UUID
    project_id: UUID
    project_name: str
    status: str
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
    accuracy: RunAccuracy = field(default_factory=RunAccuracy)
    calls: int = 0
    cached_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    quotes_dropped: int = 0
    proposals_dropped: int = 0
    stopped_by: str | None = None
    failure: str | None = None
    error_log: list[RunError] = field(default_factory=list)
    created_by: str
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None


class IndexedRun(Record, frozen=True, kw_only=True):
    """A run of any kind, as far as all kinds are alike.

    Attributes:
        kind: One of `analysis`, `experiment`, `extraction`, `ingestion`.
        id: Also the run_id of its chain and the id of its trace.
        name: The project's, the experiment's, the agent's or the file's.
        status: One of `pending`, `running`, `completed`, `reviewed`, `closed`, `failed`, `cancelled`.
        ended_at: When it was completed, failed or was cancelled; null until then.
        done: Batches, or an experiment's or extraction's messages.
        total: Of as many; null while that is not known.
        status_url: Where all about it is.
        trace: Where its trace is shown; null when the gateway does not know, see `/runs/{run_id}/trace`.
        failure: What happened and what to do, when it failed.
        analysis: All about it where it is an analysis run.
    """

    kind: str
    id: UUID
    name: str
    status: str
    created_at: datetime
    ended_at: datetime | None = None
    done: int = 0
    total: int | None = None
    status_url: str
    trace: str | None = None
    failure: str | None = None
    analysis: RunRecord | None = None


class IndexedRuns(Record, frozen=True, kw_only=True):
    """A page of runs, newest first; `next_cursor` is null on the last page.

    Attributes:
        notes: What a reader should know of this answer, for example that a kind is missing for now.
    """

    items: list[IndexedRun]
    next_cursor: str | None = None
    notes: list[str] = field(default_factory=list)


class TraceLink(Record, frozen=True, kw_only=True):
    """The trace of a chain.

    Attributes:
        run_id: The chain.
        trace_id: The same 128 bits as 32 hexadecimal digits, as tracing systems write them.
        url: Where it is shown; null when the gateway does not know.
        hint: What to do about that.
    """

    run_id: UUID
    trace_id: str
    url: str | None = None
    hint: str | None = None
