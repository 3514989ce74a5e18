"""Dead letters: what is kept of a message that cannot be run, and how it is listed, sent again, deleted."""

import base64
import dataclasses
import enum
import json
import time
import traceback
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dramatiq import Message
from dramatiq.errors import ActorNotFound, DecodeError
from nats.js import JetStreamContext
from nats.js.api import RawStreamMsg
from nats.js.errors import NotFoundError

from dramatiq_nats.ledger import ACK, Delivery
from dramatiq_nats.message import NatsMessage
from dramatiq_nats.naming import dead_letter_stream, dead_letter_subject, unescape, work_subject
from dramatiq_nats.outgoing import Outgoing
from dramatiq_nats.wire import HEADERS_OPTION, MSG_ID, OURS, header_block, message_headers, parse_headers

if TYPE_CHECKING:
    from dramatiq_nats.broker import NatsBroker

#: Options that describe past attempts; a message that is sent again starts without them.
_PAST = ("retries", "traceback", "requeue_timestamp", "eta")
_LONGEST_TRACE = 16 * 1024
_LONGEST_TEXT = 1024


class Reason(enum.StrEnum):
    """Why a message is dead."""

    FAILED = "failed"
    UNDECODABLE = "undecodable"
    ACTOR_NOT_FOUND = "actor-not-found"
    POISON = "poison"

    @classmethod
    def of(cls, error: BaseException | None) -> "Reason":
        """Return the reason for a message that Dramatiq rejected with this exception."""
        return cls.ACTOR_NOT_FOUND if isinstance(error, ActorNotFound) else cls.FAILED


@dataclasses.dataclass(frozen=True, slots=True)
class DeadLetter:
    """One dead letter.

    Attributes:
      sequence: Its number in the namespace's stream of dead letters; names it in every call.
      queue: The queue it was taken from.
      actor: The actor's name, empty when the payload could not be decoded.
      message_id: Dramatiq's id of the message, empty when the payload could not be decoded.
      reason: Why it is here.
      exception_type: The exception's class name, empty when there was none.
      exception: The exception's text, at most 1 KiB.
      traceback: The traceback, its last 16 KiB.
      attempts: How often it was tried, retries and redeliveries counted.
      first_at: When it was enqueued first.
      last_at: When it was given up.
      headers: All headers, those of the message (trace context, baggage) included.
      payload: The encoded Dramatiq message.
    """

    sequence: int
    queue: str
    actor: str
    message_id: str
    reason: str
    exception_type: str
    exception: str
    traceback: str
    attempts: int
    first_at: datetime
    last_at: datetime
    headers: dict[str, str]
    payload: bytes

    def decode(self) -> "Message[Any]":
        """Return the message.

        Raises:
          dramatiq.errors.DecodeError: When the payload is none.
        """
        return Message.decode(self.payload)


def bury(  # noqa: PLR0913 - what is known of the end, by keyword
    broker: "NatsBroker",
    queue: str,
    delivery: Delivery,
    reason: Reason,
    *,
    error: BaseException | None = None,
    message: NatsMessage | None = None,
) -> None:
    """Move a delivery to the dead letters; return when the letter is stored and the delivery settled.

    Twice is harmless: the letter's ``Nats-Msg-Id`` is the place of the message in its stream.

    Raises:
      dramatiq.errors.BrokerConnectionError: When a step could not be confirmed.
    """
    known = _about_message(delivery, message) | _about_end(queue, delivery, reason, message)
    if reason is Reason.POISON:
        # It was delivered more often than it began.
        retries = int(message.options.get("retries") or 0) if message else 0
        known["Dramatiq-Attempts"] = str(retries + broker.max_deliveries)
    known[MSG_ID] = (
        f"{delivery.place.sequence}-{delivery.place.stored}"
        if delivery.turn is None
        else f"{delivery.turn.first}-{delivery.turn.stored}"
    )
    own = _own_headers(delivery) if message is None else message_headers(message)
    whole = delivery.payload if message is None else message.encode()
    failure = _about_error(error, message)
    for payload, headers in (
        (whole, own | failure | known),
        # What the message gathered on its way gives way to the message as it came, then so does the rest.
        (delivery.payload, own | failure | known),
        (delivery.payload, own | _without_traceback(failure) | known),
        (delivery.payload, known),
    ):
        if len(payload) + len(header_block(headers)) <= broker.connection.max_payload:
            break
    broker.publish(dead_letter_subject(broker.namespace, queue), payload, headers)
    if delivery.turn is None:
        broker.publish_many([Outgoing(delivery.reply, ACK, b"", stored=False)])
        broker.connection.post(delivery.ledger.strike, delivery)
    else:
        broker.settle(delivery, queue)


def _about_message(delivery: Delivery, message: NatsMessage | None) -> dict[str, str]:
    if message is None:
        return {"Dramatiq-First-At": _iso(delivery.place.stored / 1e9)}
    return {
        "Dramatiq-Actor": message.actor_name,
        "Dramatiq-Message-Id": message.message_id,
        "Dramatiq-First-At": _iso(message.message_timestamp / 1000),
    }


def _about_end(queue: str, delivery: Delivery, reason: Reason, message: NatsMessage | None) -> dict[str, str]:
    attempts = delivery.place.attempt if message is None else message.attempts
    return {
        "Dramatiq-Reason": reason.value,
        "Dramatiq-Queue": queue,
        "Dramatiq-Attempts": str(attempts),
        "Dramatiq-Last-At": _iso(time.time()),
    }


