"""Records of experiments."""

from datetime import datetime
from uuid import UUID

from msgspec import field

from tasktracker.record import Record


class Alternative(Record, frozen=True, kw_only=True):
    """Another topic that came into question, with its confidence, 0..1."""

    topic_id: int
    confidence: float


class DifferingResult(Record, frozen=True, kw_only=True):
    """A message that only one of two experiments got right; its text is cut at 500 characters."""

    message_id: int
    text: str
    actual_id: int
    first_id: int | None = None
    second_id: int | None = None


class TopicMetrics(Record, frozen=True, kw_only=True):
    """How well one topic was told from the others.

    Attributes:
        support: Messages that are of it.
        predicted: Messages that were said to be of it.
        precision: Of those said to be of it, the share that is; 0 when none was said to be.
        recall: Of those that are of it, the share that was found; 0 when there are none.
        f1: Harmonic mean of both; 0 when both are 0.
    """

    topic_id: int
    name: str
    support: int
    predicted: int
    precision: float
    recall: float
    f1: float


class ExperimentMetrics(Record, frozen=True, kw_only=True):
    """What an experiment measured; shares are 0..1.

    Attributes:
        accuracy: Share of messages whose topic was found; messages without a prediction are wrong.
        macro_f1: Mean of the topics' F1, each topic counting alike, over those labelled or predicted.
        macro_f1_low: Lower end of its 95 % confidence interval, by the percentile bootstrap over messages
            (Efron and Tibshirani 1993, An Introduction to the Bootstrap, ch. 13); `macro_f1_high` the
            upper.
        mean_confidence: Of the messages that were given a topic; so is `calibration_error`.
        calibration_error: Expected calibration error over ten bins of equal width (Naeini, Cooper and
            Hauskrecht 2015, Obtaining Well Calibrated Probabilities …).
        mean_ms: Of the messages that were not answered from the cache; zero when all were.
        cost: US dollars.
        confusion: Counts as {actual: {predicted: count}} by topic id; "none" is no prediction.
    """

    messages: int
    unclassified: int
    accuracy: float
    macro_precision: float
    macro_recall: float
    macro_f1: float
    macro_f1_low: float
    macro_f1_high: float
    mean_confidence: float
    calibration_error: float
    mean_ms: float
    cost: float
    topics: list[TopicMetrics]
    confusion: dict[str, dict[str, int]]


class SnapshotTopic(Record, frozen=True, kw_only=True):
    """A topic as an experiment sees it."""

    id: int
    name: str
    description: str = ""


class ExperimentRecord(Record, frozen=True, kw_only=True):
    """One experiment.

    Attributes:
        status: One of `pending`, `running`, `completed`, `failed`, `cancelled`.
        language: Of the prompt. One of `uk`, `en`.
        max_cost: US dollars; what would take it beyond is not asked.
        snapshot_id: Of the labels and topics; experiments with the same one can be compared.
        topics: As they were when the snapshot was made.
        messages_total: Labelled messages to classify, 1 to 1000.
        metrics: None until it is completed.
        stopped_by: One of `cost`, `tokens`.
    """

    id: UUID
    name: str
    status: str
    provider_id: UUID
    provider_name: str
    model: str
    basic_mode: bool
    language: str = "uk"
    max_cost: float
    snapshot_id: UUID
    topics: list[SnapshotTopic]
    messages_total: int
    messages_done: int = 0
    metrics: ExperimentMetrics | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    stopped_by: str | None = None
    failure: str | None = None
    created_by: str
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


class Comparison(Record, frozen=True, kw_only=True):
    """Two experiments on the same snapshot, message by message.

    Attributes:
        both_right: Messages that both got right; `neither_right` that neither did.
        only_first: Messages that only the first one got right; `only_second` the second.
        statistic: McNemar's, with Edwards' continuity correction, or the smaller count where the exact test
            is used. McNemar 1947, Psychometrika 12:153-157; Edwards 1948, Psychometrika 13:185-187.
        p_value: Two-sided: how likely a difference as large is when both are equally good.
        exact: Whether it is the exact binomial test, as it is below 25 messages on which they differ.
        differing: Messages that only one of them got right, at most 200, in id order.
    """

    first: ExperimentRecord
    second: ExperimentRecord
    both_right: int
    only_first: int
    only_second: int
    neither_right: int
    statistic: float
    p_value: float
    exact: bool
    differing: list[DifferingResult]


class ExperimentAccepted(Record, frozen=True, kw_only=True):
    """An experiment that has begun.

    Attributes:
        task_id: The task, for `GET /api/v1/tasks/{task_id}`.
        run_id: The chain of everything that follows; also the id of its trace.
        status_url: Where to see how it goes.
        id: Its id, which `task_id` and `run_id` are, too.
        experiment: As it stands.
    """

    task_id: str
    run_id: UUID
    status_url: str
    id: UUID
    experiment: ExperimentRecord


class ExperimentPage(Record, frozen=True, kw_only=True):
    """Experiments, newest first."""

    items: list[ExperimentRecord]
    next_cursor: str | None = None


class ExperimentResult(Record, frozen=True, kw_only=True):
    """How one message was classified.

    Attributes:
        predicted_id: None when the model named no topic of the snapshot.
        confidence: 0..1, and 0 without a topic; at most 0.6 in basic mode.
        alternatives: At most three, the likeliest first.
        duration_ms: Of the call; zero when it was answered from the cache.
        error: Why there is no prediction.
    """

    message_id: int
    text: str
    actual_id: int
    predicted_id: int | None = None
    confidence: float = 0.0
    alternatives: list[Alternative] = field(default_factory=list)
    reasoning: str = ""
    duration_ms: float = 0.0
    error: str | None = None


class ResultPage(Record, frozen=True, kw_only=True):
    """Results in the order of their messages' ids."""

    items: list[ExperimentResult]
    next_cursor: str | None = None
