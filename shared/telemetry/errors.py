"""Errors on spans: what was being done and what went wrong, and nothing of what people wrote.

The text of an exception that is not ours may quote what it choked on: a message, a row, an address with a
token. So only exceptions of our own, whose texts are written for people, are quoted; of the others a span has
the type, where it was raised, and of a database's error its code. The log has the rest.
"""

import re
import traceback
from pathlib import Path
from types import TracebackType
from typing import Final

from opentelemetry.trace import Span, Status, StatusCode
from opentelemetry.util.types import AttributeValue

from shared.contracts.errors import QueryError

_OURS: Final = ("services.", "shared.", "dramatiq_nats.")
_LONGEST: Final = 300
_FRAMES: Final = 30
_SECRETS: Final = re.compile(
    r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)|\bbot\d+:[\w-]+|\b\d{6,20}:[\w-]{20,}|\bsk-[\w-]{8,}|(?<=Bearer )\S+"
)
"""Credentials in addresses, tokens of bots, keys of language models."""


def note_error(span: Span, error: BaseException, doing: str) -> None:
    """Put an error on a span, once: as its status in words, as an `exception` event with the stack.

    What a service refuses on purpose (`not_found`, `conflict`, `invalid`, `forbidden`) is noted, but is no
    failure.

    Args:
        span: What failed.
        error: Why.
        doing: What was being done, as the beginning of a sentence: `scoring message 7`.
    """
    if not span.is_recording() or _has_failed(span):
        return
    span.set_attribute("error.type", type_of(error))
    if isinstance(error, QueryError) and error.code != "unavailable":
        return
    text = describe(error)
    event: dict[str, AttributeValue] = {
        "exception.type": type_of(error),
        "exception.message": text,
        "exception.stacktrace": _stack(error.__traceback__),
    }
    span.add_event("exception", event)
    span.set_status(Status(StatusCode.ERROR, f"{doing}: {text}"))


def _has_failed(span: Span) -> bool:
    status = getattr(span, "status", None)
    return status is not None and status.status_code is StatusCode.ERROR


def type_of(error: BaseException) -> str:
    """What `error.type` is: the code of a query's error, else the class with its module."""
    if isinstance(error, QueryError):
        return error.code
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def describe(error: BaseException) -> str:
    """What went wrong, in a line of at most 300 characters, without what people wrote and without secrets."""
    kind, because = type(error), error.__cause__
    if kind.__module__.startswith(_OURS):
        if because is not None and str(because) and str(because) in str(error):
            return safe_line(f"{kind.__name__}: {describe(because)}")
        return safe_line(f"{kind.__name__}: {error}")
    if isinstance(error, OSError) and error.strerror:
        return safe_line(f"{kind.__name__}: {error.strerror}")
    cause = getattr(error, "orig", None)
    if cause is not None:  # SQLAlchemy's, around the driver's
        state = getattr(cause, "sqlstate", None)
        driver = getattr(cause, "__cause__", None) or cause
        return f"{type(driver).__name__}" + (f" (SQLSTATE {state})" if state else "")
    where = _raised_at(error.__traceback__)
    return f"{kind.__name__}{where}; the log has its text"


def safe_line(text: str) -> str:
    """The first line of a text of ours, shortened, with what looks like a secret taken out."""
    first = text.strip().splitlines()[0] if text.strip() else ""
    return mask_secrets(first)[:_LONGEST]


def mask_secrets(text: str) -> str:
    """A text with what looks like a secret taken out."""
    return _SECRETS.sub("***", text)


def _raised_at(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)
    if not frames:
        return ""
    last = frames[-1]
    return f" at {Path(last.filename).name}:{last.lineno} in {last.name}"


def _stack(trace: TracebackType | None) -> str:
    """The frames, innermost last; without the exception's text, which is what Python writes below them."""
    return "".join(traceback.format_list(traceback.extract_tb(trace)[-_FRAMES:]))
