"""The broker itself: Dramatiq's contract on top of the publisher, the ledgers and the pulls."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from dramatiq import Message
from dramatiq.broker import Consumer
from dramatiq.errors import BrokerError, ConnectionClosed, QueueNotFound
from dramatiq.middleware import Middleware, SkipMessage

from dramatiq_nats.administration import QueueAdministration
from dramatiq_nats.cells import Cells
from dramatiq_nats.connection import Connection
from dramatiq_nats.consumer import NatsConsumer
from dramatiq_nats.ledger import Delivery, Ledger
from dramatiq_nats.message import NatsMessage
from dramatiq_nats.naming import (
    check_namespace,
)
from dramatiq_nats.outgoing import Outgoing
from dramatiq_nats.partitions import Partitions, partition_of
from dramatiq_nats.periodic import CRON, CRON_TIMEZONE, DUE, INTERVAL, PeriodicJobs
from dramatiq_nats.poison import Poison
from dramatiq_nats.publisher import Publisher
from dramatiq_nats.pull import Pull
from dramatiq_nats.roll_call import RollCall
from dramatiq_nats.sending import Sender
from dramatiq_nats.streams import DEAD_LETTER_AGE, ensure_streams
from dramatiq_nats.unique import UNIQUE_FOR, UniqueJobs, unique_milliseconds
from dramatiq_nats.wire import header_block

if TYPE_CHECKING:
    from dramatiq import Actor

_ADMIN_TIMEOUT = 10.0
_ALL = 2**31


class NatsBroker(QueueAdministration):
    """A broker on NATS JetStream. It connects on first use, from whichever thread or forked process.

    Args:
      servers: One URL, ``nats://user:password@host:4222`` or ``tls://…``, or several of a cluster, as a list
        or with commas between.
      namespace: Prefix of streams and subjects; ASCII letters, digits, ``_`` and ``-``.
      middleware: All middleware, in order; Dramatiq's default when None.
      ack_wait: Seconds without a heartbeat after which a message goes to another worker.
      max_deliveries: How often a message may begin to run without an end, as its worker was killed, before it
        is taken for poison and moved to the dead letters. Retries after exceptions do not count, nor does
        what a worker had only prefetched.
      publish_timeout: Seconds for which `enqueue` waits for the server before it raises.
      replicas: Copies of each stream in a cluster, when this broker makes them: 1, 3 or 5.
      dead_letter_age: Seconds for which dead letters are kept, when this broker makes their stream.
      **connect_options: Passed to `nats.aio.client.Client.connect`: ``tls``, ``user_credentials``,
        ``nkeys_seed``, ``name``, …

    Raises:
      TypeError: When there is no such option.
      ValueError: When a setting makes no sense, or a file that one names is not there.
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
        if replicas not in {1, 3, 5}:
            raise ValueError(f"replicas must be 1, 3 or 5, not {replicas!r}")
        for name, value in (("ack_wait", ack_wait), ("publish_timeout", publish_timeout)):
            if value <= 0:
                raise ValueError(f"{name} must be seconds above 0, not {value!r}")
        if max_deliveries < 1:
            raise ValueError(f"max_deliveries must be 1 or more, not {max_deliveries!r}")
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
        self.partitions = Partitions(self.connection, namespace)
        self._cells = Cells(self.connection, namespace, self.make_streams)
        self.unique = UniqueJobs(self.connection, self._cells)
        self.periodic = PeriodicJobs(
            self.connection, self.publisher, self._cells, namespace, self.make_streams
        )
        self.poison = Poison(self.connection, self._cells, max_deliveries)
        self._sender = Sender(self)
        self._roll_call = RollCall(self.connection, namespace)
        self.actor_options |= {UNIQUE_FOR, CRON, INTERVAL, CRON_TIMEZONE}

    # Actors, queues and messages.

    def declare_actor(self, actor: "Actor[Any, Any]") -> None:
        """Declare an actor and its queue, without any I/O.

        Raises:
          ValueError, TypeError: When its ``cron``, ``interval`` or ``unique_for`` makes no sense.
        """
        if actor.options.get(UNIQUE_FOR) is not None:
            unique_milliseconds(actor.options[UNIQUE_FOR])
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
        return self._sender.send(messages, delay)

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 30000) -> Consumer:
        """Return an iterator over a queue's messages.

        Args:
          queue_name: The queue.
          prefetch: How many messages may be held unsettled.
          timeout: Milliseconds after which the iterator gives None when idle.

        Raises:
          QueueNotFound: When the queue was never declared.
          ConnectionClosed: When the server hangs.
        """
        if queue_name not in self.queues:
            raise QueueNotFound(queue_name)
        self.connection.start()
        pull = self.connection.run(lambda: self._start_pull(queue_name, prefetch), _ADMIN_TIMEOUT)
        if pull is None:
            raise ConnectionClosed(f"NATS did not answer within {_ADMIN_TIMEOUT:g} s")
        self.connection.run(self._roll_call.join, _ADMIN_TIMEOUT)
        self.connection.run(self.periodic.start, _ADMIN_TIMEOUT)
        return NatsConsumer(self, queue_name, pull, timeout)

    async def _start_pull(self, queue: str, prefetch: int) -> Pull:
        ledger = self._ledgers.get(queue)
        # Consumers that follow each other on a connection share one, as what they hold is settled later.
        if ledger is None or ledger not in self.connection.parts:
            ledger = self._ledgers[queue] = Ledger(self.connection, self.ack_wait)
        pull = Pull(
            self.connection,
            ledger,
            self.partitions,
            namespace=self.namespace,
            queue=queue,
            prefetch=prefetch,
            ack_wait=self.ack_wait,
            make_streams=self.make_streams,
        )
        await pull.start()
        return pull

    async def make_streams(self) -> None:
        """Make the namespace's streams where they are missing. Awaited on the loop."""
        await ensure_streams(
            self.connection.js, self.namespace, replicas=self.replicas, dead_letter_age=self.dead_letter_age
        )

    def emit_before(self, signal: str, *args: Any, **kwargs: Any) -> None:
        """Emit a signal; first, when a message begins, note it, and of a periodic job set the next firing."""
        if signal == "process_message" and isinstance(args[0], NatsMessage):
            self.poison.note_beginning(args[0].delivery)
            if DUE in args[0].options:
                self._take_up(args[0])
        super().emit_before(signal, *args, **kwargs)

    def _take_up(self, message: NatsMessage) -> None:
        try:
            if self.periodic.take_up(message):
                return
        except BrokerError as error:
            self.logger.warning("Periodic actor %r could not be set again: %r", message.actor_name, error)
            message.keep = True
        raise SkipMessage

    def emit_after(self, signal: str, *args: Any, **kwargs: Any) -> None:
        """Emit a signal; while a message ends, the sender knows, as what middleware then enqueues follows."""
        if signal in {"process_message", "skip_message"} and isinstance(args[0], NatsMessage):
            with self._sender.while_ending(args[0]):
                super().emit_after(signal, *args, **kwargs)
        else:
            super().emit_after(signal, *args, **kwargs)

    # What its parts use.

    def publish(self, subject: str, payload: bytes, headers: dict[str, str]) -> None:
        """Publish to one of the namespace's streams and return when it is stored; errors as `enqueue`."""
        self.publisher.publish(
            [Outgoing(subject.encode(), payload, header_block(headers))], self.publish_timeout
        )

    def publish_many(self, outgoing: Iterable[Outgoing]) -> None:
        """Publish several messages and return when all are settled; errors as `enqueue`."""
        self.publisher.publish(outgoing, self.publish_timeout)

    def keep_ending(self) -> None:
        """Have the message come again that ends in this thread, if one does: what follows was not stored."""
        self._sender.keep_ending()

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

    def close(self) -> None:
        """Say what is left to say and close the connection. The next use opens a new one."""
        self.connection.close()
