"""Messages of one ``partition_key`` run one after another, in order; those of other keys run beside them.

A key's messages wait in its *line*, on a subject that no consumer reads. What is delivered is the key's
*turn*, on another subject: the server takes one only when none is there (it compares
``Nats-Expected-Last-Subject-Sequence``), so a key has at most one, and whoever is delivered it may run the
first message of the line. When that has ended, it leaves the line, and the turn is passed on.

So the turn is an ordinary message, with heartbeats, redelivery when its worker is killed, and poison
quarantine. A retry keeps its place: the turn is passed on to the same message, and not before its time.
"""

import asyncio
import base64
import contextlib
import json
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from dramatiq import Message
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from nats.js.api import RawStreamMsg
from nats.js.errors import APIError, NotFoundError

from dramatiq_nats.connection import Connection
from dramatiq_nats.ledger import ACK, Delivery, Turn
from dramatiq_nats.naming import line_subject, partition_token, stream_name, turn_subject
from dramatiq_nats.outgoing import Outgoing
from dramatiq_nats.stats import subject_counts
from dramatiq_nats.wire import (
    EXPECTED,
    LETTER_HEADERS,
    MSG_ID,
    NOT_AS_EXPECTED,
    OURS,
    header_block,
    message_headers,
    parse_headers,
    without_eta,
)

if TYPE_CHECKING:
    from dramatiq.broker import MessageProxy

log = logging.getLogger(__name__)

T = TypeVar("T")

#: Option of send: a string or an int; messages with the same one run one after another, in order.
PARTITION_KEY: Final = "partition_key"

#: On a turn: the place in the stream, sequence and time, of the line's message that its payload stands for.
_STANDS_FOR = "Dramatiq-Stands-For"
#: On a turn: when it may run, milliseconds since the epoch.
_NOT_BEFORE = "Dramatiq-Not-Before"

_SHORTEST_PAUSE = 0.05
_LONGEST_PAUSE = 2.0
_ASK_TIMEOUT = 5.0


def _turn(
    subject: str, present: int, headers: dict[str, str] | None = None, payload: bytes = b""
) -> Outgoing:
    """Return a turn, which the server takes when its partition's present one has this sequence, or 0."""
    block = header_block({**(headers or {}), EXPECTED: str(present), MSG_ID: uuid.uuid4().hex})
    return Outgoing(subject.encode(), payload, block, LETTER_HEADERS, if_expected=True)


def partition_of(message: "Message[Any] | MessageProxy") -> str | None:
    """Return the subject token of a message's partition, None when it has no key.

    Raises:
      TypeError: When its key is neither a string nor an int.
    """
    key = message.options.get(PARTITION_KEY)
    if key is None:
        return None
    if isinstance(key, bool) or not isinstance(key, str | int):
        raise TypeError(f"{PARTITION_KEY} must be a string or an int, not {key!r}")
    return partition_token(str(key))


