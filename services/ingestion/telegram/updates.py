"""Webhook updates of Telegram's Bot API: bytes in, one of three values out, never an exception."""

import json

import msgspec

from services.ingestion.telegram.bot_messages import read_bot_message
from services.ingestion.telegram.fields import Unreadable, clean, integer, shown
from services.ingestion.telegram.incoming import IncomingMessage

MESSAGE_KINDS = ("message", "edited_message", "channel_post", "edited_channel_post")

_OTHER_KINDS = frozenset(
    {
        *("business_connection", "business_message", "edited_business_message", "deleted_business_messages"),
        *("message_reaction", "message_reaction_count", "inline_query", "chosen_inline_result"),
        *("callback_query", "shipping_query", "pre_checkout_query", "purchased_paid_media", "poll"),
        *("poll_answer", "my_chat_member", "chat_member", "chat_join_request", "chat_boost"),
        "removed_chat_boost",
    }
)


class MessageUpdate(msgspec.Struct, frozen=True, tag="message"):
    """A message to save. `kind` is one of `MESSAGE_KINDS`."""

    update_id: int | None
    kind: str
    message: IncomingMessage


class IgnoredUpdate(msgspec.Struct, frozen=True, tag="ignored"):
    """Something else that happened. `kind` is the Bot API's name, `unknown` for what it does not list yet."""

    update_id: int | None
    kind: str


class UnreadableUpdate(msgspec.Struct, frozen=True, tag="unreadable"):
    """What cannot be saved. `reason` is a sentence for a person; `kind` is None when even that is unknown."""

    update_id: int | None
    kind: str | None
    reason: str


Update = MessageUpdate | IgnoredUpdate | UnreadableUpdate


def parse_update(payload: bytes | dict[str, object]) -> Update:
    """What one webhook update says, from the request's body or from its decoded JSON. Never raises.

    An optional field of a wrong type counts as absent; a message is refused only when its chat, id or date is
    missing or absurd, or its text longer than any of Telegram's.
    """
    try:
        update = payload if isinstance(payload, dict) else _decoded(payload)
    except Unreadable as fault:
        return UnreadableUpdate(None, None, f"The update is not JSON: {fault}.")
    if not isinstance(update, dict):
        return UnreadableUpdate(None, None, "The update is not a JSON object.")
    update_id = integer(update.get("update_id"))
    kind = next((known for known in MESSAGE_KINDS if known in update), None)
    if kind is None:
        return IgnoredUpdate(update_id, next((known for known in update if known in _OTHER_KINDS), "unknown"))
    message = update[kind]
    if not isinstance(message, dict):
        return UnreadableUpdate(update_id, kind, f"The {kind} is {shown(message)}, not an object.")
    try:
        return MessageUpdate(update_id, kind, read_bot_message(message))
    except Unreadable as fault:
        return UnreadableUpdate(update_id, kind, f"The {kind} cannot be saved: {fault}.")


def _decoded(payload: bytes) -> object:
    try:
        return msgspec.json.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    # The standard library also takes what msgspec refuses: lone surrogates, a broken character, huge numbers.
    try:
        return json.loads(payload.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise Unreadable(clean(str(error)[:200])) from error
