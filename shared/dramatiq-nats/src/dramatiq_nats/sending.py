"""Enqueueing: what a message goes through before it is published, and what follows."""

import contextlib
import dataclasses
import threading
import uuid
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from dramatiq import Message
from dramatiq.broker import MessageProxy
from dramatiq.common import current_millis

from dramatiq_nats.message import NatsMessage
from dramatiq_nats.outgoing import Outgoing
from dramatiq_nats.partitions import partition_of
from dramatiq_nats.publisher import PublishRefused
from dramatiq_nats.unique import DUPLICATE_OF
from dramatiq_nats.wire import LETTER_HEADERS, MSG_ID, encode_work, header_block

if TYPE_CHECKING:
    from dramatiq_nats.broker import NatsBroker


@runtime_checkable
class HearsFailures(Protocol):
    """Middleware that is told when a message could not be enqueued; Dramatiq itself has no such signal."""

    def after_enqueue_failed(self, message: "Message[Any]", error: BaseException) -> None:
        """Hear of one message. Called in the thread that enqueues, before `enqueue` raises."""


class Sender:
    """The way of a broker's messages to its publisher.

    Args:
      broker: The broker.
    """

    def __init__(self, broker: "NatsBroker") -> None:
        self._broker = broker
        self._local = threading.local()

    def send(self, messages: "Iterable[Message[Any]]", delay: int | None) -> "list[Message[Any]]":
        """Enqueue messages; see `NatsBroker.enqueue_many`."""
        broker = self._broker
        batch = [self._prepared(message, delay) for message in messages]
        holders = broker.unique.claim(batch)
        if self._ending is not None:
            # A retry is no duplicate, though its key may have ended by its time and be another's by now.
            holders.pop(self._ending.message_id, None)
        fresh = [message for message in batch if message.message_id not in holders] if holders else batch
        try:
            outgoing = [self._outgoing(message, delay) for message in fresh]
            broker.publisher.publish_together(outgoing, broker.publish_timeout)
            # Only then, so that whoever is given a turn finds what it is for.
            broker.publisher.publish(broker.partitions.turns(fresh), broker.publish_timeout)
        except BaseException as error:
            # Interrupts by a time limit included.
            self._on_failed(fresh, error)
            raise
        self._on_enqueued(fresh, delay)
        return [self._told(message, holders) for message in batch] if holders else batch

    @contextlib.contextmanager
    def while_ending(self, message: NatsMessage) -> Iterator[None]:
        """Take what this thread enqueues for what follows from a message that ends."""
        self._local.ending = message
        try:
            yield
        finally:
            self._local.ending = None

    @property
    def _ending(self) -> NatsMessage | None:
        ending: NatsMessage | None = getattr(self._local, "ending", None)
        return ending

    def _outgoing(self, message: "Message[Any]", delay: int | None) -> Outgoing:
        broker, ending = self._broker, self._ending
        broker.logger.debug("Enqueueing message %r on queue %r.", message.message_id, message.queue_name)
        broker.emit_before("enqueue", message, delay)
        if ending is not None and ending.message_id == message.message_id:
            message = self._fitting(message)
        partition = partition_of(message)
        if partition is not None:
            turn = ending.delivery.turn if ending and ending.message_id == message.message_id else None
            if ending is not None and turn is not None:
                return broker.partitions.again(message, ending.delivery, turn)
            if "eta" not in message.options:
                return broker.partitions.in_line(message, partition, uuid.uuid4().hex)
        work = encode_work(message, broker.namespace)
        # Never message_id: deduplication would swallow a retry, which has the same.
        work.headers[MSG_ID] = uuid.uuid4().hex
        return Outgoing(work.subject.encode(), work.payload, header_block(work.headers), LETTER_HEADERS)

    def _fitting(self, message: "Message[Any]") -> "Message[Any]":
        """Return a retry without its traceback when that makes it too large to be sent."""
        if len(message.encode()) <= self._broker.connection.max_payload - 2 * LETTER_HEADERS:
            return message
        options = {name: value for name, value in message.options.items() if name != "traceback"}
        return dataclasses.replace(message, options=options)

    def _on_enqueued(self, messages: "list[Message[Any]]", delay: int | None) -> None:
        ending = self._ending
        for message in messages:
            if ending is not None and ending.message_id == message.message_id:
                ending.goes_on = True
            self._broker.emit_after("enqueue", message, delay)

    def keep_ending(self) -> None:
        """Have the message come again that ends in this thread, if one does: what follows was not stored."""
        if self._ending is not None:
            self._ending.keep = True

    def _on_failed(self, messages: "list[Message[Any]]", error: BaseException) -> None:
        ending = self._ending
        if ending is not None and isinstance(error, PublishRefused):
            # It would be refused each time: buried, with this error or its own.
            ending.fail()
            if ending._exception is None:  # noqa: SLF001 - Dramatiq has no other way to ask
                ending.stuff_exception(error)
        elif ending is not None:
            # Its retry or follower failed, which Dramatiq only logs: not acknowledged, it comes again.
            ending.keep = True
        for message in messages:
            if ending is None or ending.message_id != message.message_id:
                self._broker.unique.release(message)
            for middleware in self._broker.middleware:
                if isinstance(middleware, HearsFailures):
                    middleware.after_enqueue_failed(message, error)

    def _told(self, message: "Message[Any]", holders: dict[str, str]) -> "Message[Any]":
        holder = holders.get(message.message_id)
        if holder is None:
            return message
        self._broker.logger.info("Message %r was dropped: a duplicate of %r.", message.message_id, holder)
        return message.copy(options={DUPLICATE_OF: holder})

    def _prepared(self, message: "Message[Any] | MessageProxy", delay: int | None) -> "Message[Any]":
        # A retry comes as the proxy of the message that failed.
        own: Message[Any] = message._message if isinstance(message, MessageProxy) else message  # noqa: SLF001
        # What makes no sense is refused before anything is claimed.
        partition_of(own)
        delayed = own if delay is None else own.copy(options={"eta": current_millis() + delay})
        return self._broker.unique.mark(delayed, self._broker.actors)
