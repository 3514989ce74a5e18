"""Sending spans away: beside the work, from a bounded queue, every span that is lost counted.

What cannot be sent is dropped. Neither a collector that is away nor one that never answers slows work down or
keeps a process from ending.
"""

import logging
import os
import threading
from collections.abc import Sequence
from typing import Final

from loguru import logger
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from prometheus_client import Counter

QUEUE: Final = 4096
"""Spans that wait to be sent, a process, at the most: some 8 MB."""

_BATCH: Final = 512
_EVERY_MS: Final = 1000

SPANS: Final = Counter(
    "tt_spans_total",
    "Spans: sent, dropped as too many waited, failed as the collector did not take them.",
    ["outcome"],
)


class _Room:
    """How many spans wait, of so many that may."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._waiting = 0
        os.register_at_fork(after_in_child=self._forget)

    def take(self) -> bool:
        """Take a place; False when there is none."""
        with self._lock:
            if self._waiting >= self._most:
                return False
            self._waiting += 1
            return True

    def give_back(self, places: int) -> int:
        """Give places back; returns how many are still taken."""
        with self._lock:
            self._waiting = max(0, self._waiting - places)
            return self._waiting

    def _forget(self) -> None:
        # What waited is the parent's to send.
        self._lock = threading.Lock()
        self._waiting = 0


class _LastWord(logging.Filter):
    """Keeps back what the SDK's exporter logs, at every try of every batch, and remembers the last of it."""

    def __init__(self) -> None:
        super().__init__()
        self.text = "no reason given"

    def filter(self, record: logging.LogRecord) -> bool:
        self.text = record.getMessage()
        return False


class CountedExporter(SpanExporter):
    """Hands batches to an exporter, counts what became of them, and says once when it fails or works again.

    Args:
        exporter: Sends.
        address: Where to, for people.
        room: Where the spans of a batch have their places, which it gives back.
    """

    def __init__(self, exporter: SpanExporter, address: str, room: _Room) -> None:
        self._exporter = exporter
        self._address = address
        self._room = room
        self._fails = False
        self._last_word = _LastWord()
        logging.getLogger(type(exporter).__module__).addFilter(self._last_word)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch. It is called by one thread at a time, and blocks nobody else."""
        self._room.give_back(len(spans))
        result = self._exporter.export(spans)
        sent = result is SpanExportResult.SUCCESS
        SPANS.labels("sent" if sent else "failed").inc(len(spans))
        if sent == self._fails:
            self._fails = not sent
            if sent:
                logger.info("traces are sent to {} again", self._address)
            else:
                logger.warning(
                    "traces cannot be sent to {} ({}); spans are dropped until they can, and counted in "
                    "tt_spans_total",
                    self._address,
                    self._last_word.text.strip("."),
                )
        return result

    def shutdown(self) -> None:
        """End; what it still sends is given up."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing waits here."""
        return self._exporter.force_flush(timeout_millis)


class BoundedBatches(BatchSpanProcessor):
    """Sends spans in batches from a thread of its own; what finds no room is dropped and counted.

    Args:
        exporter: Sends.
        address: Where to, for people.
        queue: Spans that may wait.
    """

    def __init__(self, exporter: SpanExporter, address: str, *, queue: int = QUEUE) -> None:
        self._room = _Room(queue)
        super().__init__(
            CountedExporter(exporter, address, self._room),
            max_queue_size=queue + _BATCH,  # the SDK's own limit, which is never reached, drops the oldest
            schedule_delay_millis=_EVERY_MS,
            max_export_batch_size=min(_BATCH, queue),
        )

    def on_end(self, span: ReadableSpan) -> None:
        """Let a span wait to be sent."""
        if not (span.context and span.context.trace_flags.sampled):
            return
        if self._room.take():
            super().on_end(span)
        else:
            SPANS.labels("dropped").inc()

    def drop_waiting(self) -> None:
        """Count what still waits as dropped: there is no time left to send it."""
        waiting = self._room.give_back(0)
        self._room.give_back(waiting)
        SPANS.labels("dropped").inc(waiting)
