"""What ingestion does when it is told to."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from loguru import logger
from prometheus_client import Counter

from services.ingestion.bot.connecting import reseal_token
from services.ingestion.bot.fetching import fetch_picture
from services.ingestion.history.running import run_history
from services.ingestion.history.sessions import reseal_session
from services.ingestion.importing import run_import
from services.ingestion.merge import Road
from services.ingestion.repository.avatars import claim_avatars
from services.ingestion.repository.bots import note_update
from services.ingestion.repository.history import kind_of_job
from services.ingestion.repository.reading import messages_by_id, texts_by_id
from services.ingestion.saving import Saved, save_messages
from services.ingestion.telegram.incoming import IncomingMessage
from services.ingestion.telegram.updates import MessageUpdate, UnreadableUpdate, parse_update
from shared.contracts.history import ResealTelegramSession
from shared.contracts.ingestion import (
    IngestTelegramMessages,
    MessageUpdated,
    ProcessMessage,
    SaveTelegramMessage,
)
from shared.contracts.scoring import ScoreMessage
from shared.contracts.telegram import FetchAvatar, ResealBotToken
from shared.messaging.together import Piece, Together
from shared.messaging.transaction import Transaction, transaction
from shared.service import FinalFailure, actor, sent_at

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
    await _ask_for_pictures(tx, updates, outcomes)
    changed = [saved.message_id for saved in outcomes if saved.text_changed]
    if not changed:
        return
    texts = {text.id: text for text in await texts_by_id(tx, changed)}
    records = {record.id: record for record in await messages_by_id(tx, changed)}
    for update, saved in zip(updates, outcomes, strict=True):
        if saved.text_changed:
            score = ScoreMessage(
                message_id=saved.message_id,
                message=texts[saved.message_id],
                received_at=update.within(sent_at),
            )
            update.within(tx.send, score)
            event = MessageUpdated(message=records[saved.message_id], is_new=saved.is_new)
            update.within(tx.publish, event)


async def _ask_for_pictures(
    tx: Transaction, updates: Sequence[Piece[IncomingMessage]], outcomes: Sequence[Saved]
) -> None:
    """Have the authors' pictures fetched that were not, each within the chain of a message of theirs."""
    await note_update(tx)
    claimed = await claim_avatars(tx, [saved.message_id for saved in outcomes])
    for update, saved in zip(updates, outcomes, strict=True):
        user_id = claimed.pop(saved.message_id, None)
        if user_id is not None:
            update.within(tx.send, FetchAvatar(user_id=user_id))


_saving = Together(_save_all)


@actor(IngestTelegramMessages, time_limit=_DAY)
async def ingest_telegram_messages_task(job_id: UUID) -> dict[str, int]:
    """Run an import or a history to its end. A second run goes on after the last batch that the job kept."""
    async with transaction() as tx:
        kind = await kind_of_job(tx, job_id)
    if kind is None:
        raise FinalFailure(f"There is no ingestion job {job_id}.")
    return await (run_history if kind == "history" else run_import)(job_id)


@actor(ResealTelegramSession)
async def reseal_telegram_session_task() -> str:
    """Seal the account's session with the newest encryption key. A second run seals the same one again."""
    return await reseal_session()


@actor(ProcessMessage)
async def process_message(text: str) -> str:
    """Echo. A second run gives the same answer."""
    return f"Processed: {text}"


@actor(FetchAvatar)
async def fetch_avatar_task(user_id: int) -> str:
    """Fetch a person's picture. A second run finds the same picture and keeps it again."""
    return await fetch_picture(user_id)


@actor(ResealBotToken)
async def reseal_bot_token_task() -> str:
    """Seal the bot's token with the newest encryption key. A second run seals the same token again."""
    return await reseal_token()
