"""The broker itself: Dramatiq's contract on top of the publisher, the ledgers and the pulls."""

import threading
import time
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from dramatiq import Message
from dramatiq.broker import Broker, Consumer, MessageProxy
from dramatiq.common import current_millis
from dramatiq.errors import BrokerError, DecodeError, QueueJoinTimeout, QueueNotFound
from dramatiq.middleware import Middleware

from dramatiq_nats import dead_letters, stats
from dramatiq_nats.cells import Cells
from dramatiq_nats.connection import Connection
from dramatiq_nats.consumer import NatsConsumer
from dramatiq_nats.dead_letters import DeadLetter
from dramatiq_nats.ledger import Delivery, Ledger
from dramatiq_nats.message import NatsMessage
from dramatiq_nats.naming import (
    check_namespace,
    dead_letter_stream,
    dead_letter_subject,
    queue_subjects,
    stream_name,
)
from dramatiq_nats.partitions import Partitions, partition_of
from dramatiq_nats.periodic import CRON, CRON_TIMEZONE, INTERVAL, PeriodicJobs
from dramatiq_nats.publisher import Outgoing, Publisher
from dramatiq_nats.pull import Pull
from dramatiq_nats.roll_call import RollCall
from dramatiq_nats.streams import DEAD_LETTER_AGE, ensure_streams, purge
from dramatiq_nats.unique import DUPLICATE_OF, UNIQUE_FOR, UniqueJobs
from dramatiq_nats.wire import LETTER_HEADERS, MSG_ID, encode_work, header_block

if TYPE_CHECKING:
    from dramatiq import Actor

_ADMIN_TIMEOUT = 10.0
_ALL = 2**31


@runtime_checkable
class HearsFailures(Protocol):
    """Middleware that is told when a message could not be enqueued; Dramatiq itself has no such signal."""

    def after_enqueue_failed(self, message: "Message[Any]", error: Exception) -> None:
        """Hear of one message. Called in the thread that enqueues, before `enqueue` raises."""


