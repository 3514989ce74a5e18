"""`Retry-After`: how long a server asks to be left alone (RFC 9110, section 10.2.3)."""

import math
import time
from collections.abc import Mapping
from email.utils import mktime_tz, parsedate_tz


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from now, by `retry-after-ms` (OpenAI's own), a number of seconds or an HTTP date.

    None when there is none, or none that makes sense; a time that has passed is 0.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    seconds = _number(value)
    if seconds is not None or value is None:
        return seconds
    return _until(value)


def _until(date: str) -> float | None:
    try:
        parsed = parsedate_tz(date)
        return None if parsed is None else max(0.0, mktime_tz(parsed) - time.time())
    except (ValueError, OverflowError):
        return None  # the year 99999 is a date to the parser, but to nobody else


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
