"""One message of the Bot API, version 7 and later or before, as an `IncomingMessage`."""

from typing import Any

from services.ingestion.telegram.content import Content, marked_parts, placeholder, written
from services.ingestion.telegram.fields import (
    Unreadable,
    is_channel_id,
    message_id,
    moment,
    name,
    optional_moment,
    shown,
    telegram_id,
)
from services.ingestion.telegram.incoming import Forward, IncomingChat, IncomingMessage, IncomingUser

# Looked for in this order: an animation is also a document, a venue also a location.
_MEDIA_KINDS = (
    *("photo", "sticker", "animation", "video", "voice", "video_note", "audio", "document", "poll", "venue"),
    *("location", "contact", "game", "invoice", "dice", "story", "paid_media", "checklist", "giveaway"),
    "giveaway_winners",
)

# Each action in the Bot API's field name. What an export cannot tell apart bears one name by both roads.
_SERVICE_ACTIONS = {
    **{
        action: action
        for action in (
            *(
                "new_chat_members",
                "left_chat_member",
                "new_chat_title",
                "new_chat_photo",
                "delete_chat_photo",
            ),
            *("group_chat_created", "supergroup_chat_created", "channel_chat_created", "pinned_message"),
            *("migrate_to_chat_id", "migrate_from_chat_id", "message_auto_delete_timer_changed"),
            *("forum_topic_created", "forum_topic_edited", "successful_payment", "refunded_payment"),
            *(
                "users_shared",
                "chat_shared",
                "gift",
                "unique_gift",
                "connected_website",
                "write_access_allowed",
            ),
            *("passport_data", "proximity_alert_triggered", "boost_added", "chat_background_set"),
            *("checklist_tasks_done", "checklist_tasks_added", "direct_message_price_changed"),
            *("giveaway_created", "giveaway_completed", "paid_message_price_changed", "video_chat_scheduled"),
            *("video_chat_started", "video_chat_ended", "video_chat_participants_invited", "web_app_data"),
        )
    },
    "forum_topic_closed": "forum_topic_edited",
    "forum_topic_reopened": "forum_topic_edited",
    "general_forum_topic_hidden": "forum_topic_edited",
    "general_forum_topic_unhidden": "forum_topic_edited",
    "user_shared": "users_shared",
}

_CHAT_TYPES = frozenset({"private", "group", "supergroup", "channel"})


def read_bot_message(message: dict[str, Any]) -> IncomingMessage:
    """The message that the Bot API means, tolerant of everything but a missing chat, id or date.

    Raises:
        Unreadable: the chat, the message id or the date is missing or absurd, or the text is too long.
    """
    chat = _chat(message.get("chat"))
    if chat is None:
        raise Unreadable("it names no chat that has an id")
    own_id = message_id(message.get("message_id"))
    if own_id is None:
        raise Unreadable(f"its message_id is {shown(message.get('message_id'))}, not a positive number")
    sender_chat = _chat(message.get("sender_chat"))
    thread_id = message_id(message.get("message_thread_id"))
    action = next((name for field, name in _SERVICE_ACTIONS.items() if field in message), None)
    kind, content = ("service", _service_content(message, action)) if action else _content(message)
    return IncomingMessage(
        chat=chat,
        telegram_message_id=own_id,
        sent_at=moment(message.get("date")),
        kind=kind,
        text=content.text,
        has_text=content.has_text,
        content_hash=content.content_hash,
        edited_at=optional_moment(message.get("edit_date")),
        # Beside `sender_chat`, Telegram puts a stand-in user (GroupAnonymousBot and the like) into `from`.
        sender=None if sender_chat else _user(message.get("from")),
        sender_chat=sender_chat,
        entities=content.entities,
        reply_to_message_id=_reply_to(message.get("reply_to_message"), thread_id),
        thread_id=thread_id,
        media_group_id=name(message.get("media_group_id")),
        forward=_forward(message),
        migrate_to_chat_id=telegram_id(message.get("migrate_to_chat_id")),
        migrate_from_chat_id=telegram_id(message.get("migrate_from_chat_id")),
        service_action=action,
    )


def _content(message: dict[str, Any]) -> tuple[str, Content]:
    kind = next((media for media in _MEDIA_KINDS if media in message), None)
    text, entities = message.get("text"), message.get("entities")
    if not isinstance(text, str):
        text, entities = message.get("caption"), message.get("caption_entities")
    if kind == "poll" and not isinstance(text, str) and isinstance(poll := message["poll"], dict):
        text, entities = poll.get("question"), None
    content = written(marked_parts(text, entities)) if isinstance(text, str) else None
    if content is None:
        return kind or "unsupported", placeholder(kind or "unsupported")
    return kind or "text", content


def _service_content(message: dict[str, Any], action: str) -> Content:
    if action == "new_chat_title":
        return placeholder(action, name(message[action]))
    about = message.get(action)
    detail = about.get("name") if action.startswith("forum_topic_") and isinstance(about, dict) else None
    return placeholder(action, name(detail))


def _chat(raw: object) -> IncomingChat | None:
    if not isinstance(raw, dict) or (found := telegram_id(raw.get("id"))) is None:
        return None
    kind = raw.get("type")
    if not isinstance(kind, str) or kind not in _CHAT_TYPES:
        kind = "private" if found > 0 else "supergroup" if is_channel_id(found) else "group"
    title = name(raw.get("title")) or _full_name(raw)
    return IncomingChat(found, kind, title, name(raw.get("username")))


def _user(raw: object) -> IncomingUser | None:
    if not isinstance(raw, dict) or (found := telegram_id(raw.get("id"))) is None:
        return None
    is_bot = raw.get("is_bot")
    return IncomingUser(
        found,
        display_name=_full_name(raw),
        first_name=name(raw.get("first_name")),
        last_name=name(raw.get("last_name")),
        username=name(raw.get("username")),
        language_code=name(raw.get("language_code")),
        is_bot=is_bot if isinstance(is_bot, bool) else None,
    )


def _full_name(raw: dict[str, Any]) -> str | None:
    return name(" ".join(filter(None, (name(raw.get("first_name")), name(raw.get("last_name"))))))


def _reply_to(raw: object, thread_id: int | None) -> int | None:
    if not isinstance(raw, dict):
        return None
    replied = message_id(raw.get("message_id"))
    # Every message of a forum topic comes as a "reply" to the service message that opened the topic.
    return None if replied == thread_id and "forum_topic_created" in raw else replied


def _forward(message: dict[str, Any]) -> Forward | None:
    origin = message.get("forward_origin")
    if isinstance(origin, dict):
        source = origin.get("sender_user") or origin.get("sender_chat") or origin.get("chat")
        return _forward_from(source, origin.get("sender_user_name"), origin.get("date"))
    if "forward_date" in message:
        source = message.get("forward_from") or message.get("forward_from_chat")
        return _forward_from(source, message.get("forward_sender_name"), message["forward_date"])
    return None


def _forward_from(source: object, hidden_name: object, date: object) -> Forward:
    raw = source if isinstance(source, dict) else {}
    origin_name = name(raw.get("title")) or _full_name(raw) or name(hidden_name)
    return Forward(origin_name, telegram_id(raw.get("id")), optional_moment(date))
