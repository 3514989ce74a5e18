"""What answers say: records, and problems."""

from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx
import msgspec

from tasktracker.errors import Problem, ProblemDetails, UnexpectedAnswer, kind_of
from tasktracker.record import TaggedRecord

Kind = TypeVar("Kind")


def record_of(answer: httpx.Response, kind: type[Kind]) -> Kind:
    """The record in an answer; fields that this version does not know are left out.

    Raises:
        UnexpectedAnswer: When it is none.
    """
    try:
        record = msgspec.json.decode(answer.content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        asked = f"{answer.request.method} {answer.request.url.path}"
        raise UnexpectedAnswer(
            f"{asked} was not answered as this version of the client expects ({error}). "
            "Is it the address of Task Tracker, and of a version that fits?"
        ) from error
    tag = answer.headers.get("ETag")
    return msgspec.structs.replace(record, etag=tag) if isinstance(record, TaggedRecord) else record


def problem_of(answer: httpx.Response) -> Problem:
    """The problem that an answer tells; also when something between here and the server refused."""
    details = ProblemDetails()
    with suppress(msgspec.DecodeError, UnicodeDecodeError):
        details = msgspec.json.decode(answer.content, type=ProblemDetails)
    details = msgspec.structs.replace(
        details, status=answer.status_code, title=details.title or answer.reason_phrase
    )
    return kind_of(answer.status_code)(details, retry_after(answer.headers.get("Retry-After")))


def retry_after(header: str | None) -> float | None:
    """Seconds that a `Retry-After` asks to wait, in either of its two forms; None when it is neither."""
    if header is None:
        return None
    try:
        return max(0.0, float(int(header)))
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds())