class NatsBroker(Broker):
    """A broker on NATS JetStream. It connects on first use, from whichever thread or forked process.

    Args:
      servers: One URL, ``nats://user:password@host:4222`` or ``tls://…``, or several of a cluster, as a list
        or with commas between.
      namespace: Prefix of streams and subjects; ASCII letters, digits, ``_`` and ``-``.
      middleware: All middleware, in order; Dramatiq's default when None.
      ack_wait: Seconds without a heartbeat after which a message goes to another worker.
      max_deliveries: How often a message may be delivered without its actor ending, before it is taken for
        poison and moved to the dead letters. Retries after exceptions do not count.
      publish_timeout: Seconds for which `enqueue` waits for the server before it raises.
      replicas: Copies of each stream in a cluster, when this broker makes them: 1, 3 or 5.
      dead_letter_age: Seconds for which dead letters are kept, when this broker makes their stream.
      **connect_options: Passed to `nats.aio.client.Client.connect`: ``tls``, ``user_credentials``,
        ``nkeys_seed``, ``name``, …
    """

    def __init__(  # noqa: PLR0913 - settings, by keyword only
        self,
        *,
        servers: str | list[str] = "nats://127.0.0.1:4222",
        namespace: str = "dramatiq",
        middleware: list[Middleware] | None = None,
        ack_wait: float = 30.0,
        max_deliveries: int = 5,
        publish_timeout: float = 30.0,
        replicas: int = 1,
        dead_letter_age: float = DEAD_LETTER_AGE,
        **connect_options: Any,
    ) -> None:
        super().__init__(middleware=middleware)
        self.queues: set[str] = set()
        self.namespace = check_namespace(namespace)
        self.ack_wait = ack_wait
        self.max_deliveries = max_deliveries
        self.publish_timeout = publish_timeout
        self.replicas = replicas
        self.dead_letter_age = dead_letter_age
        self.connection = Connection(servers, connect_options)
        self.publisher = Publisher(self.connection, self.make_streams)
        self._ledgers: dict[str, Ledger] = {}
        self._ledgers_lock = threading.Lock()
        self._ending = threading.local()
        self.partitions = Partitions(self.connection, namespace)
        self._cells = Cells(self.connection, namespace, self.make_streams)
        self.unique = UniqueJobs(self.connection, self._cells)
        self.periodic = PeriodicJobs(self.connection, self.publisher, namespace, self.make_streams)
        self._roll_call = RollCall(self.connection, namespace)
        self.actor_options |= {UNIQUE_FOR, CRON, INTERVAL, CRON_TIMEZONE}

    # Actors, queues and messages.

    def declare_actor(self, actor: "Actor[Any, Any]") -> None:
        """Declare an actor and its queue, without any I/O.

        Raises:
          ValueError: When its ``cron`` or ``interval`` makes no sense.
        """
        self.periodic.declare(actor)
        super().declare_actor(actor)

    def declare_queue(self, queue_name: str) -> None:
        """Declare a queue, without any I/O; nothing happens the second time."""
        if queue_name not in self.queues:
            self.emit_before("declare_queue", queue_name)
            self.queues.add(queue_name)
            self.emit_after("declare_queue", queue_name)

    def get_declared_queues(self) -> set[str]:
        """Return the names of all declared queues."""
        return self.queues.copy()

    def enqueue(self, message: "Message[Any]", *, delay: int | None = None) -> "Message[Any]":
        """Enqueue a message and return when the server has stored it.

        Args:
          message: The message; ``options["headers"]``, a dict of strings, travels as NATS headers.
          delay: Milliseconds before it may run. The server keeps the time; below 250 ms it rounds up.

        Returns:
          The message, with its ``eta`` when it is delayed. A unique message whose key is taken is not stored;
          its option ``duplicate_of`` is then the id of the message that holds the key.

        Raises:
          dramatiq.errors.BrokerConnectionError: When it was not confirmed within `publish_timeout`; it may
            have been stored all the same.
          PublishRefused: When the server will never take it, as one larger than its `max_payload`.
        """
        return self.enqueue_many([message], delay=delay)[0]

    def enqueue_many(
        self, messages: "Iterable[Message[Any]]", *, delay: int | None = None
    ) -> "list[Message[Any]]":
        """Enqueue many messages in one go and return when the server has stored them.

        Up to 1,000 messages, or 8 MiB, are stored together: all of them or none. More go in as many such
        batches, pipelined. In a stream that takes no atomic batches they are stored one by one.

        Args and errors are those of `enqueue`.
        """
        batch = [self._prepared(message, delay) for message in messages]
        holders = self.unique.claim(batch)
        fresh = [message for message in batch if message.message_id not in holders] if holders else batch
        outgoing = [self._outgoing(message, delay) for message in fresh]
        try:
            self.publisher.publish_together(outgoing, self.publish_timeout)
            # Only then, so that whoever is given a turn finds what it is for.
            self.publisher.publish(self.partitions.turns(fresh), self.publish_timeout)
        except BrokerError as error:
            self._on_failed(fresh, error)
            raise
        self._on_enqueued(fresh, delay)
        return [self._told(message, holders) for message in batch] if holders else batch

    def _outgoing(self, message: "Message[Any]", delay: int | None) -> Outgoing:
        self.logger.debug("Enqueueing message %r on queue %r.", message.message_id, message.queue_name)
        self.emit_before("enqueue", message, delay)
        partition = partition_of(message)
        if partition is not None:
            ending: NatsMessage | None = getattr(self._ending, "message", None)
            turn = ending.delivery.turn if ending and ending.message_id == message.message_id else None
            if ending is not None and turn is not None:
                return self.partitions.again(message, ending.delivery, turn)
            if "eta" not in message.options:
                return self.partitions.in_line(message, partition, uuid.uuid4().hex)
        work = encode_work(message, self.namespace)
        # Never message_id: deduplication would swallow a retry, which has the same.
        work.headers[MSG_ID] = uuid.uuid4().hex
        return Outgoing(work.subject.encode(), work.payload, header_block(work.headers), LETTER_HEADERS)

    def _on_enqueued(self, messages: "list[Message[Any]]", delay: int | None) -> None:
        ending: NatsMessage | None = getattr(self._ending, "message", None)
        for message in messages:
            if ending is not None and ending.message_id == message.message_id:
                ending.goes_on = True
            self.emit_after("enqueue", message, delay)

    def _on_failed(self, messages: "list[Message[Any]]", error: BrokerError) -> None:
        ending: NatsMessage | None = getattr(self._ending, "message", None)
        if ending is not None:
            # Its retry or follower failed, which Dramatiq only logs: not acknowledged, it comes again.
            ending.keep = True
        for message in messages:
            if ending is None or ending.message_id != message.message_id:
                self.unique.release(message)
            for middleware in self.middleware:
                if isinstance(middleware, HearsFailures):
                    middleware.after_enqueue_failed(message, error)

    def _told(self, message: "Message[Any]", holders: dict[str, str]) -> "Message[Any]":
        holder = holders.get(message.message_id)
        if holder is None:
            return message
        self.logger.info("Message %r was dropped: a duplicate of %r.", message.message_id, holder)
        return message.copy(options={DUPLICATE_OF: holder})

    def _prepared(self, message: "Message[Any] | MessageProxy", delay: int | None) -> "Message[Any]":
        # A retry comes as the proxy of the message that failed.
        own: Message[Any] = message._message if isinstance(message, MessageProxy) else message  # noqa: SLF001
        delayed = own if delay is None else own.copy(options={"eta": current_millis() + delay})
        return self.unique.mark(delayed, self.actors)

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 30000) -> Consumer:
        """Return an iterator over a queue's messages.

        Args:
          queue_name: The queue.
          prefetch: How many messages may be held unsettled.
          timeout: Milliseconds after which the iterator gives None when idle.

        Raises:
          QueueNotFound: When the queue was never declared.
        """
        if queue_name not in self.queues:
            raise QueueNotFound(queue_name)
        self.connection.start()
        pull = Pull(
            self.connection,
            self._ledger(queue_name),
            self.partitions,
            namespace=self.namespace,
            queue=queue_name,
            prefetch=prefetch,
            ack_wait=self.ack_wait,
            make_streams=self.make_streams,
        )
        self.connection.run(pull.start, _ADMIN_TIMEOUT)
        self.connection.run(self._roll_call.join, _ADMIN_TIMEOUT)
        self.connection.run(self.periodic.start, _ADMIN_TIMEOUT)
        return NatsConsumer(self, queue_name, pull, timeout)

    def _ledger(self, queue: str) -> Ledger:
        """Return the queue's ledger of the present connection; consumers that follow each other share it."""
        with self._ledgers_lock:
            ledger = self._ledgers.get(queue)
            if ledger is None or ledger not in self.connection.parts:
                ledger = self._ledgers[queue] = Ledger(self.connection, self.ack_wait)
            return ledger

    async def make_streams(self) -> None:
        """Make the namespace's streams where they are missing. Awaited on the loop."""
        await ensure_streams(
            self.connection.js, self.namespace, replicas=self.replicas, dead_letter_age=self.dead_letter_age
        )

    # What a message's end brings about.

    def emit_after(self, signal: str, *args: Any, **kwargs: Any) -> None:
        """Emit a signal; while a message ends, remember which, as middleware then enqueues what follows."""
        if signal in {"process_message", "skip_message"} and isinstance(args[0], NatsMessage):
            self._ending.message = args[0]
            try:
                super().emit_after(signal, *args, **kwargs)
            finally:
                self._ending.message = None
        else:
            super().emit_after(signal, *args, **kwargs)

    def publish(self, subject: str, payload: bytes, headers: dict[str, str]) -> None:
        """Publish to one of the namespace's streams and return when it is stored; errors as `enqueue`."""
        self.publisher.publish(
            [Outgoing(subject.encode(), payload, header_block(headers))], self.publish_timeout
        )

    def publish_many(self, outgoing: Iterable[Outgoing]) -> None:
        """Publish several messages and return when all are settled; errors as `enqueue`."""
        self.publisher.publish(outgoing, self.publish_timeout)

    def put_in_line(self, message: "Message[Any]", message_id: str) -> None:
        """Put a message with a partition key at the end of its line, once for each `message_id`.

        Raises:
          dramatiq.errors.BrokerConnectionError: When it was not confirmed within `publish_timeout`.
          TypeError: When its key makes no sense.
        """
        partition = partition_of(message)
        if partition is not None:
            self.publish_many([self.partitions.in_line(message, partition, message_id)])
            self.publish_many(self.partitions.turns([message]))

    def settle(self, delivery: Delivery, queue: str) -> None:
        """Settle what was run, or buried, as done; of a partition, pass the turn on. Never waits."""
        if delivery.turn is None:
            self.connection.post(delivery.ledger.acknowledge, delivery)
        else:
            self.connection.post(self.partitions.finish_soon, delivery, queue)

    # Figures.

    def queue_stats(self) -> list[stats.QueueStats]:
        """Return how full each queue of the namespace is; see `dramatiq_nats.queue_stats`."""
        return self.connection.call(
            lambda: stats.queue_stats(self.connection.js, self.namespace), _ADMIN_TIMEOUT
        )

    # Dead letters.

    @property
    def dead_letters(self) -> list[MessageProxy]:
        """All dead-lettered messages that can be decoded, oldest first."""
        found: list[MessageProxy] = []
        for letter in self.list_dead_letters(limit=_ALL):
            try:
                found.append(MessageProxy(letter.decode()))
            except DecodeError:
                self.logger.debug("Dead letter %d cannot be decoded.", letter.sequence)
        return found

    def list_dead_letters(
        self, queue: str | None = None, *, after: int = 0, limit: int = 100
    ) -> list[DeadLetter]:
        """Return dead letters, oldest first; see `dramatiq_nats.list_dead_letters`."""
        return self.connection.call(
            lambda: dead_letters.list_dead_letters(
                self.connection.js, self.namespace, queue, after=after, limit=limit
            ),
            _ADMIN_TIMEOUT,
        )

    def get_dead_letter(self, sequence: int) -> DeadLetter:
        """Return one dead letter; see `dramatiq_nats.get_dead_letter`."""
        return self.connection.call(
            lambda: dead_letters.get_dead_letter(self.connection.js, self.namespace, sequence), _ADMIN_TIMEOUT
        )

    def requeue_dead_letter(self, sequence: int) -> DeadLetter:
        """Send a dead letter's message to its queue again; see `dramatiq_nats.requeue_dead_letter`."""
        return self.connection.call(
            lambda: dead_letters.requeue_dead_letter(self.connection.js, self.namespace, sequence),
            _ADMIN_TIMEOUT,
        )

    def delete_dead_letter(self, sequence: int) -> None:
        """Delete one dead letter; see `dramatiq_nats.delete_dead_letter`."""
        self.connection.call(
            lambda: dead_letters.delete_dead_letter(self.connection.js, self.namespace, sequence),
            _ADMIN_TIMEOUT,
        )

    # For tests and shutdown.

    def flush(self, queue_name: str) -> None:
        """Drop a queue's messages: those that wait, the delayed, and its dead letters."""
        for stream, subject in (
            (stream_name(self.namespace), queue_subjects(self.namespace, queue_name)),
            (dead_letter_stream(self.namespace), dead_letter_subject(self.namespace, queue_name)),
        ):
            self.connection.call(
                lambda stream=stream, subject=subject: purge(self.connection.js, stream, subject),  # type: ignore[misc]
                _ADMIN_TIMEOUT,
            )

    def flush_all(self) -> None:
        """Drop the messages of all declared queues."""
        for queue_name in self.queues:
            self.flush(queue_name)

    def join(
        self,
        queue_name: str,
        min_successes: int = 1,
        idle_time: int = 50,
        *,
        timeout: int | None = None,
        fail_fast: bool = False,
    ) -> None:
        """Wait until a queue has nothing left: nothing waiting, delayed or unacknowledged, in one reading.

        Args:
          queue_name: The queue.
          min_successes: How many readings in a row must find it empty; one is enough here.
          idle_time: Milliseconds between readings.
          timeout: Milliseconds; None waits for ever.
          fail_fast: Not offered: an actor's exception is known where it ran, its text in the dead letters.

        Raises:
          QueueJoinTimeout: When the time is over.
          NotImplementedError: When `fail_fast` is true.
        """
        if fail_fast:
            raise NotImplementedError("join(fail_fast=True) is the stub broker's; see list_dead_letters")
        deadline = None if timeout is None else time.monotonic() + timeout / 1000
        empty = 0
        while (empty := empty + 1 if self._is_empty(queue_name) else 0) < min_successes:
            if deadline is not None and time.monotonic() >= deadline:
                raise QueueJoinTimeout(queue_name)
            time.sleep(idle_time / 1000)

    def get_queue_message_counts(self, queue_name: str) -> tuple[int, int, int]:
        """Return how many messages of a queue wait or are in progress, are delayed, and are dead."""
        for queue in self.queue_stats():
            if queue.queue == queue_name:
                return queue.lag, queue.delayed, queue.dead
        return 0, 0, 0

    def _is_empty(self, queue_name: str) -> bool:
        return self.connection.call(
            lambda: stats.is_empty(self.connection.js, self.namespace, queue_name), _ADMIN_TIMEOUT
        )

    def close(self) -> None:
        """Say what is left to say and close the connection. The next use opens a new one."""
        self.connection.close()