class Partitions:
    """The lines and turns of a namespace.

    Args:
      connection: Where they are.
      namespace: The broker's namespace.
    """

    def __init__(self, connection: Connection, namespace: str) -> None:
        self._connection = connection
        self._namespace = namespace
        self._stream = stream_name(namespace)

    # What enqueueing publishes.

    def turns(self, messages: "Iterable[Message[Any]]") -> list[Outgoing]:
        """Return the turns that have these messages run, to be published when they are stored in line."""
        subjects = {
            turn_subject(self._namespace, message.queue_name, partition): None
            for message in messages
            if "eta" not in message.options and (partition := partition_of(message)) is not None
        }
        return [_turn(subject, 0) for subject in subjects]

    def in_line(self, message: "Message[Any]", partition: str, message_id: str) -> Outgoing:
        """Return what puts a message at the end of its line."""
        block = header_block(message_headers(message) | {MSG_ID: message_id})
        subject = line_subject(self._namespace, message.queue_name, partition)
        return Outgoing(subject.encode(), message.encode(), block, LETTER_HEADERS)

    def again(self, message: "Message[Any]", delivery: Delivery, turn: Turn) -> Outgoing:
        """Return the turn that lets this one's message run again, as its retry has it and at its ``eta``."""
        headers = message_headers(message) | {
            _STANDS_FOR: f"{turn.first}-{turn.stored}",
            _NOT_BEFORE: str(int(message.options.get("eta", 0))),
        }
        subject = turn_subject(self._namespace, message.queue_name, turn.partition)
        return _turn(subject, delivery.place.sequence, headers, without_eta(message).encode())

    # On the loop: what becomes of a turn that was delivered.

    async def open(self, delivery: Delivery, subject: str) -> bool:
        """Fill a turn's delivery with the first message of its line; tell whether there is one to run now.

        When there is none, or its time has not come, the delivery is settled here.
        """
        queue_subject, partition = subject.rsplit(".turn.", 1)
        if delivery.place.attempt > 1 and await self._was_passed_on(delivery, subject):
            # Its worker was killed after it had passed the turn on, and before it had acknowledged this one.
            delivery.ledger.acknowledge(delivery)
            return False
        headers = parse_headers(delivery.headers or b"")
        if _NOT_BEFORE in headers:
            await self._when_due(delivery, subject, headers)
            return False
        stands_for = headers.get(_STANDS_FOR, "")
        if stands_for and delivery.place.attempt == 1:
            # Whoever passed it on has looked, and nobody else takes messages out of the line.
            first, stored = stands_for.split("-")
            delivery.turn = Turn(partition, int(first), int(stored))
            return True
        line = f"{queue_subject}.line.{partition}"
        present = await self._persistently(lambda: self._next(line, 1))
        if present is None:
            await self._end(delivery, line, subject)
            return False
        delivery.turn = Turn(partition, present.seq or 0, _stored(present))
        if stands_for != _place(present):
            delivery.payload, delivery.headers = present.data or b"", _block(present)
        return True

    async def _when_due(self, delivery: Delivery, subject: str, headers: dict[str, str]) -> None:
        """Hand a turn back until its time; then set a fresh one, as what was delivered began nothing."""
        wait = int(headers[_NOT_BEFORE]) / 1000 - time.time()
        if wait > 0:
            delivery.ledger.hand_back(delivery, wait)
            return
        kept = _kept(headers) | {_STANDS_FOR: headers[_STANDS_FOR]}
        present = delivery.place.sequence
        await self._persistently(lambda: self._set_turn(subject, present, kept, delivery.payload))
        delivery.ledger.acknowledge(delivery)

    def finish_soon(self, delivery: Delivery, queue: str) -> None:
        """Take a turn's message, which has ended, out of its line and pass the turn on, in the background."""
        self._connection.spawn(self._finish(delivery, queue))

    async def wake(self, queue: str) -> None:
        """See to it that every line has its turn: one that was to be set may be lost with its process."""
        js = self._connection.js
        try:
            lines = await subject_counts(js, self._stream, line_subject(self._namespace, queue, "*"))
            if not lines:
                return
            turns = await subject_counts(js, self._stream, turn_subject(self._namespace, queue, "*"))
            for turn in {line.replace(".line.", ".turn.", 1) for line in lines} - turns.keys():
                await self._set_turn(turn, 0)
        except NatsError as error:
            log.debug("Lines of queue %r could not be looked over: %r", queue, error)

    async def _finish(self, delivery: Delivery, queue: str) -> None:
        turn = delivery.turn
        if turn is None:
            return
        line = line_subject(self._namespace, queue, turn.partition)
        subject = turn_subject(self._namespace, queue, turn.partition)
        _, following = await asyncio.gather(
            self._persistently(lambda: self._take_out(turn.first)),
            self._persistently(lambda: self._next(line, turn.first + 1)),
        )
        if following is None:
            await self._end(delivery, line, subject)
            return
        headers = _kept(parse_headers(_block(following))) | {_STANDS_FOR: _place(following)}
        payload, present = following.data or b"", delivery.place.sequence
        await self._persistently(lambda: self._set_turn(subject, present, headers, payload))
        delivery.ledger.acknowledge(delivery)

    async def _end(self, delivery: Delivery, line: str, subject: str) -> None:
        """Settle a turn whose line is empty, and look once more: whoever came meanwhile relied on it."""
        await self._persistently(lambda: self._acknowledge(delivery))
        delivery.ledger.strike(delivery)
        if await self._persistently(lambda: self._next(line, 1)) is not None:
            await self._persistently(lambda: self._set_turn(subject, 0))

    async def _acknowledge(self, delivery: Delivery) -> None:
        client = self._connection.client
        if client is not None:
            # Without a consumer there is nothing to settle.
            with contextlib.suppress(NoRespondersError):
                await client.request(delivery.reply.decode(), ACK, timeout=_ASK_TIMEOUT)

    async def _was_passed_on(self, delivery: Delivery, subject: str) -> bool:
        last = await self._persistently(lambda: self._get(subject=subject))
        return last is not None and (last.seq or 0) > delivery.place.sequence

    async def _next(self, line: str, sequence: int) -> RawStreamMsg | None:
        """Return the first message of a line from a sequence on."""
        return await self._get(subject=line, seq=sequence, next=True)

    async def _get(self, **which: Any) -> RawStreamMsg | None:
        try:
            return await self._connection.js.get_msg(self._stream, **which)
        except NotFoundError:
            return None

    async def _take_out(self, sequence: int) -> None:
        client = self._connection.client
        if client is None:
            return
        # nats-py's own delete_msg overwrites the message on the disk, which is for secrets.
        request = json.dumps({"seq": sequence, "no_erase": True}).encode()
        subject = f"$JS.API.STREAM.MSG.DELETE.{self._stream}"
        answer = json.loads((await client.request(subject, request, timeout=_ASK_TIMEOUT)).data)
        error = answer.get("error")
        # It may have been taken out before: an answer got lost, or another worker had the turn as well. What
        # the server calls that depends on whether it was restarted since.
        if error is not None and await self._get(seq=sequence) is not None:
            raise APIError.from_error(error)

    async def _set_turn(
        self, subject: str, present: int, headers: dict[str, str] | None = None, payload: bytes = b""
    ) -> None:
        """Set a turn if the present one has this sequence; somebody else's is as good."""
        all_headers = {**(headers or {}), EXPECTED: str(present), MSG_ID: uuid.uuid4().hex}
        try:
            await self._connection.js.publish(subject, payload, headers=all_headers, timeout=_ASK_TIMEOUT)
        except APIError as error:
            if error.err_code not in NOT_AS_EXPECTED:
                raise

    @staticmethod
    async def _persistently(step: Callable[[], Awaitable[T]]) -> T:
        """Take a step, again until it succeeds. Twice is harmless; until then heartbeats keep the turn."""
        pause = _SHORTEST_PAUSE
        while True:
            try:
                return await step()
            except (NatsError, OSError) as error:
                log.debug("A step of a partition's turn failed: %r; trying again.", error)
            await asyncio.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * 2)


def _kept(headers: dict[str, str]) -> dict[str, str]:
    """Return those headers that are the message's own."""
    return {name: value for name, value in headers.items() if not name.startswith(OURS)}


def _block(raw: RawStreamMsg) -> bytes:
    # Not nats-py's own reading of them, which makes objects of values beyond ASCII.
    return base64.b64decode(raw.hdrs or b"")


def _stored(raw: RawStreamMsg) -> int:
    return int(raw.time.timestamp() * 1e9) if raw.time else 0


def _place(raw: RawStreamMsg) -> str:
    return f"{raw.seq}-{_stored(raw)}"
