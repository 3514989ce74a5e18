"""Reading single values that a stranger wrote: cleaned, bounded, or refused with a reason."""

import re
from datetime import UTC, datetime

MAX_TEXT = 65_536
"""Characters. Telegram itself stops at 4,096; what is longer than this did not come from it."""

MAX_NAME = 256

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_EARLIEST_SECOND = int(_EARLIEST.timestamp())
_LATEST_SECOND = int(_LATEST.timestamp())
_MAX_ID = 2**52
_MAX_MESSAGE_ID = 2**31 - 1
_CHANNEL_BASE = 10**12
_MAX_INTEGER = 2**63 - 1
_MAX_DIGITS = 18

# What Telegram's own servers do to text (tdlib, `clean_input_string`), so that all roads bring the same;
# and lone surrogates, which neither UTF-8 nor Postgres can hold.
_DIRTY = re.compile("[\x00-\x09\x0b-\x1f\u2028-\u202e\ud800-\udfff]")
_DROPPED = re.compile("[\r\u2028-\u202e]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Unreadable(ValueError):  # noqa: N818 - it reads as what it says of the message
    """A value without which the message cannot be saved is missing or absurd. The text is for a person."""


def clean(text: str) -> str:
    """Text as Telegram keeps it and Postgres takes it.

    Control characters other than a line break become spaces, carriage returns and invisible direction marks
    go, lone surrogates become U+FFFD.
    """
    if _DIRTY.search(text) is None:
        return text
    return _DIRTY.sub(" ", _SURROGATE.sub("\ufffd", _DROPPED.sub("", text)))


def name(value: object) -> str | None:
    """A name, title or other short label: clean, trimmed, at most `MAX_NAME` characters; None if empty."""
    if not isinstance(value, str):
        return None
    return clean(value[:MAX_NAME]).strip() or None


def integer(value: object) -> int | None:
    """A whole number of 64 bits, also one written as a string, which is how an export writes times."""
    if type(value) is int:
        return value if -_MAX_INTEGER <= value <= _MAX_INTEGER else None
    if isinstance(value, str) and len(value) <= _MAX_DIGITS:
        try:
            return int(value)
        except ValueError:
            return None
    return None


def telegram_id(value: object) -> int | None:
    """An id of a user or chat in Bot API form; None when it is missing, zero or beyond Telegram's range."""
    number = integer(value)
    return number if number is not None and 0 < abs(number) < _MAX_ID else None


def message_id(value: object) -> int | None:
    """A message id of the Bot API: positive; None for all else (0 stands for an inaccessible message)."""
    number = integer(value)
    return number if number is not None and 0 < number <= _MAX_MESSAGE_ID else None


def exported_message_id(value: object) -> int | None:
    """A message id of an export: as `message_id`, or negative (`incoming.MIGRATED_ID_SHIFT`)."""
    number = integer(value)
    return number if number is not None and 0 < abs(number) <= _MAX_MESSAGE_ID else None


def channel_id(bare: int) -> int:
    """The Bot API's id of the supergroup or channel with this bare id: `-100…`."""
    return -(_CHANNEL_BASE + bare)


def is_channel_id(bot_api_id: int) -> bool:
    """Whether this Bot API id is one of a supergroup or channel."""
    return bot_api_id <= -_CHANNEL_BASE


def optional_moment(value: object) -> datetime | None:
    """Unix seconds as UTC; None when missing or outside the years 2000 to 2099."""
    seconds = None if value is None else integer(value)
    if seconds is None or not _EARLIEST_SECOND <= seconds < _LATEST_SECOND:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def moment(value: object) -> datetime:
    """Unix seconds as UTC.

    Raises:
        Unreadable: it is missing, or outside the years 2000 to 2099.
    """
    found = optional_moment(value)
    if found is None:
        raise Unreadable(f"its date is {shown(value)}, not a time between the years 2000 and 2099")
    return found


def zoneless_moment(value: object) -> datetime:
    """An ISO 8601 date without zone, of exports before 2022, taken as UTC for want of better.

    Raises:
        Unreadable: as `moment`.
    """
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else _EARLIEST.min
    except ValueError:
        found = _EARLIEST.min
    found = found.replace(tzinfo=UTC, microsecond=0)
    if not _EARLIEST <= found < _LATEST:
        raise Unreadable(f"its date is {shown(value)}, not a time between the years 2000 and 2099")
    return found


def shown(value: object) -> str:
    """How a reason quotes a value from outside: short, clean, with missing called missing."""
    if value is None:
        return "missing"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _MAX_ID:
        return "a very large number"
    if isinstance(value, str | int | float):
        return clean(repr(value)[:40])
    return "an object" if isinstance(value, dict) else "of a wrong type"
