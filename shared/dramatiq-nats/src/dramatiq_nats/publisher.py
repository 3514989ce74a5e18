"""Publishing from any thread, confirmed: a thread waits for its acknowledgement, and for nothing else.

Each message keeps its ``Nats-Msg-Id`` over every attempt, so that saying it again after a reconnect, a
missing stream or a lost acknowledgement stores it once. Messages that belong together are published as the
server's atomic batch (ADR-50): it stores all of them or none.
"""

import asyncio
import json
import logging
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Iterable

from dramatiq.errors import BrokerError, ConnectionClosed, ConnectionFailed
from nats.errors import Error as NatsError

from dramatiq_nats.connection import Connection
from dramatiq_nats.outgoing import Attempt, Outgoing, Ticket, batches
from dramatiq_nats.wire import NOT_AS_EXPECTED

log = logging.getLogger(__name__)

#: How many publishes may be without acknowledgement at a time; the server's own buffer is 10,000 a stream.
_WINDOW = 2_000
_BATCH_DISABLED, _BATCH_INCOMPLETE, _BATCH_KNOWN = 10174, 10176, 10201
_AGAIN_AFTER = 5.0
_SHORTEST_PAUSE = 0.05
_LONGEST_PAUSE = 2.0
_TEMPORARY = frozenset({408, 429, 500, 503})


class PublishRefused(BrokerError):  # noqa: N818 - named like Dramatiq's own
    """The server or the client refused a message for good: too large, stream full, not permitted."""

    def __init__(self, message: str) -> None:
        super().__init__(message)  # type: ignore[no-untyped-call]  # Dramatiq's errors are not annotated


