"""Saving what Telegram told us: the same rows by whichever road, in whatever order, however often."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from services.ingestion.merge import Content, Facts, Known, Merged, Road, merge
from services.ingestion.repository.chats import SeenChat, ensure_chats, former_chats, migrate_chat
from services.ingestion.repository.messages import (
    Key,
    insert_new,
    keep_versions,
    lock_standing,
    move_to_former_chat,
    update_standing,
)
from services.ingestion.repository.users import SeenUser, ensure_users
from services.ingestion.telegram.incoming import MIGRATED_ID_SHIFT, IncomingChat, IncomingMessage
from shared.messaging.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of one message."""

    message_id: int
    is_new: bool
    text_changed: bool


@dataclass(frozen=True, slots=True)
class _Ids:
    chats: dict[int, int]
    users: dict[int, int]


async def save_messages(tx: Transaction, road: Road, messages: Sequence[IncomingMessage]) -> list[Saved]:
    """Save messages, new or known, and say what became of each, in their order.

    Safe to run again with the same messages: they are merged into the rows that stand.
    """
    messages = await _under_former_chats(tx, messages)
    ids = _Ids(
        chats=await ensure_chats(tx, _seen_chats(messages)),
        users=await ensure_users(tx, _seen_users(messages)),
    )
    for message in messages:
        await _note_migration(tx, ids, message)
    keyed = [
        (Key(ids.chats[message.chat.telegram_id], message.telegram_message_id), _known(message, road, ids))
        for message in messages
    ]
    saved: dict[int, Saved] = {}
    for turn in _distinct_turns([key for key, _ in keyed]):
        outcomes = await _save_distinct(tx, [keyed[place] for place in turn])
        saved.update(zip(turn, outcomes, strict=True))
    return [saved[place] for place in range(len(keyed))]


async def _save_distinct(tx: Transaction, messages: list[tuple[Key, Known]]) -> list[Saved]:
    """Save messages whose keys are distinct."""
    made = await insert_new(tx, messages)
    repeated = {key: known for key, known in messages if key not in made}
    merged = await _merge_standing(tx, repeated) if repeated else {}
    return [
        Saved(made[key], is_new=True, text_changed=True)
        if key in made
        else Saved(merged[key][0], is_new=False, text_changed=merged[key][1].text_changed)
        for key, _ in messages
    ]


async def _merge_standing(tx: Transaction, repeated: dict[Key, Known]) -> dict[Key, tuple[int, Merged]]:
    standing = await lock_standing(tx, list(repeated))
    merged = {key: (row.id, merge(row.known, repeated[key])) for key, row in standing.items()}
    versions = [(row_id, outcome.earlier) for row_id, outcome in merged.values() if outcome.earlier]
    if versions:
        await keep_versions(tx, versions)
    changed = [(row_id, key, outcome.known) for key, (row_id, outcome) in merged.items() if outcome.changed]
    if changed:
        await update_standing(tx, changed)
    return merged


def _distinct_turns(keys: Sequence[Key]) -> Iterator[list[int]]:
    """Places in turns, so that no key stands twice in one turn and each key keeps its order."""
    turns: list[list[int]] = []
    seen: dict[Key, int] = {}
    for place, key in enumerate(keys):
        turn = seen.get(key, 0)
        seen[key] = turn + 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(place)
    yield from turns


def _known(message: IncomingMessage, road: Road, ids: _Ids) -> Known:
    sender, sender_chat = message.sender, message.sender_chat
    forward = msgspec.to_builtins(message.forward) if message.forward else None
    return Known(
        sent_at=message.sent_at,
        content=Content(
            written_at=max(message.edited_at or message.sent_at, message.sent_at),
            content_hash=message.content_hash,
            kind=message.kind,
            text=message.text,
            has_text=message.has_text,
            entities=msgspec.to_builtins(message.entities) if message.entities else [],
        ),
        facts=Facts(
            author_id=ids.users[sender.telegram_id] if sender else None,
            sender_chat_id=ids.chats[sender_chat.telegram_id] if sender_chat else None,
            reply_to_message_id=message.reply_to_message_id,
            thread_id=message.thread_id,
            media_group_id=message.media_group_id,
            forward={name: value for name, value in forward.items() if value is not None}
            if forward
            else None,
            service_action=message.service_action,
            roads=int(road),
        ),
    )


def _seen_chats(messages: Iterable[IncomingMessage]) -> Iterator[SeenChat]:
    for message in messages:
        yield SeenChat(message.chat, message.sent_at)
        if message.sender_chat is not None:
            yield SeenChat(message.sender_chat, message.sent_at)
        # The other side of a migration is known by its id alone; its first message will name it.
        if message.migrate_to_chat_id is not None:
            yield SeenChat(IncomingChat(message.migrate_to_chat_id, "supergroup"), message.sent_at)
        if message.migrate_from_chat_id is not None:
            yield SeenChat(IncomingChat(message.migrate_from_chat_id, "group"), message.sent_at)


def _seen_users(messages: Iterable[IncomingMessage]) -> Iterator[SeenUser]:
    return (SeenUser(message.sender, message.sent_at) for message in messages if message.sender is not None)


async def _note_migration(tx: Transaction, ids: _Ids, message: IncomingMessage) -> None:
    """Point the group at the supergroup that it became, whichever of the two tells of it."""
    here = ids.chats[message.chat.telegram_id]
    if message.migrate_to_chat_id is not None:
        old_id, new_id = here, ids.chats[message.migrate_to_chat_id]
    elif message.migrate_from_chat_id is not None:
        old_id, new_id = ids.chats[message.migrate_from_chat_id], here
    else:
        return
    if await migrate_chat(tx, old_id=old_id, new_id=new_id):
        await move_to_former_chat(tx, old_id=old_id, new_id=new_id)


async def _under_former_chats(
    tx: Transaction, messages: Sequence[IncomingMessage]
) -> Sequence[IncomingMessage]:
    """Give messages that an export shows in a supergroup, but that its former group has, their own key."""
    shifted = sorted({message.chat.telegram_id for message in messages if message.telegram_message_id < 0})
    if not shifted:
        return messages
    former = await former_chats(tx, shifted)
    return [
        msgspec.structs.replace(
            message,
            chat=IncomingChat(former[message.chat.telegram_id], "group"),
            telegram_message_id=message.telegram_message_id - MIGRATED_ID_SHIFT,
        )
        if message.telegram_message_id < 0 and message.chat.telegram_id in former
        else message
        for message in messages
    ]
