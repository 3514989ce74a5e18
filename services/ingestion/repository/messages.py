"""Messages and their versions: written in batches, one statement a step however large the batch is."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import text

from services.ingestion.merge import Content, Facts, Known
from services.ingestion.telegram.incoming import MIGRATED_ID_SHIFT
from shared.messaging.transaction import Transaction

_JSON = msgspec.json.Encoder(order="sorted")


class Key(NamedTuple):
    """What makes a message the same by every road: our chat id and Telegram's message id."""

    chat_id: int
    telegram_message_id: int


class Row(NamedTuple):
    """A message as the table has it."""

    id: int
    known: Known


_COLUMNS = {
    "chat_id": "bigint",
    "telegram_message_id": "bigint",
    "author_id": "bigint",
    "sender_chat_id": "bigint",
    "sent_at": "timestamptz",
    "edited_at": "timestamptz",
    "kind": "text",
    "text": "text",
    "has_text": "boolean",
    "content_hash": "bytea",
    "entities": "jsonb",
    "reply_to_message_id": "bigint",
    "thread_id": "bigint",
    "media_group_id": "text",
    "forward": "jsonb",
    "service_action": "text",
    "roads": "smallint",
}
_NAMES = ", ".join(_COLUMNS)
_ARRAYS = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _COLUMNS.items())
_INSERT = text(
    f"""
    INSERT INTO ingestion.messages ({_NAMES})
    SELECT {_NAMES} FROM unnest({_ARRAYS}) WITH ORDINALITY AS new ({_NAMES}, place)
    ORDER BY place
    ON CONFLICT (chat_id, telegram_message_id) DO NOTHING
    RETURNING id, chat_id, telegram_message_id
    """  # noqa: S608 - the names are our own
)
_LOCK = text(
    f"""
    SELECT id, {_NAMES} FROM ingestion.messages
    WHERE (chat_id, telegram_message_id) IN (
        SELECT * FROM unnest(CAST(:chat_ids AS bigint[]), CAST(:telegram_message_ids AS bigint[]))
    )
    ORDER BY chat_id, telegram_message_id
    FOR UPDATE
    """  # noqa: S608 - the names are our own
)
_CHANGING = [name for name in _COLUMNS if name not in ("chat_id", "telegram_message_id")]
_UPDATE = text(
    f"""
    UPDATE ingestion.messages SET {", ".join(f"{name} = new.{name}" for name in _CHANGING)}
    FROM unnest(CAST(:id AS bigint[]), {_ARRAYS}) AS new (id, {_NAMES})
    WHERE messages.id = new.id
    """  # noqa: S608 - the names are our own
)
_KEEP_VERSIONS = text(
    """
    INSERT INTO ingestion.message_versions
        (message_id, written_at, kind, text, has_text, content_hash, entities)
    SELECT * FROM unnest(
        CAST(:message_id AS bigint[]), CAST(:written_at AS timestamptz[]), CAST(:kind AS text[]),
        CAST(:text AS text[]), CAST(:has_text AS boolean[]), CAST(:content_hash AS bytea[]),
        CAST(:entities AS jsonb[])
    )
    ON CONFLICT (message_id, written_at, content_hash) DO NOTHING
    """
)
_MOVE_TO_FORMER = text(
    """
    UPDATE ingestion.messages message
    SET chat_id = :old_id, telegram_message_id = message.telegram_message_id - :shift
    WHERE chat_id = :new_id AND telegram_message_id < 0 AND NOT EXISTS (
        SELECT FROM ingestion.messages twin
        WHERE twin.chat_id = :old_id AND twin.telegram_message_id = message.telegram_message_id - :shift
    )
    """
)


async def insert_new(tx: Transaction, messages: Sequence[tuple[Key, Known]]) -> dict[Key, int]:
    """Insert messages whose keys are distinct; returns the ids of those that were not there."""
    rows = await tx.execute(_INSERT, _columns(messages))
    return {Key(row.chat_id, row.telegram_message_id): row.id for row in rows}


