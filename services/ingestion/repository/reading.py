"""Messages for those who ask: whole records, bare texts, versions."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select, text, tuple_
from sqlalchemy.orm import aliased

from services.ingestion.repository.chats import chat_records
from services.ingestion.tables import Avatar, Chat, Message, MessageVersion, TelegramProfile, User
from shared.contracts.ingestion import (
    AuthorRecord,
    ListMessages,
    MessageRecord,
    MessageText,
    MessageVersionRecord,
)
from shared.database.cursors import TimeAndId
from shared.messaging.transaction import Transaction

_SenderChat = aliased(Chat)

TEXT_COLUMNS = """
    SELECT message.id, coalesce(chat.migrated_to_id, chat.id) AS chat_id, author_id, sent_at,
        coalesce(edited_at, sent_at) AS written_at, kind, text, has_text,
        content_hash, reply_to_message_id IS NOT NULL AS is_reply, forward IS NOT NULL AS is_forward,
        thread_id, reply_to_message_id
    FROM ingestion.messages message JOIN ingestion.chats chat ON chat.id = message.chat_id
"""
"""How a text is read; a condition on `message` is to follow."""
_TEXTS_BY_ID = text(TEXT_COLUMNS + " WHERE message.id = ANY(CAST(:ids AS bigint[])) ORDER BY message.id")
_TEXTS_AFTER = text(TEXT_COLUMNS + " WHERE message.id > :after_id ORDER BY message.id LIMIT :limit")


async def texts_by_id(tx: Transaction, ids: Sequence[int]) -> list[MessageText]:
    """The texts of these messages, in id order; unknown ids are left out."""
    return [text_of(row) for row in await tx.execute(_TEXTS_BY_ID, {"ids": list(ids)})]


async def texts_after(tx: Transaction, after_id: int, limit: int) -> list[MessageText]:
    """The next texts in id order."""
    return [text_of(row) for row in await tx.execute(_TEXTS_AFTER, {"after_id": after_id, "limit": limit})]


async def messages_by_id(tx: Transaction, ids: Sequence[int]) -> list[MessageRecord]:
    """The messages with these ids, in id order; unknown ids are left out."""
    return await _records(tx, _select_messages().where(Message.id.in_(ids)).order_by(Message.id))


async def list_messages(tx: Transaction, query: ListMessages, after: TimeAndId | None) -> list[MessageRecord]:
    """Messages, newest first; one more than the limit when there is a next page."""
    statement = _select_messages().order_by(Message.sent_at.desc(), Message.id.desc()).limit(query.limit + 1)
    if query.chat_id is not None:
        statement = statement.where(Message.chat_id.in_(_family_of(query.chat_id)))
    if query.thread_id is not None:
        statement = statement.where(Message.thread_id == query.thread_id)
    if query.author_id is not None:
        statement = statement.where(Message.author_id == query.author_id)
    if query.kind is not None:
        statement = statement.where(Message.kind == query.kind)
    if query.since is not None:
        statement = statement.where(Message.sent_at >= query.since)
    if query.until is not None:
        statement = statement.where(Message.sent_at < query.until)
    if after is not None:
        statement = statement.where(tuple_(Message.sent_at, Message.id) < tuple_(after.at, after.id))
    return await _records(tx, statement)


async def message_versions(tx: Transaction, message_id: int) -> list[MessageVersionRecord]:
    """Every version of a message, oldest first; empty when there is no such message."""
    written_at = func.coalesce(Message.edited_at, Message.sent_at)
    present = await tx.execute(
        select(Message.text, Message.content_hash, written_at).where(Message.id == message_id)
    )
    earlier = await tx.execute(
        select(MessageVersion.text, MessageVersion.content_hash, MessageVersion.written_at)
        .where(MessageVersion.message_id == message_id)
        .order_by(MessageVersion.written_at, MessageVersion.content_hash)
    )
    found: list[tuple[Any, bool]] = [
        *((row, False) for row in earlier.all()),
        *((row, True) for row in present.all()),
    ]
    return [
        MessageVersionRecord(
            version=number, text=row[0], content_hash=row[1].hex(), written_at=row[2], is_current=is_current
        )
        for number, (row, is_current) in enumerate(found, start=1)
    ]


def _family_of(chat_id: int) -> Select[Any]:
    """All the ids that one chat has had."""
    present = select(func.coalesce(Chat.migrated_to_id, Chat.id)).where(Chat.id == chat_id).scalar_subquery()
    return select(Chat.id).where(func.coalesce(Chat.migrated_to_id, Chat.id) == present)


def _select_messages() -> Select[Any]:
    versions = (
        select(func.count())
        .select_from(MessageVersion)
        .where(MessageVersion.message_id == Message.id)
        .scalar_subquery()
    )
    return (
        select(
            *Message.__table__.columns,
            TelegramProfile.username,
            TelegramProfile.is_bot,
            func.coalesce(User.display_name, TelegramProfile.display_name).label("author_name"),
            Avatar.object_name.is_not(None).label("has_avatar"),
            _SenderChat.title.label("sender_chat_title"),
            _SenderChat.username.label("sender_chat_username"),
            versions.label("versions"),
        )
        .outerjoin(User, User.id == Message.author_id)
        .outerjoin(TelegramProfile, TelegramProfile.user_id == User.id)
        .outerjoin(Avatar, Avatar.user_id == User.id)
        .outerjoin(_SenderChat, _SenderChat.id == Message.sender_chat_id)
    )


async def _records(tx: Transaction, statement: Select[Any]) -> list[MessageRecord]:
    rows = (await tx.execute(statement)).all()
    chats = await chat_records(tx, sorted({row.chat_id for row in rows})) if rows else []
    chat_of = {chat_id: chat for chat in chats for chat_id in chat.ids}
    return [
        MessageRecord(
            id=row.id,
            chat=chat_of[row.chat_id],
            telegram_message_id=row.telegram_message_id,
            author=_author(row),
            kind=row.kind,
            text=row.text,
            has_text=row.has_text,
            content_hash=row.content_hash.hex(),
            sent_at=row.sent_at,
            edited_at=row.edited_at,
            reply_to_message_id=row.reply_to_message_id,
            thread_id=row.thread_id,
            media_group_id=row.media_group_id,
            is_forward=row.forward is not None,
            entities=row.entities,
            versions=row.versions,
        )
        for row in rows
    ]


def _author(row: Any) -> AuthorRecord | None:
    if row.author_id is not None:
        return AuthorRecord(
            user_id=row.author_id,
            chat_id=None,
            name=row.author_name or "Deleted account",
            username=row.username,
            is_bot=bool(row.is_bot),
            has_avatar=row.has_avatar,
        )
    if row.sender_chat_id is not None:
        return AuthorRecord(
            user_id=None,
            chat_id=row.sender_chat_id,
            name=row.sender_chat_title or "Channel",
            username=row.sender_chat_username,
        )
    return None


def text_of(row: Any) -> MessageText:
    """A row of `TEXT_COLUMNS` as a text."""
    return MessageText(
        id=row.id,
        chat_id=row.chat_id,
        author_id=row.author_id,
        sent_at=row.sent_at,
        written_at=row.written_at,
        kind=row.kind,
        text=row.text,
        has_text=row.has_text,
        content_hash=row.content_hash.hex(),
        is_reply=row.is_reply,
        is_forward=row.is_forward,
        thread_id=row.thread_id,
        reply_to_message_id=row.reply_to_message_id,
    )