def _about_error(error: BaseException | None, message: NatsMessage | None) -> dict[str, str]:
    headers: dict[str, str] = {}
    trace = "" if message is None else str(message.options.get("traceback") or "")
    if error is not None:
        headers["Dramatiq-Exception-Type"] = f"{type(error).__module__}.{type(error).__qualname__}"
        headers["Dramatiq-Exception"] = _within(str(error), _LONGEST_TEXT)
        trace = "".join(traceback.format_exception(error))
    if trace:
        # A header is one line: JSON keeps the line breaks.
        headers["Dramatiq-Traceback"] = json.dumps(_end_within(trace, _LONGEST_TRACE), ensure_ascii=False)
    return headers


def _without_traceback(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "Dramatiq-Traceback"}


def _within(text: str, size: int) -> str:
    """Return the beginning of a text, at most so many bytes."""
    return text.encode(errors="backslashreplace")[:size].decode(errors="ignore")


def _end_within(text: str, size: int) -> str:
    """Return the end of a text, at most so many bytes."""
    return text.encode(errors="backslashreplace")[-size:].decode(errors="ignore")


def _own_headers(delivery: Delivery) -> dict[str, str]:
    headers = parse_headers(delivery.headers or b"")
    return {name: value for name, value in headers.items() if not name.startswith(OURS)}


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


async def list_dead_letters(
    js: JetStreamContext, namespace: str, queue: str | None = None, *, after: int = 0, limit: int = 100
) -> list[DeadLetter]:
    """Return dead letters, oldest first.

    Args:
      js: A JetStream context of any connection.
      namespace: The broker's namespace.
      queue: Only those of this queue.
      after: Only those behind this sequence; with the last one's, the next page.
      limit: At most so many.
    """
    letters: list[DeadLetter] = []
    async for letter in _walk(js, namespace, queue, after):
        letters.append(letter)
        if len(letters) >= limit:
            break
    return letters


async def _walk(
    js: JetStreamContext, namespace: str, queue: str | None, after: int
) -> AsyncIterator[DeadLetter]:
    stream = dead_letter_stream(namespace)
    subject = dead_letter_subject(namespace, queue) if queue else f"{namespace}.xq.*"
    while True:
        try:
            raw = await js.get_msg(stream, seq=after + 1, subject=subject, next=True)
        except NotFoundError:
            return
        letter = _letter(raw)
        after = letter.sequence
        yield letter


async def get_dead_letter(js: JetStreamContext, namespace: str, sequence: int) -> DeadLetter:
    """Return one dead letter.

    Raises:
      nats.js.errors.NotFoundError: When there is none with this sequence.
    """
    return _letter(await js.get_msg(dead_letter_stream(namespace), seq=sequence))


async def requeue_dead_letter(
    js: JetStreamContext, namespace: str, sequence: int, *, trace: Mapping[str, str] | None = None
) -> DeadLetter:
    """Send a dead letter's message to its queue again, with all its retries, then delete the letter.

    Twice at a time is harmless within the stream's duplicate window: the message is stored once.

    Args:
      js: The JetStream context.
      namespace: The broker's namespace.
      sequence: The letter's number.
      trace: Headers that take the place of those that came with the message, ``traceparent`` and its like, so
        that its next run is told as what followed from the requeueing; None leaves them.

    Raises:
      nats.js.errors.NotFoundError: When there is none with this sequence.
    """
    letter = await get_dead_letter(js, namespace, sequence)
    headers = {name: value for name, value in letter.headers.items() if not name.startswith(OURS)}
    headers |= trace or {}
    headers[MSG_ID] = f"dead-letter-{sequence}-{letter.headers.get(MSG_ID, '')}"
    await js.publish(work_subject(namespace, letter.queue), _renewed(letter, trace), headers=headers)
    await delete_dead_letter(js, namespace, sequence)
    return letter


def _renewed(letter: DeadLetter, trace: Mapping[str, str] | None) -> bytes:
    try:
        message = letter.decode()
    except DecodeError:
        return letter.payload
    options = {name: value for name, value in message.options.items() if name not in _PAST}
    if trace:
        options[HEADERS_OPTION] = {**(options.get(HEADERS_OPTION) or {}), **trace}
    return dataclasses.replace(message, options=options).encode()


async def delete_dead_letter(js: JetStreamContext, namespace: str, sequence: int) -> None:
    """Delete one dead letter.

    Raises:
      nats.js.errors.NotFoundError: When there is none with this sequence.
    """
    # Of one that is not there, the delete itself would only say that the storage failed.
    await js.get_msg(dead_letter_stream(namespace), seq=sequence)
    await js.delete_msg(dead_letter_stream(namespace), sequence)


def _letter(raw: RawStreamMsg) -> DeadLetter:
    # Not nats-py's own reading of them, which makes objects of values beyond ASCII.
    headers = parse_headers(base64.b64decode(raw.hdrs or b""))
    trace = headers.get("Dramatiq-Traceback")
    return DeadLetter(
        sequence=raw.seq or 0,
        queue=unescape((raw.subject or "").rpartition(".")[2]),
        actor=headers.get("Dramatiq-Actor", ""),
        message_id=headers.get("Dramatiq-Message-Id", ""),
        reason=headers.get("Dramatiq-Reason", ""),
        exception_type=headers.get("Dramatiq-Exception-Type", ""),
        exception=headers.get("Dramatiq-Exception", ""),
        traceback=json.loads(trace) if trace else "",
        attempts=int(headers.get("Dramatiq-Attempts", "0")),
        first_at=_when(headers.get("Dramatiq-First-At")),
        last_at=_when(headers.get("Dramatiq-Last-At")),
        headers=headers,
        payload=raw.data or b"",
    )


def _when(text: str | None) -> datetime:
    return datetime.fromisoformat(text) if text else datetime.fromtimestamp(0, UTC)