class Publisher:
    """The confirmed way out of a process.

    Args:
      connection: The connection to publish on.
      recover: Makes missing streams; awaited on the loop when the server knows no stream for a subject.
    """

    def __init__(self, connection: Connection, recover: Callable[[], Awaitable[None]]) -> None:
        self._connection = connection
        self._recover = recover
        self._inbox = b""
        self._listening = False
        self._counter = 0
        self._unsettled: dict[bytes, Attempt] = {}
        self._waiting: deque[Attempt] = deque()
        self._pause = _SHORTEST_PAUSE
        self._reason = ""
        self._again: asyncio.Task[None] | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._tapping: asyncio.Task[None] | None = None

    def publish(self, messages: Iterable[Outgoing], timeout: float) -> None:
        """Publish and return when each message is acknowledged.

        Raises: as `publish_together`.
        """
        self._publish([[message] for message in messages], timeout)

    def publish_together(self, messages: Iterable[Outgoing], timeout: float) -> None:
        """Publish so that all are stored or none, up to 1,000 or 8 MiB; return when they are acknowledged.

        Raises:
          PublishRefused: When the server will never take one of them.
          ConnectionFailed: When no server could be reached within `timeout` seconds.
          ConnectionClosed: When acknowledgements were missing after `timeout` seconds. Messages may then
            have been stored all the same.
        """
        self._publish(list(batches(messages)), timeout)

    def _publish(self, batches: list[list[Outgoing]], timeout: float) -> None:
        if not batches:
            return
        connection = self._connection
        connection.start()
        ticket = Ticket(len(batches))
        connection.post(self._take, batches, ticket)
        if not ticket.wait(timeout):
            connection.post(self._give_up, ticket)
            if not connection.ready:
                raise ConnectionFailed(connection.why_unreachable())
            why = self._reason or connection.last_error or "NATS does not answer"
            raise ConnectionClosed(
                f"{ticket.left} of {len(batches)} publishes unconfirmed after {timeout:g} s: {why}"
            )
        if ticket.error is not None:
            raise ticket.error

    def on_connected(self) -> None:
        """Say again everything that was not acknowledged."""
        now = time.monotonic()
        for attempt in self._unsettled.values():
            self._say(attempt, now)
        self._pause = _SHORTEST_PAUSE

    def on_closing(self) -> None:
        """Stop the timers and fail what is still waited for."""
        if self._watch is not None:
            self._watch.cancel()
        if self._again is not None:
            self._again.cancel()
        closed = ConnectionClosed("the broker was closed")
        for attempt in [*self._unsettled.values(), *self._waiting]:
            attempt.ticket.settle(closed)
        self._unsettled.clear()
        self._waiting.clear()

    def _attach(self) -> None:
        """Begin on a new connection, after the first use, a close or a fork."""
        # Answers come to this address; the part behind it tells the publishes apart.
        self._inbox = f"{self._connection.inbox}.{uuid.uuid4().hex[:8]}.".encode()
        # What a fork inherited is its parent's to finish.
        self._unsettled.clear()
        self._waiting.clear()
        self._listening = False
        self._again = None
        self._reason = ""
        self._connection.parts.append(self)
        loop = asyncio.get_running_loop()
        self._tapping = loop.create_task(self._tap())
        self._watch = loop.call_later(_AGAIN_AFTER, self._say_overdue)

    async def _tap(self) -> None:
        await self._connection.tap(f"{self._inbox.decode()}*", self._on_answer)
        self._listening = True
        self.on_connected()

    def _take(self, batches: list[list[Outgoing]], ticket: Ticket) -> None:
        if self not in self._connection.parts:
            self._attach()
        self._waiting.extend(self._attempt(messages, ticket) for messages in batches)
        self._admit()

    def _attempt(self, messages: list[Outgoing], ticket: Ticket) -> Attempt:
        self._counter += 1
        return Attempt(b"%x" % self._counter, messages, ticket)

    def _say(self, attempt: Attempt, now: float) -> None:
        attempt.said_at = now
        if not self._connection.ready or not self._listening:
            return
        for message in attempt.messages:
            size, limit = message.size, self._connection.max_payload - message.reserve
            if size > limit:
                # The server would cut the connection for it.
                error = PublishRefused(f"message of {size} bytes exceeds the limit of {limit}")
                asyncio.get_running_loop().call_soon(self._settle, attempt, error)
                return
        self._connection.write(attempt.frames(self._inbox + attempt.token))

    def _settle(self, attempt: Attempt, error: Exception | None) -> None:
        if self._unsettled.pop(attempt.token, None) is None:
            return
        attempt.ticket.settle(error)
        self._pause = _SHORTEST_PAUSE
        self._reason = ""
        self._admit()

    def _admit(self) -> None:
        """Say what waits for a place in the window."""
        while self._waiting and len(self._unsettled) < _WINDOW:
            attempt = self._waiting.popleft()
            self._unsettled[attempt.token] = attempt
            self._say(attempt, time.monotonic())

    def _on_answer(self, subject: bytes, _reply: bytes, data: bytes, headers: bytes | None) -> None:
        attempt = self._unsettled.get(subject[len(self._inbox) :])
        if attempt is None:
            return
        if headers is not None and headers.startswith(b"NATS/1.0 503") and attempt.messages[-1].stored:
            self._try_again(None)
        elif b'"error"' in data:
            self._on_error(attempt, data)
        else:
            self._settle(attempt, None)

    def _on_error(self, attempt: Attempt, data: bytes) -> None:
        error = json.loads(data)["error"]
        message, number = attempt.messages[-1], error.get("err_code")
        if number == _BATCH_KNOWN or (message.if_expected and number in NOT_AS_EXPECTED):
            self._settle(attempt, None)
        elif number == _BATCH_DISABLED:
            self._say_singly(attempt)
        elif error.get("code") in _TEMPORARY or number == _BATCH_INCOMPLETE:
            self._try_again(str(error.get("description")))
        else:
            text = f"NATS refused a message on {message.subject.decode()}: {error.get('description')}"
            self._settle(attempt, PublishRefused(text))

    def _say_singly(self, attempt: Attempt) -> None:
        """Publish a batch's messages one by one, to a stream that an earlier version made without batches."""
        del self._unsettled[attempt.token]
        attempt.ticket.add(len(attempt.messages) - 1)
        self._waiting.extendleft(
            self._attempt([message], attempt.ticket) for message in reversed(attempt.messages)
        )
        self._admit()

    def _try_again(self, reason: str | None) -> None:
        """Say everything unsettled again after a pause, making missing streams first."""
        if self._again is None or self._again.done():
            self._again = asyncio.get_running_loop().create_task(self._say_again(reason))

    async def _say_again(self, reason: str | None) -> None:
        try:
            if reason is None:
                await self._recover()
        except (NatsError, BrokerError, OSError) as error:
            reason = repr(error)
        if reason is not None:
            self._reason = reason
            log.warning("NATS cannot take messages now (%s); trying again.", reason)
            await asyncio.sleep(self._pause)
            self._pause = min(_LONGEST_PAUSE, self._pause * 2)
        now = time.monotonic()
        for attempt in list(self._unsettled.values()):
            self._say(attempt, now)

    def _say_overdue(self) -> None:
        self._watch = asyncio.get_running_loop().call_later(_AGAIN_AFTER, self._say_overdue)
        if self._connection.is_congested:
            # What was said is still on its way out; the same again would only lengthen it.
            return
        now = time.monotonic()
        for attempt in list(self._unsettled.values()):
            if now - attempt.said_at > _AGAIN_AFTER:
                self._say(attempt, now)

    def _give_up(self, ticket: Ticket) -> None:
        for attempt in [a for a in self._unsettled.values() if a.ticket is ticket]:
            del self._unsettled[attempt.token]
        self._waiting = deque(a for a in self._waiting if a.ticket is not ticket)
        self._admit()
