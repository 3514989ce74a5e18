"""One chat of a Telegram Desktop export, and its messages as `IncomingMessage`."""

from datetime import datetime
from typing import Any

from services.ingestion.telegram.export_kinds import exported_content, service_action, service_content
from services.ingestion.telegram.fields import (
    Unreadable,
    channel_id,
    exported_message_id,
    moment,
    name,
    optional_moment,
    shown,
    telegram_id,
    zoneless_moment,
)
from services.ingestion.telegram.incoming import Forward, IncomingChat, IncomingMessage, IncomingUser

_CHAT_TYPES = {
    "personal_chat": "private",
    "bot_chat": "private",
    "saved_messages": "private",
    "replies": "private",
    "verification_codes": "private",
    "private_group": "group",
    "private_supergroup": "supergroup",
    "public_supergroup": "supergroup",
    "private_channel": "channel",
    "public_channel": "channel",
}
_UNNAMED = {
    "saved_messages": "Saved Messages",
    "replies": "Replies",
    "verification_codes": "Verification Codes",
}

_REMEMBERED = 50_000
_PEER_PREFIXES = ("user", "channel", "chat")
_PEER_BITS = 32

_Sender = tuple[IncomingUser | None, IncomingChat | None]


def exported_chat(header: dict[str, Any]) -> IncomingChat:
    """The chat that an export's `name`, `type` and `id` mean.

    Raises:
        Unreadable: the type is none of Telegram Desktop's, or the id is missing.
    """
    kind = header.get("type")
    chat_type = _CHAT_TYPES.get(kind) if isinstance(kind, str) else None
    if chat_type is None:
        raise Unreadable(f"its type is {shown(kind)}, not one that Telegram Desktop writes")
    bare = telegram_id(header.get("id"))
    if bare is None:
        raise Unreadable(f"its id is {shown(header.get('id'))}, not a number")
    # An id that is negative already was written in Bot API form by another tool.
    bot_api_id = bare if bare < 0 else {"private": bare, "group": -bare}.get(chat_type, channel_id(bare))
    return IncomingChat(bot_api_id, chat_type, name(header.get("name")) or _UNNAMED.get(str(kind)))


class ExportedChat:
    """Reads the messages of one chat in the order of the file, which tells forum topics from replies.

    Remembers the senders and the latest messages in topics, at most 50,000 of each.
    """

    def __init__(self, chat: IncomingChat) -> None:
        self.chat = chat
        self._senders: dict[tuple[object, object], _Sender] = {}
        self._topics: set[int] = set()
        self._threads: dict[int, int] = {}

    def read(self, raw: dict[str, Any]) -> IncomingMessage:
        """The message that this object of the file's `messages` means.

        Raises:
            Unreadable: its id or date is missing or absurd, or its text too long.
        """
        own_id = exported_message_id(raw.get("id"))
        if own_id is None:
            raise Unreadable(f"its id is {shown(raw.get('id'))}, not a message id")
        is_service = raw.get("type") == "service"
        action = service_action(raw, self.chat) if is_service else None
        kind, content = ("service", service_content(raw, action)) if action else exported_content(raw)
        reply_to, thread_id = self._place(raw, own_id, action)
        sender, sender_chat = self._sender(raw, "actor" if is_service and "actor_id" in raw else "from")
        return IncomingMessage(
            chat=self.chat,
            telegram_message_id=own_id,
            sent_at=_sent_at(raw),
            kind=kind,
            text=content.text,
            has_text=content.has_text,
            content_hash=content.content_hash,
            edited_at=optional_moment(raw.get("edited_unixtime")),
            sender=sender,
            sender_chat=sender_chat,
            entities=content.entities,
            reply_to_message_id=reply_to,
            thread_id=thread_id,
            forward=Forward(name(raw["forwarded_from"])) if "forwarded_from" in raw else None,
            service_action=action,
        )

    def _place(self, raw: dict[str, Any], own_id: int, action: str | None) -> tuple[int | None, int | None]:
        """The message replied to and the topic, whose messages an export writes as replies to its start."""
        if action == "forum_topic_created":
            self._topics.add(own_id)
            return None, own_id
        target = None if "reply_to_peer_id" in raw else exported_message_id(raw.get("reply_to_message_id"))
        if target is None or not self._topics:
            return target, None
        thread_id = target if target in self._topics else self._threads.get(target)
        if thread_id is not None:
            if len(self._threads) >= _REMEMBERED:
                del self._threads[next(iter(self._threads))]
            self._threads[own_id] = thread_id
        return None if target == thread_id else target, thread_id

    def _sender(self, raw: dict[str, Any], field: str) -> _Sender:
        key = raw.get(field + "_id"), raw.get(field)
        try:
            return self._senders[key]
        except (KeyError, TypeError):
            pass
        found = _read_sender(*key, self.chat)
        if isinstance(key[0], str) and isinstance(key[1], str | None):
            if len(self._senders) >= _REMEMBERED:
                self._senders.clear()
            self._senders[key] = found
        return found


def _read_sender(peer: object, display_name: object, chat: IncomingChat) -> _Sender:
    kind, bare = _peer(peer)
    title = name(display_name)
    if bare is None:
        return None, None
    if kind == "user":
        return IncomingUser(bare, display_name=title), None
    bot_api_id = -bare if kind == "chat" else channel_id(bare)
    if bot_api_id == chat.telegram_id:
        return None, chat
    return None, IncomingChat(bot_api_id, "group" if kind == "chat" else "channel", title)


def _peer(value: object) -> tuple[str, int | None]:
    """Kind and bare id of `user123`, `chat123`, `channel123`, or of the number in exports before 2021."""
    if isinstance(value, str):
        kind = next((prefix for prefix in _PEER_PREFIXES if value.startswith(prefix)), "")
        bare = telegram_id(value.removeprefix(kind)) if kind else None
        return kind, bare if bare is not None and bare > 0 else None
    number = telegram_id(value)
    if number is None or number < 0:
        return "", None
    kind = {0: "user", 1: "chat", 2: "channel"}.get(number >> _PEER_BITS, "")
    return kind, number & ((1 << _PEER_BITS) - 1) if kind else None


def _sent_at(raw: dict[str, Any]) -> datetime:
    unix = raw.get("date_unixtime")
    return zoneless_moment(raw.get("date")) if unix is None else moment(unix)
