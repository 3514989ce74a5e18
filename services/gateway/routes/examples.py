"""The records that stand as examples in the API's description."""

from datetime import UTC, datetime

from services.gateway.routes.parameters import EXAMPLE_RUN
from shared.contracts.ingestion import (
    AuthorRecord,
    ChatRecord,
    JobRecord,
    MessageRecord,
    MessageVersionRecord,
)
from shared.contracts.scoring import ScoreRecord, ScoringStats

_SENT = datetime(2026, 3, 12, 9, 41, 7, tzinfo=UTC)

CHAT = ChatRecord(id=1, ids=[1], telegram_id=-1001234567890, type="supergroup", title="Backend")
MESSAGE = MessageRecord(
    id=4711,
    chat=CHAT,
    telegram_message_id=912,
    author=AuthorRecord(user_id=3, chat_id=None, name="Олена Коваль", username="olena_k"),
    kind="text",
    text="Вирішили: переносимо реліз на четвер: міграція довша, ніж 20 хвилин",
    has_text=True,
    content_hash="9f2c6b1d0a7e4f35",
    sent_at=_SENT,
)
SCORE = ScoreRecord(
    message_id=4711,
    importance_score=0.84,
    message_class="signal",
    scored_class="signal",
    noise_factors={
        "content": {"value": 0.86, "weight": 1.0, "contribution": 0.86},
        "author_activity": {"value": 0.4, "weight": 0.05, "contribution": -0.01},
    },
    scorer_version="1",
    scored_at=_SENT,
)
VERSION = MessageVersionRecord(
    version=1, text="переносимо реліз", content_hash="51c0ffee0a7e4f35", written_at=_SENT, is_current=False
)
JOB = JobRecord(
    id=EXAMPLE_RUN,
    kind="export",
    status="running",
    source_name="result.json",
    created_at=_SENT,
    started_at=_SENT,
    messages_fetched=1200,
    messages_stored=1180,
    messages_skipped=18,
    errors_count=2,
    current_batch=3,
)
STATS = ScoringStats(
    total=400,
    by_class={"noise": 231, "weak_signal": 112, "signal": 57},
    corrections=4,
    mean_score=0.34,
    scorer_version="1",
)
