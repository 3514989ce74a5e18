"""Sending spans neither slows nor stops anything, and what is lost is counted."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from loguru import logger
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, Sampler
from opentelemetry.trace import Tracer
from prometheus_client import REGISTRY

from shared.telemetry.exporting import BoundedBatches


class Gate(SpanExporter):
    """Sends nothing until it is opened, and then as `works` says."""

    def __init__(self, *, works: bool = True) -> None:
        self.opened = threading.Event()
        self.entered = threading.Event()
        self.works = works
        self.spans = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.entered.set()
        self.opened.wait(30)
        self.spans += len(spans)
        return SpanExportResult.SUCCESS if self.works else SpanExportResult.FAILURE

    def shutdown(self) -> None:
        self.opened.set()


@contextmanager
def traced(
    gate: Gate, *, queue: int, sampler: Sampler = ALWAYS_ON
) -> Iterator[tuple[Tracer, BoundedBatches]]:
    batches = BoundedBatches(gate, "http://collector:4318", queue=queue)
    provider = TracerProvider(sampler=sampler, shutdown_on_exit=False)
    provider.add_span_processor(batches)
    try:
        yield provider.get_tracer("test"), batches
    finally:
        gate.opened.set()
        provider.shutdown()


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("tt_spans_total", {"outcome": outcome}) or 0.0


def test_spans_that_find_no_room_are_dropped_at_once_and_counted() -> None:
    gate, dropped, sent = Gate(), counted("dropped"), counted("sent")
    with traced(gate, queue=10) as (tracer, _):
        tracer.start_span("first").end()
        assert gate.entered.wait(30)  # its batch hangs, and ten more may wait
        began = time.perf_counter()
        for _ in range(1000):
            tracer.start_span("more").end()
        assert time.perf_counter() - began < 5  # the exporter hangs for thirty
        assert counted("dropped") - dropped == 990
    assert gate.spans == 11
    assert counted("sent") - sent == 11


def test_a_collector_that_takes_nothing_is_said_once_and_counted() -> None:
    gate, failed, lines = Gate(works=False), counted("failed"), []
    sink = logger.add(lambda line: lines.append(line.record["message"]), level="INFO")
    gate.opened.set()
    try:
        with traced(gate, queue=10) as (tracer, batches):
            for _ in range(3):
                tracer.start_span("one").end()
                batches.force_flush()
            gate.works = True
            tracer.start_span("one").end()
            batches.force_flush()
    finally:
        logger.remove(sink)
    assert counted("failed") - failed == 3
    assert [line.partition(" (")[0] for line in lines] == [
        "traces cannot be sent to http://collector:4318",
        "traces are sent to http://collector:4318 again",
    ]


def test_what_is_not_traced_takes_no_room() -> None:
    gate, dropped = Gate(), counted("dropped")
    with traced(gate, queue=1, sampler=ALWAYS_OFF) as (tracer, _):
        for _ in range(10):
            tracer.start_span("untold").end()
    assert counted("dropped") == dropped


def test_what_there_is_no_time_to_send_is_counted_as_dropped() -> None:
    gate, dropped = Gate(), counted("dropped")
    with traced(gate, queue=10) as (tracer, batches):
        tracer.start_span("first").end()
        assert gate.entered.wait(30)
        for _ in range(3):
            tracer.start_span("more").end()
        batches.drop_waiting()
        assert counted("dropped") - dropped == 3
