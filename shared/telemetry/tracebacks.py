"""Errors as the log has them: the frames, and of each error what it says, without what people wrote.

An error of the database says which row it did not take, that is, what somebody wrote; one of an HTTP client
may say an address with a token in it.
"""

import traceback
from typing import Final

from shared.telemetry.errors import describe, safe_line

_BECAUSE: Final = "\nThat was the cause of:\n\n"
_MEANWHILE: Final = "\nWhile that was dealt with, this happened:\n\n"
_DATABASE: Final = ("sqlalchemy.", "asyncpg.")


def format_error(error: BaseException) -> str:
    """An error with its stack, those that led to it before it."""
    parts: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        parts.append("".join(traceback.format_tb(current.__traceback__)) + error_line(current) + "\n")
        if current.__cause__ is not None:
            parts.append(_BECAUSE)
            current = current.__cause__
        elif current.__context__ is not None and not current.__suppress_context__:
            parts.append(_MEANWHILE)
            current = current.__context__
        else:
            return "".join(reversed(parts)).strip()
    return "".join(reversed(parts[:-1])).strip()


def error_line(error: BaseException) -> str:
    """An error in one line: its class, and what it says; of a database's error its kind and code alone."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    if kind.__module__.startswith(_DATABASE):
        return f"{name}: {describe(error)}"
    text = safe_line(str(error))
    return f"{name}: {text}" if text else name
