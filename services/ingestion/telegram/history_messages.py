"""A message as Telegram's own API gives it to a person's account, as an `IncomingMessage`.

It is read by the names of its fields and constructors (https://core.telegram.org/constructor/message), and
where the Bot API says the same in another way, turned into what TDLib would make of it for a bot.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from services.ingestion.telegram.content import Content, marked_parts, placeholder, written
from services.ingestion.telegram.fields import (
    Unreadable,
    channel_id,
    message_id,
    moment,
    name,
    optional_moment,
    shown,
    telegram_id,
)
from services.ingestion.telegram.history_kinds import constructor, media_kind, service_action
from services.ingestion.telegram.incoming import Forward, IncomingChat, IncomingMessage, IncomingUser

Peers = Mapping[int, Any]
"""Users and chats that came with messages, by their ids in Bot API form."""

_ENTITIES = {
    "MessageEntityMention": "mention",
    "MessageEntityHashtag": "hashtag",
    "MessageEntityCashtag": "cashtag",
    "MessageEntityBotCommand": "bot_command",
    "MessageEntityUrl": "url",
    "MessageEntityEmail": "email",
    "MessageEntityPhone": "phone_number",
    "MessageEntityBold": "bold",
    "MessageEntityItalic": "italic",
    "MessageEntityUnderline": "underline",
    "MessageEntityStrike": "strikethrough",
    "MessageEntitySpoiler": "spoiler",
    "MessageEntityBlockquote": "blockquote",
    "MessageEntityCode": "code",
    "MessageEntityPre": "pre",
    "MessageEntityTextUrl": "text_link",
    "MessageEntityMentionName": "text_mention",
    "MessageEntityCustomEmoji": "custom_emoji",
}
_TITLED_ACTIONS = frozenset({"new_chat_title", "forum_topic_created", "forum_topic_edited"})


def peer_id(peer: Any) -> int | None:
    """The id of a `Peer` in Bot API form; None when there is none."""
    match constructor(peer):
        case "PeerUser":
            return telegram_id(peer.user_id)
        case "PeerChat":
            return telegram_id(-peer.chat_id)
        case "PeerChannel":
            return telegram_id(channel_id(peer.channel_id))
        case _:
            return None


def peers_by_id(users: Iterable[Any], chats: Iterable[Any]) -> dict[int, Any]:
    """Users and chats by their ids in Bot API form."""
    found = {user.id: user for user in users}
    for chat in chats:
        found[channel_id(chat.id) if constructor(chat).startswith("Channel") else -chat.id] = chat
    return found


def history_chat(bot_api_id: int, entity: Any) -> IncomingChat:
    """The chat, or the user one talks with, that has this id.

    Args:
        bot_api_id: The id in Bot API form.
        entity: A user, group or channel; None when Telegram did not send it.
    """
    if bot_api_id > 0:
        return IncomingChat(bot_api_id, "private", _full_name(entity), _username(entity))
    if constructor(entity).startswith("Channel"):
        kind = "channel" if getattr(entity, "broadcast", None) else "supergroup"
    else:
        kind = "group" if bot_api_id > channel_id(0) else "channel"
    return IncomingChat(bot_api_id, kind, name(getattr(entity, "title", None)), _username(entity))


def read_history_message(
    message: Any, chat: IncomingChat, peers: Peers, self_id: int | None
) -> IncomingMessage:
    """The message that this `Message` or `MessageService` means.

    Args:
        message: As Telegram's API gives it.
        chat: Whose history it stands in.
        peers: The users and chats that came with it.
        self_id: Of the account that reads; in private chats Telegram does not say who of the two wrote.

    Raises:
        Unreadable: Its id or date is missing or absurd, or its text too long.
    """
    own_id = message_id(message.id)
    if own_id is None:
        raise Unreadable(f"its id is {shown(message.id)}, not a message id")
    event: Any = getattr(message, "action", None)
    action = service_action(event, chat.type) if event is not None else None
    kind, content = ("service", _service_content(event, action)) if action else _content(message)
    reply_to, thread_id = _place(message, chat, own_id, action)
    sender, sender_chat = _sender(message, chat, peers, self_id)
    hidden_edit = getattr(message, "edit_hide", None)
    album = getattr(message, "grouped_id", None)
    return IncomingMessage(
        chat=chat,
        telegram_message_id=own_id,
        sent_at=moment(_seconds(message.date)),
        kind=kind,
        text=content.text,
        has_text=content.has_text,
        content_hash=content.content_hash,
        # Reactions and the like count as edits, too; Telegram hides those.
        edited_at=None if hidden_edit else optional_moment(_seconds(getattr(message, "edit_date", None))),
        sender=sender,
        sender_chat=sender_chat,
        entities=content.entities,
        reply_to_message_id=reply_to,
        thread_id=thread_id,
        media_group_id=None if album is None else str(album),
        forward=_forward(getattr(message, "fwd_from", None), peers),
        migrate_to_chat_id=channel_id(event.channel_id) if action == "migrate_to_chat_id" else None,
        migrate_from_chat_id=-event.chat_id if action == "migrate_from_chat_id" else None,
        service_action=action,
    )


def _content(message: Any) -> tuple[str, Content]:
    kind = media_kind(message.media)
    text, entities = message.message, [_entity(each) for each in message.entities or ()]
    if kind == "game":
        text = ""  # the Bot API has it inside of the game
    if kind == "poll" and not text:
        text, entities = getattr(message.media.poll.question, "text", ""), []
    content = written(marked_parts(text, entities)) if text else None
    if content is None:
        return kind or "unsupported", placeholder(kind or "unsupported")
    return kind or "text", content


def _entity(entity: Any) -> dict[str, Any]:
    """The entity as the Bot API would write it."""
    return {
        "type": _ENTITIES.get(constructor(entity), ""),
        "offset": entity.offset,
        "length": entity.length,
        "url": getattr(entity, "url", None),
        "language": getattr(entity, "language", None),
        "user_id": getattr(entity, "user_id", None),
    }


def _service_content(event: Any, action: str) -> Content:
    return placeholder(action, name(getattr(event, "title", None)) if action in _TITLED_ACTIONS else None)


def _place(
    message: Any, chat: IncomingChat, own_id: int, action: str | None
) -> tuple[int | None, int | None]:
    """The message replied to, and the topic or thread, which Telegram writes as a reply to its beginning."""
    if action == "forum_topic_created":
        return None, own_id
    header = message.reply_to
    if constructor(header) != "MessageReplyHeader" or header.reply_to_scheduled:
        return None, None
    elsewhere = peer_id(header.reply_to_peer_id)
    target = message_id(header.reply_to_msg_id)
    if target is None or elsewhere not in (None, chat.telegram_id):
        return None, None
    thread_id = (message_id(header.reply_to_top_id) or target) if chat.type == "supergroup" else None
    if action is not None:
        # What a service message answers is what it is about: the message that was pinned, for one.
        return None, thread_id if header.forum_topic else None
    return None if header.forum_topic and target == thread_id else target, thread_id


def _sender(
    message: Any, chat: IncomingChat, peers: Peers, self_id: int | None
) -> tuple[IncomingUser | None, IncomingChat | None]:
    sender_id = peer_id(message.from_id)
    if message.post:
        return None, chat
    if sender_id is None and chat.type == "private":
        sender_id = self_id if message.out else chat.telegram_id
    if sender_id is None:
        return None, None
    if sender_id > 0:
        return _user(sender_id, peers.get(sender_id)), None
    sender_chat = chat if sender_id == chat.telegram_id else history_chat(sender_id, peers.get(sender_id))
    return None, sender_chat


def _user(user_id: int, user: Any) -> IncomingUser:
    return IncomingUser(
        user_id,
        display_name=_full_name(user),
        first_name=name(getattr(user, "first_name", None)),
        last_name=name(getattr(user, "last_name", None)),
        username=_username(user),
        is_bot=None if constructor(user) != "User" else bool(user.bot),
    )


def _full_name(user: Any) -> str | None:
    parts = name(getattr(user, "first_name", None)), name(getattr(user, "last_name", None))
    return name(" ".join(filter(None, parts)))


def _username(entity: Any) -> str | None:
    several = getattr(entity, "usernames", None) or ()
    first = next((each.username for each in several if each.active), None)
    return name(first or getattr(entity, "username", None))


def _forward(header: Any, peers: Peers) -> Forward | None:
    # A chat that was taken over from another messenger was not forwarded from anywhere.
    if header is None or header.imported:
        return None
    origin_id = peer_id(header.from_id)
    origin = peers.get(origin_id) if origin_id is not None else None
    origin_name = name(getattr(origin, "title", None)) or _full_name(origin) or name(header.from_name)
    return Forward(origin_name, origin_id, optional_moment(_seconds(header.date)))


def _seconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())
