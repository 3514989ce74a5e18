"""The records of experiments and labels that stand as examples in the API's description."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec

from services.gateway.routes.parameters import EXAMPLE_RUN
from shared.contracts.experiments import (
    Alternative,
    Comparison,
    DifferingResult,
    ExperimentMetrics,
    ExperimentRecord,
    ExperimentResult,
    SnapshotTopic,
    TopicMetrics,
)
from shared.contracts.topics import LabelRecord

_LOCAL = UUID("0a1d0000-0000-4000-8000-000000000001")
_OPENAI = UUID("1b7c8f2e-93a4-4d1b-8a55-3f0c5d2e9b77")
_OTHER = UUID("8c1f4f0e-2f7b-4c66-9b0e-5d2a7e6b3c18")
_BEGUN = datetime(2026, 10, 23, 13, 0, 12, tzinfo=UTC)
_DONE = datetime(2026, 10, 23, 13, 0, 31, tzinfo=UTC)

LABEL = LabelRecord(message_id=128, topic_id=5, source="given", by="first key", at=_BEGUN)
CONFIRMED = LabelRecord(message_id=195, topic_id=8, source="confirmed", by="first key", at=_BEGUN)

_SEARCH = SnapshotTopic(id=5, name="Повільний пошук книжок", description="Вимога 300 мс, EXPLAIN, індекси.")
_LETTERS = SnapshotTopic(id=8, name="Листи у спамі", description="SPF, DKIM і DMARC домену розсилки.")
_METRICS = ExperimentMetrics(
    messages=12,
    unclassified=1,
    accuracy=0.8333,
    macro_precision=0.9286,
    macro_recall=0.8333,
    macro_f1=0.8615,
    macro_f1_low=0.5804,
    macro_f1_high=1.0,
    mean_confidence=0.5174,
    calibration_error=0.3159,
    mean_ms=15.2,
    cost=0.0,
    topics=[
        TopicMetrics(
            topic_id=8, name=_LETTERS.name, support=6, predicted=4, precision=1.0, recall=0.6667, f1=0.8
        ),
        TopicMetrics(
            topic_id=5, name=_SEARCH.name, support=6, predicted=7, precision=0.8571, recall=1.0, f1=0.9231
        ),
    ],
    confusion={"5": {"5": 6}, "8": {"8": 4, "5": 1, "none": 1}},
)
EXPERIMENT = ExperimentRecord(
    id=EXAMPLE_RUN,
    name="Базовий режим",
    status="completed",
    provider_id=_LOCAL,
    provider_name="local",
    model="local",
    basic_mode=True,
    max_cost=1.0,
    snapshot_id=EXAMPLE_RUN,
    topics=[_LETTERS, _SEARCH],
    messages_total=12,
    messages_done=12,
    metrics=_METRICS,
    created_by="first key",
    created_at=_BEGUN,
    started_at=_BEGUN,
    finished_at=_DONE,
)
BEGUN_EXPERIMENT = msgspec.structs.replace(
    EXPERIMENT, status="pending", messages_done=0, metrics=None, started_at=None, finished_at=None
)
CANCELLED_EXPERIMENT = msgspec.structs.replace(
    EXPERIMENT,
    status="cancelled",
    messages_done=10,
    metrics=None,
    failure="It was cancelled. What it had classified is kept.",
)
RESULT = ExperimentResult(
    message_id=196,
    text="Ми в серпні переїхали на новий домен розсилки, mail.polytsia.example",
    actual_id=8,
    predicted_id=5,
    confidence=0.3108,
    alternatives=[Alternative(topic_id=8, confidence=0.2911)],
    reasoning="cosine 0.21; next 0.20",
    duration_ms=15.2,
)
COMPARISON = Comparison(
    first=EXPERIMENT,
    second=msgspec.structs.replace(
        EXPERIMENT,
        id=_OTHER,
        name="gpt-4.1-mini",
        provider_id=_OPENAI,
        provider_name="OpenAI",
        model="gpt-4.1-mini",
        basic_mode=False,
        metrics=msgspec.structs.replace(_METRICS, accuracy=0.9167, mean_ms=812.4, cost=0.0031),
        cost=0.0031,
    ),
    both_right=10,
    only_first=0,
    only_second=1,
    neither_right=1,
    statistic=0.0,
    p_value=1.0,
    exact=True,
    differing=[DifferingResult(message_id=196, text=RESULT.text, actual_id=8, first_id=5, second_id=8)],
)