async def lock_standing(tx: Transaction, keys: Sequence[Key]) -> dict[Key, Row]:
    """Lock the messages that are there already, in key order, so that two batches cannot deadlock."""
    rows = await tx.execute(
        _LOCK,
        {
            "chat_ids": [key.chat_id for key in keys],
            "telegram_message_ids": [key.telegram_message_id for key in keys],
        },
    )
    return {Key(row.chat_id, row.telegram_message_id): Row(row.id, _known(row)) for row in rows}


async def update_standing(tx: Transaction, messages: Sequence[tuple[int, Key, Known]]) -> None:
    """Write how messages stand now."""
    columns = _columns([(key, known) for _, key, known in messages])
    await tx.execute(_UPDATE, {"id": [message_id for message_id, _, _ in messages], **columns})


async def keep_versions(tx: Transaction, versions: Iterable[tuple[int, Content]]) -> None:
    """Keep earlier contents of messages, each once."""
    rows = list(versions)
    await tx.execute(
        _KEEP_VERSIONS,
        {
            "message_id": [message_id for message_id, _ in rows],
            "written_at": [content.written_at for _, content in rows],
            "kind": [content.kind for _, content in rows],
            "text": [content.text for _, content in rows],
            "has_text": [content.has_text for _, content in rows],
            "content_hash": [content.content_hash for _, content in rows],
            "entities": [_to_json(content.entities) for _, content in rows],
        },
    )


async def move_to_former_chat(tx: Transaction, *, old_id: int, new_id: int) -> None:
    """Give messages that an export put into the supergroup back to the group in which they were written."""
    await tx.execute(_MOVE_TO_FORMER, {"old_id": old_id, "new_id": new_id, "shift": MIGRATED_ID_SHIFT})


def _columns(messages: Sequence[tuple[Key, Known]]) -> dict[str, list[Any]]:
    known = [entry for _, entry in messages]
    return {
        "chat_id": [key.chat_id for key, _ in messages],
        "telegram_message_id": [key.telegram_message_id for key, _ in messages],
        "author_id": [entry.facts.author_id for entry in known],
        "sender_chat_id": [entry.facts.sender_chat_id for entry in known],
        "sent_at": [entry.sent_at for entry in known],
        "edited_at": [_edited_at(entry) for entry in known],
        "kind": [entry.content.kind for entry in known],
        "text": [entry.content.text for entry in known],
        "has_text": [entry.content.has_text for entry in known],
        "content_hash": [entry.content.content_hash for entry in known],
        "entities": [_to_json(entry.content.entities) for entry in known],
        "reply_to_message_id": [entry.facts.reply_to_message_id for entry in known],
        "thread_id": [entry.facts.thread_id for entry in known],
        "media_group_id": [entry.facts.media_group_id for entry in known],
        "forward": [
            None if entry.facts.forward is None else _to_json(entry.facts.forward) for entry in known
        ],
        "service_action": [entry.facts.service_action for entry in known],
        "roads": [entry.facts.roads for entry in known],
    }


def _known(row: Any) -> Known:
    return Known(
        sent_at=row.sent_at,
        content=Content(
            written_at=row.edited_at or row.sent_at,
            content_hash=row.content_hash,
            kind=row.kind,
            text=row.text,
            has_text=row.has_text,
            entities=row.entities,
        ),
        facts=Facts(
            author_id=row.author_id,
            sender_chat_id=row.sender_chat_id,
            reply_to_message_id=row.reply_to_message_id,
            thread_id=row.thread_id,
            media_group_id=row.media_group_id,
            forward=row.forward,
            service_action=row.service_action,
            roads=row.roads,
        ),
    )


def _edited_at(known: Known) -> Any:
    return known.content.written_at if known.content.written_at > known.sent_at else None


def _to_json(value: object) -> str:
    return "[]" if value == [] else _JSON.encode(value).decode()
