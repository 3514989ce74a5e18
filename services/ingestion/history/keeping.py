"""What a history job keeps: each step a transaction, with its checkpoint and all that follows from it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from services.ingestion.history.asking import Asker, StoppedError
from services.ingestion.merge import Road
from services.ingestion.repository.chats import SeenChat, ensure_chats, migrate_chat
from services.ingestion.repository.history import ChatToRead, add_former_chat, change_chat
from services.ingestion.repository.jobs import Progress, advance_job, get_job, keep_errors
from services.ingestion.repository.messages import move_to_former_chat
from services.ingestion.saving import save_messages
from services.ingestion.telegram.history_pages import Page, Window
from services.ingestion.telegram.incoming import IncomingChat
from shared.contracts.ingestion import IngestionProgress, JobRecord
from shared.contracts.scoring import ScoreUnscoredMessages
from shared.messaging.transaction import Transaction, transaction

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Run:
    """A job that this process runs, and the checkpoint that it knows."""

    job: JobRecord
    checkpoint: int
    asker: Asker

    @property
    def window(self) -> Window:
        """Which messages are wanted."""
        return Window(self.job.since, self.job.until)


async def begin_chat(run: Run, chat: ChatToRead, former: tuple[int, str | None] | None) -> None:
    """Make a chat known, with the group that it was before, which is read after the others.

    Args:
        run: The job.
        chat: The chat.
        former: Telegram id and title of that group, if there was one.

    Raises:
        StoppedError: When the job is no longer this process's, or no longer wanted: then nothing is kept.
    """
    async with transaction() as tx:
        if former is not None:
            telegram_id, title = former
            await add_former_chat(
                tx, run.job.id, telegram_id=telegram_id, title=title, migrated_to=chat.telegram_id
            )
            await _note_migration(tx, telegram_id, chat.telegram_id)
        if chat.migrated_to is not None:
            await _note_migration(tx, chat.telegram_id, chat.migrated_to)
        await ensure_chats(tx, [SeenChat(IncomingChat(chat.telegram_id, chat.type, chat.title), _LONG_AGO)])
        await change_chat(tx, run.job.id, chat.place, status="running")
        await _advance(tx, run, Progress(items=1, fetched=0, stored=0, skipped=0, errors=[]))
    run.checkpoint += 1


async def keep_page(run: Run, chat: ChatToRead, page: Page) -> None:
    """Save a page and all that follows from it.

    Raises:
        StoppedError: As `begin_chat`.
    """
    async with transaction() as tx:
        saved = await save_messages(tx, Road.HISTORY, page.messages) if page.messages else []
        if page.errors:
            await keep_errors(tx, run.job.id, page.errors)
        stored = sum(message.is_new for message in saved)
        fetched = len(saved) + len(page.errors)
        await change_chat(
            tx,
            run.job.id,
            chat.place,
            oldest_id=page.oldest_id,
            title=page.chat.title or chat.title,
            messages_fetched=chat.messages_fetched + fetched,
            messages_total=chat.messages_total
            if run.window != Window()
            else page.total or chat.messages_total,
            status="completed" if page.is_last else "running",
        )
        to_score = [message.message_id for message in saved if message.text_changed]
        if to_score:
            tx.send(ScoreUnscoredMessages(message_ids=to_score))
        skipped = len(saved) - stored
        await _advance(tx, run, Progress(1, fetched, stored, skipped, page.errors))
    run.checkpoint += 1


async def give_up_chat(run: Run, chat: ChatToRead, reason: str) -> None:
    """Leave a chat out, and say why in the job's log.

    Raises:
        StoppedError: As `begin_chat`.
    """
    error = (f"chat {chat.telegram_id}", f"{chat.title or chat.telegram_id}: {reason}")
    async with transaction() as tx:
        await keep_errors(tx, run.job.id, [error])
        await change_chat(tx, run.job.id, chat.place, status="failed")
        await _advance(tx, run, Progress(items=1, fetched=0, stored=0, skipped=0, errors=[error]))
    run.checkpoint += 1


async def _note_migration(tx: Transaction, old: int, new: int) -> None:
    ids = await ensure_chats(
        tx,
        [
            SeenChat(IncomingChat(old, "group"), _LONG_AGO),
            SeenChat(IncomingChat(new, "supergroup"), _LONG_AGO),
        ],
    )
    if await migrate_chat(tx, old_id=ids[old], new_id=ids[new]):
        await move_to_former_chat(tx, old_id=ids[old], new_id=ids[new])


async def _advance(tx: Transaction, run: Run, progress: Progress) -> None:
    if not await advance_job(tx, run.job.id, run.checkpoint, progress):
        raise StoppedError
    tx.publish(IngestionProgress(job=await get_job(tx, run.job.id)))
