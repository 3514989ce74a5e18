"""What a broker can tell of its queues and do to them as a whole: figures, dead letters, flush and join."""

import time
from datetime import datetime

from dramatiq.broker import Broker, MessageProxy
from dramatiq.errors import DecodeError, QueueJoinTimeout

from dramatiq_nats import dead_letters, pauses, stats
from dramatiq_nats.connection import Connection
from dramatiq_nats.dead_letters import DeadLetter
from dramatiq_nats.naming import dead_letter_stream, dead_letter_subject, queue_subjects, stream_name
from dramatiq_nats.streams import purge

_ADMIN_TIMEOUT = 10.0
_PAGE = 1_000


class QueueAdministration(Broker):
    """The part of a broker that looks at whole queues.

    Every method raises `dramatiq.errors.BrokerConnectionError` when the server does not answer within 10
    seconds.
    """

    connection: Connection
    namespace: str
    queues: set[str]

    async def make_streams(self) -> None:
        """Make the namespace's streams where they are missing. Awaited on the loop."""
        raise NotImplementedError

    # Figures.

    def queue_stats(self) -> list[stats.QueueStats]:
        """Return how full each queue of the namespace is; see `dramatiq_nats.queue_stats`."""
        return self.connection.call(
            lambda: stats.queue_stats(self.connection.js, self.namespace), _ADMIN_TIMEOUT
        )

    # Holding.

    def pause_queue(self, queue: str, until: datetime | None = None) -> None:
        """Have a queue hand out nothing more; what workers hold they run. See `dramatiq_nats.pause_queue`.

        Raises:
          ValueError: When `until` has no zone, is over, or is beyond the year 2199.
        """

        async def pause() -> None:
            await self.make_streams()
            await pauses.pause_queue(self.connection.js, self.namespace, queue, until)

        self.connection.call(pause, _ADMIN_TIMEOUT)

    def resume_queue(self, queue: str) -> None:
        """Have a queue hand out again, within five seconds. Does nothing to one that is not paused."""

        async def resume() -> None:
            await self.make_streams()
            await pauses.resume_queue(self.connection.js, self.namespace, queue)

        self.connection.call(resume, _ADMIN_TIMEOUT)

    # Dead letters.

    @property
    def dead_letters(self) -> list[MessageProxy]:
        """All dead-lettered messages that can be decoded, oldest first."""
        found: list[MessageProxy] = []
        after = 0
        while page := self.list_dead_letters(after=after, limit=_PAGE):
            after = page[-1].sequence
            for letter in page:
                try:
                    found.append(MessageProxy(letter.decode()))
                except DecodeError:
                    self.logger.debug("Dead letter %d cannot be decoded.", letter.sequence)
        return found

    def list_dead_letters(
        self, queue: str | None = None, *, after: int = 0, limit: int = 100
    ) -> list[DeadLetter]:
        """Return dead letters, oldest first, thousands at most; see `dramatiq_nats.list_dead_letters`."""
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
