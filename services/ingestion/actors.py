"""What ingestion does when it is told to."""

from typing import Any
from uuid import UUID

from loguru import logger
from prometheus_client import Counter

from services.ingestion.importing import run_import
from services.ingestion.merge import Road
from services.ingestion.repository.reading import messages_by_id, texts_by_id
from services.ingestion.saving import save_messages
from services.ingestion.telegram.updates import MessageUpdate, UnreadableUpdate, parse_update
from shared.contracts.ingestion import (
    IngestTelegramMessages,
    MessageUpdated,
    ProcessMessage,
    SaveTelegramMessage,
)
from shared.contracts.scoring import ScoreMessage
from shared.messaging.transaction import transaction
from shared.service import actor

_UPDATES = Counter("telegram_updates_total", "Webhook updates by what became of them.", ["kind", "outcome"])
_DAY = 24 * 3600.0


@actor(SaveTelegramMessage)
async def save_telegram_message(update: dict[str, Any]) -> None:
    """Save one webhook update. A second run merges the same message into the row that stands."""
    read = parse_update(update)
    if isinstance(read, UnreadableUpdate):
        _UPDATES.labels(read.kind or "unknown", "unreadable").inc()
        logger.warning("update {} cannot be saved: {}", read.update_id, read.reason)
        return
    if not isinstance(read, MessageUpdate):
        _UPDATES.labels(read.kind, "ignored").inc()
        return
    async with transaction() as tx:
        (saved,) = await save_messages(tx, Road.WEBHOOK, [read.message])
        if saved.text_changed:
            (text,) = await texts_by_id(tx, [saved.message_id])
            tx.send(ScoreMessage(message_id=saved.message_id, message=text))
            (record,) = await messages_by_id(tx, [saved.message_id])
            tx.publish(MessageUpdated(message=record, is_new=saved.is_new))
    _UPDATES.labels(read.kind, "saved").inc()


@actor(IngestTelegramMessages, time_limit=_DAY)
async def ingest_telegram_messages_task(job_id: UUID) -> dict[str, int]:
    """Run an import to its end. A second run goes on after the last batch that the job kept."""
    return await run_import(job_id)


@actor(ProcessMessage)
async def process_message(text: str) -> str:
    """Echo. A second run gives the same answer."""
    return f"Processed: {text}"
