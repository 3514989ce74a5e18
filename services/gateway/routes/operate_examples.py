"""Examples of queues, workers and dead letters in the API's description."""

from datetime import UTC, datetime

import msgspec

from services.gateway.queue_figures import QueueRecord
from services.gateway.routes.dead_letter_bodies import LetterDetails, LetterRecord, ManyDone
from services.gateway.routes.parameters import EXAMPLE_RUN
from shared.messaging.workers import RunningTask, WorkerRecord

_AT = datetime(2026, 3, 12, 9, 41, 7, tzinfo=UTC)
_LATER = datetime(2026, 3, 12, 9, 58, 30, tzinfo=UTC)

QUEUE = QueueRecord(
    queue="knowledge",
    ready=12,
    in_progress=4,
    in_line=0,
    delayed=2,
    lag=16,
    redelivered=0,
    dead=1,
    oldest_at=_AT,
    oldest_seconds=4.2,
    workers=2,
    threads=8,
    busy=4,
)
PAUSED_QUEUE = msgspec.structs.replace(QUEUE, paused=True, paused_until=_LATER)
WORKER = WorkerRecord(
    service="knowledge",
    host="knowledge-6c9f7d-x2x4v",
    pid=17,
    started_at=_AT,
    beat_at=_LATER,
    threads=4,
    queues=["knowledge"],
    running=[
        RunningTask(
            actor="extract_knowledge_from_messages_task",
            queue="knowledge",
            task_id=str(EXAMPLE_RUN),
            run_id=EXAMPLE_RUN,
            since=_LATER,
        )
    ],
)
LETTER = LetterRecord(
    sequence=7,
    queue="knowledge",
    actor="extract_knowledge_from_messages_task",
    task_id=str(EXAMPLE_RUN),
    reason="failed",
    exception="openai.RateLimitError",
    error="Error code: 429 - you exceeded your current quota",
    attempts=9,
    first_at=_AT,
    last_at=_LATER,
    run_id=EXAMPLE_RUN,
    trace_url=f"http://127.0.0.1:16686/trace/{EXAMPLE_RUN.hex}",
)
DETAILS = LetterDetails(
    **msgspec.structs.asdict(LETTER),
    arguments={"message_ids": [1, 2, 3], "agent_config_id": None},
    options={"tracked": True},
    traceback="Traceback (most recent call last):\n  …\nopenai.RateLimitError: Error code: 429",
    traceparent=f"00-{EXAMPLE_RUN.hex}-2f8f4c1f7d10aa55-01",
)
MANY = ManyDone(count=200, left=37, is_complete=False, up_to=412, after=200, run_id=EXAMPLE_RUN)
