"""What ingestion does when it is told to."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from loguru import logger
from prometheus_client import Counter

from services.ingestion.importing import run_import
from services.ingestion.merge import Road
from services.ingestion.repository.reading import messages_by_id, texts_by_id
from services.ingestion.saving import save_messages
from services.ingestion.telegram.incoming import IncomingMessage
from services.ingestion.telegram.updates import MessageUpdate, UnreadableUpdate, parse_update
from shared.contracts.ingestion import (
    IngestTelegramMessages,
    MessageUpdated,
    ProcessMessage,
    SaveTelegramMessage,
)
from shared.contracts.scoring import ScoreMessage
from shared.messaging.together import Piece, Together
from shared.messaging.transaction import Transaction
from shared.service import actor

_UPDATES = Counter(
    "tt_telegram_updates_total", "Webhook updates by what became of them.", ["kind", "outcome"]
)
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
    await _saving.do(read.message)
    _UPDATES.labels(read.kind, "saved").inc()


async def _save_all(tx: Transaction, updates: Sequence[Piece[IncomingMessage]]) -> None:
    """Save the messages of several updates, and say of each what follows within its own chain."""
    outcomes = await save_messages(tx, Road.WEBHOOK, [update.item for update in updates])
    changed = [saved.message_id for saved in outcomes if saved.text_changed]
    if not changed:
        return
    texts = {text.id: text for text in await texts_by_id(tx, changed)}
    records = {record.id: record for record in await messages_by_id(tx, changed)}
    for update, saved in zip(updates, outcomes, strict=True):
        if saved.text_changed:
            score = ScoreMessage(message_id=saved.message_id, message=texts[saved.message_id])
            update.within(tx.send, score)
            event = MessageUpdated(message=records[saved.message_id], is_new=saved.is_new)
            update.within(tx.publish, event)


_saving = Together(_save_all)


@actor(IngestTelegramMessages, time_limit=_DAY)
async def ingest_telegram_messages_task(job_id: UUID) -> dict[str, int]:
    """Run an import to its end. A second run goes on after the last batch that the job kept."""
    return await run_import(job_id)


@actor(ProcessMessage)
async def process_message(text: str) -> str:
    """Echo. A second run gives the same answer."""
    return f"Processed: {text}"
