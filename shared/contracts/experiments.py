"""What others may know of classification experiments: how well a model sorts messages into topics, measured.

The labels are topics that people gave or confirmed; what is classified against is a snapshot of the topics.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.contracts.analysis import Language, ModelName, Name, Person
from shared.contracts.base import Command, Event, Query
from shared.contracts.ingestion import PageSize

ExperimentStatus = Literal["pending", "running", "completed", "failed", "cancelled"]


class SnapshotTopic(msgspec.Struct, frozen=True, kw_only=True):
    """A topic as an experiment sees it."""

    id: int
    name: str
    description: str = ""


class Alternative(msgspec.Struct, frozen=True, kw_only=True):
    """Another topic that came into question, with its confidence, 0..1."""

    topic_id: int
    confidence: float


class ExperimentResult(msgspec.Struct, frozen=True, kw_only=True):
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
    predicted_id: int | None
    confidence: float = 0.0
    alternatives: list[Alternative] = []
    reasoning: str = ""
    duration_ms: float = 0.0
    error: str | None = None


class TopicMetrics(msgspec.Struct, frozen=True, kw_only=True):
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


class ExperimentMetrics(msgspec.Struct, frozen=True, kw_only=True):
    """What an experiment measured; shares are 0..1.

    Attributes:
        accuracy: Share of messages whose topic was found; messages without a prediction are wrong.
        macro_f1: Mean of the topics' F1, each topic counting alike, over those labelled or predicted.
        macro_f1_low: Lower end of its 95 % confidence interval, by the percentile bootstrap over messages
            (Efron and Tibshirani 1993, An Introduction to the Bootstrap, ch. 13); `macro_f1_high` the upper.
        calibration_error: Expected calibration error over ten bins of equal width
            (Naeini, Cooper and Hauskrecht 2015, Obtaining Well Calibrated Probabilities …).
        mean_confidence: Of the messages that were given a topic; so is `calibration_error`.
        mean_ms: Of the messages that were not answered from the cache; zero when all were.
        confusion: Counts as {actual: {predicted: count}} by topic id; "none" is no prediction.
        cost: US dollars.
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


class ExperimentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One experiment.

    Attributes:
        snapshot_id: Of the labels and topics; experiments with the same one can be compared.
        topics: As they were when the snapshot was made.
        language: Of the prompt.
        max_cost: US dollars; what would take it beyond is not asked.
        messages_total: Labelled messages to classify, 1 to 1000.
        metrics: None until it is completed.
    """

    id: UUID
    name: str
    status: ExperimentStatus
    provider_id: UUID
    provider_name: str
    model: str
    basic_mode: bool
    language: Language = "uk"
    max_cost: float
    snapshot_id: UUID
    topics: list[SnapshotTopic]
    messages_total: int
    messages_done: int = 0
    metrics: ExperimentMetrics | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    stopped_by: Literal["cost", "tokens"] | None = None
    failure: str | None = None
    created_by: str
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


class ExperimentPage(msgspec.Struct, frozen=True, kw_only=True):
    """Experiments, newest first."""

    items: list[ExperimentRecord]
    next_cursor: str | None = None


class ResultPage(msgspec.Struct, frozen=True, kw_only=True):
    """Results in the order of their messages' ids."""

    items: list[ExperimentResult]
    next_cursor: str | None = None


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two experiments on the same snapshot, message by message.

    Attributes:
        both_right: Messages that both got right; `neither_right` that neither did.
        only_first: Messages that only the first one got right; `only_second` the second.
        statistic: McNemar's, with Edwards' continuity correction, or the smaller count where the exact
            test is used. McNemar 1947, Psychometrika 12:153-157; Edwards 1948, Psychometrika 13:185-187.
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
    differing: list["DifferingResult"]


class DifferingResult(msgspec.Struct, frozen=True, kw_only=True):
    """A message that only one of two experiments got right; its text is cut at 500 characters."""

    message_id: int
    text: str
    actual_id: int
    first_id: int | None
    second_id: int | None


# Commands


class WakeStuckExperiments(Command, actor="wake_stuck_experiments_task", queue="analysis"):
    """Send experiments again whose worker has gone away. A second run finds none."""


class ExecuteClassificationExperiment(Command, actor="execute_classification_experiment", queue="analysis"):
    """Classify an experiment's messages and measure. A second run goes on with the first not classified."""

    experiment_id: UUID


# Queries


class CreateExperiment(Query[ExperimentRecord], subject="analysis.create_experiment"):
    """Make an experiment and begin it. Asking twice with one id changes nothing.

    `conflict` when the labelled messages are not of two topics at least; `invalid` when the provider has no
    model for it, or there is no such provider or earlier experiment.

    Attributes:
        provider_id: None is `local`.
        model: None is the provider's chat model.
        language: Of the prompt.
        snapshot_of: An earlier experiment whose labels and topics are used again, to compare both.
        max_cost: US dollars; an experiment that reaches it is `failed`, and what it classified stays.
        messages: At most so many labelled messages, spread over the topics; of the snapshot all.
    """

    experiment_id: UUID
    name: Name
    created_by: Person
    provider_id: UUID | None = None
    model: ModelName | None = None
    snapshot_of: UUID | None = None
    language: Language = "uk"
    max_cost: Annotated[float, Meta(ge=0, le=1_000_000)] = 1.0
    messages: Annotated[int, Meta(ge=1, le=1000)] = 1000


class GetExperiment(Query[ExperimentRecord], subject="analysis.get_experiment"):
    """One experiment; `not_found` when there is none with this id."""

    experiment_id: UUID


class ListExperiments(Query[ExperimentPage], subject="analysis.list_experiments"):
    """Experiments, newest first."""

    status: ExperimentStatus | None = None
    cursor: str | None = None
    limit: PageSize = 50


class ListExperimentResults(Query[ResultPage], subject="analysis.list_experiment_results"):
    """What became of each message.

    Attributes:
        wrong: Only those whose topic was not found.
    """

    experiment_id: UUID
    wrong: bool = False
    cursor: str | None = None
    limit: PageSize = 50


class CancelExperiment(Query[ExperimentRecord], subject="analysis.cancel_experiment"):
    """Stop an experiment at once: nothing more is saved. `conflict` when it has ended in another way."""

    experiment_id: UUID


class DeleteExperiment(Query[None], subject="analysis.delete_experiment"):
    """Delete an experiment with its results; `conflict` while it runs. Deleting it twice is harmless."""

    experiment_id: UUID


class CompareExperiments(Query[Comparison], subject="analysis.compare_experiments"):
    """Compare two completed experiments of the same snapshot; `conflict` when they are not."""

    first_id: UUID
    second_id: UUID


# Events


class ExperimentStarted(Event, event=("analysis.experiment_started", "experiments", "experiment_started")):
    """An experiment began to work."""

    experiment: ExperimentRecord


class ExperimentProgress(Event, event=("analysis.experiment_progress", "experiments", "experiment_progress")):
    """Ten more messages were classified, or the last."""

    experiment_id: UUID
    messages_done: int
    messages_total: int


class ExperimentCompleted(
    Event, event=("analysis.experiment_completed", "experiments", "experiment_completed")
):
    """An experiment has measured."""

    experiment: ExperimentRecord


class ExperimentFailed(Event, event=("analysis.experiment_failed", "experiments", "experiment_failed")):
    """An experiment failed or was cancelled; what it has classified stays."""

    experiment: ExperimentRecord
