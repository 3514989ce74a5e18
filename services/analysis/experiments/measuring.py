"""What an experiment measured, from its results. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.analysis.metrics import (
    accuracy,
    calibration_error,
    confusion,
    macro_f1,
    macro_f1_interval,
    mean,
    shares,
)
from shared.contracts.experiments import ExperimentMetrics, SnapshotTopic, TopicMetrics

NO_TOPIC = "none"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message, as far as it is measured.

    Attributes:
        duration_ms: Zero when the answer was not waited for, because it was cached.
    """

    actual_id: int
    predicted_id: int | None
    confidence: float
    duration_ms: float


def measure(outcomes: Sequence[Outcome], topics: Sequence[SnapshotTopic], cost: float) -> ExperimentMetrics:
    """An experiment's figures.

    Confidence and calibration are of the messages that were given a topic, times of those that were waited
    for: the others say nothing of either.

    Args:
        outcomes: One a message.
        topics: Those of the snapshot; the figures are of those that are labelled or predicted.
        cost: US dollars, of all of them.
    """
    pairs = [(each.actual_id, each.predicted_id) for each in outcomes]
    by_topic = shares(pairs)
    low, high = macro_f1_interval(pairs)
    sure = [
        (each.confidence, each.actual_id == each.predicted_id) for each in outcomes if _is_classified(each)
    ]
    return ExperimentMetrics(
        messages=len(outcomes),
        unclassified=len(outcomes) - len(sure),
        accuracy=accuracy(pairs),
        macro_precision=mean(each.precision for each in by_topic.values()),
        macro_recall=mean(each.recall for each in by_topic.values()),
        macro_f1=macro_f1(pairs),
        macro_f1_low=low,
        macro_f1_high=high,
        mean_confidence=mean(confidence for confidence, _ in sure),
        calibration_error=calibration_error(sure),
        mean_ms=mean(each.duration_ms for each in outcomes if each.duration_ms > 0),
        cost=cost,
        topics=[
            TopicMetrics(
                topic_id=topic.id,
                name=topic.name,
                support=by_topic[topic.id].support,
                predicted=by_topic[topic.id].predicted,
                precision=by_topic[topic.id].precision,
                recall=by_topic[topic.id].recall,
                f1=by_topic[topic.id].f1,
            )
            for topic in topics
            if topic.id in by_topic
        ],
        confusion={
            str(actual): {NO_TOPIC if other is None else str(other): count for other, count in row.items()}
            for actual, row in confusion(pairs).items()
        },
    )


def _is_classified(outcome: Outcome) -> bool:
    return outcome.predicted_id is not None
