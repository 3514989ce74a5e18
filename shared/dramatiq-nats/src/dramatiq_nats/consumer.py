"""Dramatiq's consumer: the side of a queue that its consumer and worker threads call."""

import dataclasses
import logging
from collections.abc import Iterable
from queue import Empty
from typing import TYPE_CHECKING, cast

from dramatiq import Message
from dramatiq.broker import Consumer, MessageProxy
from dramatiq.errors import BrokerError, ConnectionClosed, DecodeError

from dramatiq_nats.dead_letters import Reason, bury
from dramatiq_nats.ledger import Delivery
from dramatiq_nats.message import NatsMessage
from dramatiq_nats.partitions import PARTITION_KEY
from dramatiq_nats.periodic import DUE
from dramatiq_nats.pull import Pull
from dramatiq_nats.wire import restore_headers

if TYPE_CHECKING:
    from dramatiq_nats.broker import NatsBroker

log = logging.getLogger(__name__)

#: Seconds after which a message comes back whose retry or follower could not be enqueued.
_KEPT_DELAY = 5.0
_STOP_TIMEOUT = 10.0


class NatsConsumer(Consumer):
    """Iterates over a queue's messages; made by `NatsBroker.consume`.

    A lost connection does not end the iteration: it is made again underneath, and settling waits for it.

    Args:
      broker: The broker.
      queue: The queue's name.
      pull: Its stream of messages, started.
      timeout: Milliseconds that `__next__` waits for a message.
    """

    def __init__(self, broker: "NatsBroker", queue: str, pull: Pull, timeout: int) -> None:
        self._broker = broker
        self._connection = broker.connection
        self._queue = queue
        self._pull = pull
        self._timeout = timeout / 1000
        self._closed = False

    def __next__(self) -> MessageProxy | None:
        """Return the next message, or None when none came within the timeout.

        Raises:
          ConnectionClosed: When the consumer was closed, or a message that cannot be run could not be moved
            to the dead letters.
        """
        if self._closed:
            raise ConnectionClosed("the consumer was closed")
        try:
            delivery = self._pull.arrived.get(timeout=self._timeout)
        except Empty:
            return None
        if delivery.place.attempt > self._broker.max_deliveries:
            self._quarantine(delivery)
            return None
        try:
            message: Message[object] = Message.decode(delivery.payload)
        except DecodeError as error:
            log.exception("Undecodable message on queue %r; moving it to the dead letters.", self._queue)
            bury(self._broker, self._queue, delivery, Reason.UNDECODABLE, error=error.error)
            return None
        restore_headers(message, delivery.headers)
        if message.queue_name != self._queue:
            # Dramatiq looks the consumer up by it; a message published by hand may name another queue.
            message = dataclasses.replace(message, queue_name=self._queue)
        if DUE in message.options and not self._set_next(message, delivery):
            return None
        if delivery.turn is None and message.options.get(PARTITION_KEY) is not None:
            self._put_in_line(message, delivery)
            return None
        return NatsMessage(message, delivery)

    def _put_in_line(self, message: "Message[object]", delivery: Delivery) -> None:
        """Have a message wait for its turn that came without one: delayed until now, or published by hand."""
        try:
            self._broker.put_in_line(message, f"line-{delivery.place.sequence}-{delivery.place.stored}")
        except (BrokerError, TypeError) as error:
            log.warning("Message %r could not be put in line: %r", message.message_id, error)
            self._connection.post(delivery.ledger.hand_back, delivery, _KEPT_DELAY)
        else:
            self._connection.post(delivery.ledger.acknowledge, delivery)

    def _set_next(self, message: "Message[object]", delivery: Delivery) -> bool:
        """Set the next firing of a periodic job; tell whether that succeeded, so that this one may run."""
        try:
            self._broker.periodic.advance(message)
        except BrokerError as error:
            log.warning("Periodic actor %r could not be set again: %r", message.actor_name, error)
            self._connection.post(delivery.ledger.hand_back, delivery, _KEPT_DELAY)
            return False
        return True

    def ack(self, message: MessageProxy) -> None:
        """Settle a message as done. Never waits: it is said again until the server has heard it."""
        delivered = cast("NatsMessage", message)
        if delivered.keep:
            log.warning("Message %r comes again: what follows from it was not enqueued.", message.message_id)
            self._connection.post(delivered.delivery.ledger.hand_back, delivered.delivery, _KEPT_DELAY)
        elif delivered.goes_on:
            self._connection.post(delivered.delivery.ledger.acknowledge, delivered.delivery)
        else:
            self._broker.settle(delivered.delivery, self._queue)
            self._broker.unique.release(delivered)

    def nack(self, message: MessageProxy) -> None:
        """Move a message to the dead letters: stored there first, then settled here, both confirmed.

        Raises:
          ConnectionClosed: When that could not be confirmed; Dramatiq then tries again, harmlessly.
        """
        delivered = cast("NatsMessage", message)
        error = delivered._exception  # noqa: SLF001 - Dramatiq stuffs it there for brokers
        bury(self._broker, self._queue, delivered.delivery, Reason.of(error), error=error, message=delivered)
        self._broker.unique.release(delivered)

    def requeue(self, messages: Iterable[MessageProxy]) -> None:
        """Hand messages back for another worker to take at once, and pull no more."""
        deliveries = [cast("NatsMessage", message).delivery for message in messages]
        if not deliveries:
            return
        self._stop_pulling()
        for delivery in deliveries:
            self._connection.post(delivery.ledger.hand_back, delivery)

    def close(self) -> None:
        """Pull no more and hand back what was not taken. Messages being run stay alive and can be settled."""
        self._closed = True
        self._stop_pulling()

    def _stop_pulling(self) -> None:
        if self._connection.started:
            self._connection.run(self._pull.stop, _STOP_TIMEOUT)

    def _quarantine(self, delivery: Delivery) -> None:
        log.error(
            "A message on queue %r was delivered %d times without its actor ending; it is dead-lettered.",
            self._queue,
            delivery.place.attempt - 1,
        )
        try:
            message = NatsMessage(Message.decode(delivery.payload), delivery)
        except DecodeError:
            bury(self._broker, self._queue, delivery, Reason.POISON)
        else:
            bury(self._broker, self._queue, delivery, Reason.POISON, message=message)
            self._broker.unique.release(message)
