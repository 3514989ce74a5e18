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
from dramatiq_nats.partitions import partition_of
from dramatiq_nats.publisher import PublishRefused
from dramatiq_nats.pull import Pull
from dramatiq_nats.wire import restore_headers

if TYPE_CHECKING:
    from dramatiq_nats.broker import NatsBroker

log = logging.getLogger(__name__)

#: Seconds after which a message comes back that could not be settled as it should.
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
          ConnectionClosed: When the consumer or its connection was closed.
        """
        if self._closed:
            raise ConnectionClosed("the consumer was closed")
        try:
            delivery = self._pull.arrived.get(timeout=self._timeout)
        except Empty:
            if self._pull.stopping:
                raise ConnectionClosed("the broker's connection was closed") from None
            return None
        try:
            return self._take_up(delivery)
        except BrokerError as error:
            log.warning("A message on queue %r comes again: %r", self._queue, error)
            self._come_again(delivery)
        except Exception as error:
            log.exception("Undecodable message on queue %r; moving it to the dead letters.", self._queue)
            self._bury_undecodable(delivery, error)
        return None

    def _take_up(self, delivery: Delivery) -> NatsMessage | None:
        """Return what a delivery is to run; None when there is nothing to run, and it was settled."""
        if self._broker.poison.is_poison(delivery):
            self._quarantine(delivery)
            return None
        message = self._decode(delivery)
        if delivery.turn is None and partition_of(message) is not None:
            # It was delayed until now, or published by hand, and waits for its turn from here on.
            self._broker.put_in_line(message, f"line-{delivery.place.sequence}-{delivery.place.stored}")
            self._connection.post(delivery.ledger.acknowledge, delivery)
            return None
        return NatsMessage(message, delivery)

    def _decode(self, delivery: Delivery) -> "Message[object]":
        message: Message[object] = Message.decode(delivery.payload)
        restore_headers(message, delivery.headers)
        if message.queue_name != self._queue:
            # Dramatiq looks the consumer up by it; a message published by hand may name another queue.
            message = dataclasses.replace(message, queue_name=self._queue)
        return message

    def _bury_undecodable(self, delivery: Delivery, error: Exception) -> None:
        cause = error.error if isinstance(error, DecodeError) else error
        try:
            bury(self._broker, self._queue, delivery, Reason.UNDECODABLE, error=cause)
        except BrokerError as refused:
            log.warning("A message on queue %r comes again, as it cannot be buried: %r", self._queue, refused)
            self._come_again(delivery)

    def _come_again(self, delivery: Delivery) -> None:
        self._connection.post(delivery.ledger.hand_back, delivery, _KEPT_DELAY)

    def ack(self, message: MessageProxy) -> None:
        """Settle a message as done. Never waits: it is said again until the server has heard it."""
        delivered = self._own(message)
        if delivered is None:
            return
        if delivered.goes_on:
            # Its retry is stored, and brings about what follows.
            self._connection.post(delivered.delivery.ledger.acknowledge, delivered.delivery)
        elif not self._kept(delivered):
            self._broker.settle(delivered.delivery, self._queue)
            self._broker.unique.release(delivered)

    def nack(self, message: MessageProxy) -> None:
        """Move a message to the dead letters: stored there first, then settled here, both confirmed.

        Raises:
          ConnectionClosed: When that could not be confirmed; Dramatiq then tries again, harmlessly.
        """
        delivered = self._own(message)
        if delivered is None or self._kept(delivered):
            return
        delivery, error = delivered.delivery, delivered._exception  # noqa: SLF001 - Dramatiq stuffs it there
        try:
            bury(self._broker, self._queue, delivery, Reason.of(error), error=error, message=delivered)
        except PublishRefused:
            # Dramatiq would forget it, and this process keep it for ever.
            log.exception("Message %r cannot be buried; it comes again.", message.message_id)
            self._come_again(delivery)
        else:
            self._broker.unique.release(delivered)

    @staticmethod
    def _own(message: MessageProxy) -> NatsMessage | None:
        """Return a message that a consumer of ours gave out; any other is nothing to settle."""
        if isinstance(message, NatsMessage):
            return message
        log.warning("Message %r was not consumed here and cannot be settled.", message.message_id)
        return None

    def _kept(self, message: NatsMessage) -> bool:
        """Have a message come again whose follower or result could not be stored; tell whether it does."""
        if message.keep:
            log.warning("Message %r comes again: what follows from it was not stored.", message.message_id)
            self._broker.poison.take_back(message.delivery)
            self._come_again(message.delivery)
        return message.keep

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
            "A message on queue %r began %d times without an end; it is dead-lettered.",
            self._queue,
            self._broker.max_deliveries,
        )
        try:
            message = NatsMessage(self._decode(delivery), delivery)
        except DecodeError:
            bury(self._broker, self._queue, delivery, Reason.POISON)
        else:
            self._broker.emit_before("nack", message)
            bury(self._broker, self._queue, delivery, Reason.POISON, message=message)
            self._broker.emit_after("nack", message)
            self._broker.unique.release(message)
