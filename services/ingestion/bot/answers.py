"""What the Bot API answers, as https://core.telegram.org/bots/api has it; only what is used here."""

import json
from typing import Any, TypeVar

import msgspec

from services.ingestion.bot.errors import (
    BotApiError,
    ConflictError,
    RefusedError,
    TooManyRequestsError,
    UnknownTokenError,
    UnreachableError,
)

UPDATE_KINDS = ("message", "edited_message", "channel_post", "edited_channel_post")
"""The kinds of updates that are asked for: those that are messages."""

Result = TypeVar("Result")

_SHORTEST_PAUSE, _LONGEST_PAUSE = 1, 3600


class BotUser(msgspec.Struct, frozen=True):
    """`User`, as `getMe` answers it."""

    id: int
    first_name: str
    username: str
    can_join_groups: bool = False
    can_read_all_group_messages: bool = False


class WebhookInfo(msgspec.Struct, frozen=True):
    """`WebhookInfo`; times are seconds since 1970."""

    url: str
    pending_update_count: int = 0
    ip_address: str | None = None
    last_error_date: int | None = None
    last_error_message: str | None = None
    max_connections: int | None = None
    allowed_updates: list[str] | None = None


class PhotoSize(msgspec.Struct, frozen=True):
    """`PhotoSize`: one of the sizes of a photo. `file_unique_id` stays the same for ever."""

    file_id: str
    file_unique_id: str
    width: int
    height: int
    file_size: int | None = None


class UserProfilePhotos(msgspec.Struct, frozen=True):
    """`UserProfilePhotos`: each photo in several sizes."""

    total_count: int
    photos: list[list[PhotoSize]]


class File(msgspec.Struct, frozen=True):
    """`File`; its path is good for an hour."""

    file_id: str
    file_size: int | None = None
    file_path: str | None = None


class _Parameters(msgspec.Struct, frozen=True):
    retry_after: int | None = None


class _Envelope(msgspec.Struct, frozen=True):
    ok: bool
    result: msgspec.Raw = msgspec.Raw(b"null")
    error_code: int = 0
    description: str = ""
    parameters: _Parameters = _Parameters()


def read_answer(method: str, status: int, body: bytes, kind: type[Result]) -> Result:
    """The result within an answer.

    Args:
        method: What was called, for messages.
        status: The HTTP status.
        body: The answer.
        kind: Of the result.

    Raises:
        BotApiError: The kind of it that the answer says.
    """
    try:
        envelope: _Envelope = _decode(body, _Envelope)
        if envelope.ok:
            result: Result = _decode(bytes(envelope.result), kind)
            return result
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise UnreachableError(
            f"{method} was answered with status {status} and something that is no answer of the Bot API."
        ) from None
    raise _error(method, envelope)


def _decode(body: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        # Half a surrogate pair, from a name cut off in the middle of an emoji, is refused by msgspec alone.
        if b"\\u" not in body:
            raise
        whole = json.dumps(json.loads(body), ensure_ascii=False).encode("utf-8", "replace")
        return msgspec.json.decode(whole, type=kind)


def _error(method: str, answer: _Envelope) -> BotApiError:
    code, words = answer.error_code, answer.description or "no reason given"
    match code:
        # 404 is the answer to an address with a token of another form.
        case 401 | 404:
            return UnknownTokenError(
                "Telegram does not know this token: it is mistyped, or was revoked. BotFather shows the "
                "present one with /token."
            )
        case 409:
            return ConflictError(_conflict(words))
        case 429:
            pause = min(
                max(answer.parameters.retry_after or _SHORTEST_PAUSE, _SHORTEST_PAUSE), _LONGEST_PAUSE
            )
            return TooManyRequestsError(f"Telegram wants a pause of {pause} s.", pause)
        case _ if code >= 500:  # noqa: PLR2004 - the server's own errors
            return UnreachableError(f"{method} failed at Telegram's side: {words}.")
        case _:
            return RefusedError(f"Telegram refused {method}: {words}.")


def _conflict(words: str) -> str:
    if "webhook" in words.lower():
        return (
            "A webhook is set, so updates cannot be fetched: somebody set one with the same token. "
            "PUT /api/v1/telegram/polling deletes it."
        )
    return (
        "Another program fetches this bot's updates with the same token: stop it, or revoke the token in "
        "BotFather and set the new one here."
    )
