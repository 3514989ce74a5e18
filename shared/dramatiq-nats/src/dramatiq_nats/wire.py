"""A Dramatiq message as NATS sees it: subject, payload, headers, protocol bytes. Pure functions."""

import dataclasses
import re
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from dramatiq import Message
from dramatiq.broker import MessageProxy

from dramatiq_nats.naming import schedule_subject, work_subject

MSG_ID = "Nats-Msg-Id"
TTL = "Nats-TTL"
SCHEDULE = "Nats-Schedule"
SCHEDULE_TARGET = "Nats-Schedule-Target"
EXPECTED = "Nats-Expected-Last-Subject-Sequence"
#: How headers begin that are not the message's own.
OURS = ("Nats-", "Dramatiq-")
#: What the server answers when a message is not what `EXPECTED` says.
NOT_AS_EXPECTED = frozenset({10071, 10164})

#: The option of a message under which its headers travel: ``{"traceparent": "00-…", "baggage": "…"}``.
HEADERS_OPTION = "headers"

#: What every message must leave free below the server's limit, so that its dead letter fits, in bytes.
LETTER_HEADERS: Final = 4096

#: The server's timer does not fire sooner, in milliseconds; shorter delays are rounded up to it.
SHORTEST_DELAY = 250

_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_LINE_BREAKS = re.compile(r"[\r\n]+")
_HEADER_LINE = b"NATS/1.0\r\n"


class WorkMessage(NamedTuple):
    """What is to be published so that a worker runs a message.

    Attributes:
      subject: Where to, in the namespace's work-queue stream.
      payload: The encoded Dramatiq message.
      headers: NATS headers. The publisher adds its own ``Nats-Msg-Id``, which must not be Dramatiq's
        `message_id`: deduplication would then swallow retries.
    """

    subject: str
    payload: bytes
    headers: dict[str, str]


def encode_work(message: "Message[Any]", namespace: str, *, delay: int | None = None) -> WorkMessage:
    """Encode a message for publishing to JetStream.

    Args:
      message: The message; its option ``eta`` (ms since the epoch) or `delay` makes it a schedule.
      namespace: The broker's namespace.
      delay: Milliseconds from now; under 250 they are rounded up by the server's timer.

    Returns:
      Subject, payload and headers. The headers are those in ``message.options["headers"]``. One with a
      ``partition_key`` takes its place in line when a worker takes it up; `NatsBroker.enqueue` puts it there.
    """
    headers = message_headers(message)
    now = int(time.time() * 1000)
    eta = message.options.get("eta") if delay is None else now + delay
    message = without_eta(message)
    target = work_subject(namespace, message.queue_name)
    if not isinstance(eta, int | float) or eta <= now:
        return WorkMessage(target, message.encode(), headers)
    headers[SCHEDULE] = schedule_at(max(eta, now + SHORTEST_DELAY))
    headers[SCHEDULE_TARGET] = target
    return WorkMessage(
        schedule_subject(namespace, message.queue_name, uuid.uuid4().hex), message.encode(), headers
    )


def without_eta(message: "Message[Any]") -> "Message[Any]":
    """Return a message that no worker holds back; the server keeps its time."""
    if "eta" not in message.options:
        return message
    options = {name: value for name, value in message.options.items() if name != "eta"}
    return dataclasses.replace(message, options=options)


def schedule_at(eta: float) -> str:
    """Return the value of `SCHEDULE` for once, at `eta` in milliseconds since the epoch (ADR-51)."""
    at = datetime.fromtimestamp(eta / 1000, UTC)
    return f"@at {at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def message_headers(message: "Message[Any] | MessageProxy") -> dict[str, str]:
    """Return the headers that travel with a message, those that NATS cannot carry left out."""
    headers = message.options.get(HEADERS_OPTION)
    if not isinstance(headers, Mapping):
        return {}
    return {
        name: value
        for name, value in headers.items()
        if isinstance(name, str)
        and isinstance(value, str)
        and _HEADER_NAME.fullmatch(name)
        and not name.startswith("Nats-")
    }


def header_block(headers: Mapping[str, str]) -> bytes:
    """Encode headers as NATS writes them; line breaks in values become spaces."""
    lines = [_HEADER_LINE]
    for name, value in headers.items():
        clean = _LINE_BREAKS.sub(" ", value) if "\n" in value or "\r" in value else value
        lines.append(f"{name}: {clean}\r\n".encode())
    lines.append(b"\r\n")
    return b"".join(lines)


def in_batch(block: bytes, batch: str, number: int, *, last: bool) -> bytes:
    """Return a header block as that of the message with this number, from 1, of an atomic batch (ADR-50)."""
    commit = "Nats-Batch-Commit: 1\r\n" if last else ""
    added = f"Nats-Batch-Id: {batch}\r\nNats-Batch-Sequence: {number}\r\n{commit}\r\n"
    return (block or _HEADER_LINE + b"\r\n")[:-2] + added.encode()


def parse_headers(block: bytes) -> dict[str, str]:
    """Decode a header block; malformed lines are left out."""
    headers: dict[str, str] = {}
    for line in block.split(b"\r\n")[1:]:
        name, colon, value = line.partition(b":")
        if colon:
            headers[name.strip().decode("ascii", "replace")] = value.strip().decode("utf-8", "replace")
    return headers


def restore_headers(message: "Message[Any]", block: bytes | None) -> None:
    """Put the headers of a delivery into the message's options, unless its payload brought them."""
    if block is None or HEADERS_OPTION in message.options:
        return
    headers = {name: value for name, value in parse_headers(block).items() if not name.startswith(OURS)}
    if headers:
        message.options[HEADERS_OPTION] = headers


def publish_frame(subject: str | bytes, reply: bytes, payload: bytes, block: bytes = b"") -> bytes:
    """Return the protocol bytes that publish a payload, with a header block when there is one."""
    to = subject if isinstance(subject, bytes) else subject.encode()
    if reply:
        to = b"%b %b" % (to, reply)
    if block:
        return b"HPUB %b %d %d\r\n%b%b\r\n" % (to, len(block), len(block) + len(payload), block, payload)
    return b"PUB %b %d\r\n%b\r\n" % (to, len(payload), payload)


class DeliveryPlace(NamedTuple):
    """What a delivery's reply subject says of it.

    Attributes:
      attempt: How often the message was delivered, this time included; from 1.
      sequence: Its sequence in the stream.
      stored: When it was stored, nanoseconds since the epoch. With `sequence` it names the message for
        ever, even when a stream is made anew and counts from 1 again.
    """

    attempt: int
    sequence: int
    stored: int


def parse_place(reply: bytes) -> DeliveryPlace:
    """Read a reply subject, ``$JS.ACK.…`` of 9 tokens or, with domain and account, of 11 or more (ADR-15)."""
    tokens = reply.split(b".")
    first = 4 if len(tokens) < 11 else 6  # noqa: PLR2004 - the token counts of the two layouts
    return DeliveryPlace(int(tokens[first]), int(tokens[first + 1]), int(tokens[first + 3]))
