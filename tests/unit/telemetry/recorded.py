"""Spans that end within a test, kept in memory."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.telemetry.sampling import RunSampler
from shared.telemetry.spans import RunIdGenerator, RunIdOnSpans


@contextmanager
def recording(
    monkeypatch: pytest.MonkeyPatch, *others: str, ratio: float = 1.0
) -> Iterator[InMemorySpanExporter]:
    """Spans as a service makes them, without setting up the process's own traces.

    Args:
        monkeypatch: Of the test.
        others: Where else than in `shared.telemetry` the tracer is asked for.
        ratio: As `RunSampler` has it.
    """
    kept = InMemorySpanExporter()
    provider = TracerProvider(
        id_generator=RunIdGenerator(), sampler=RunSampler(ratio), shutdown_on_exit=False
    )
    provider.add_span_processor(RunIdOnSpans())
    provider.add_span_processor(SimpleSpanProcessor(kept))
    with monkeypatch.context() as patched:
        for asked in ("shared.telemetry.within.tracer", *others):
            patched.setattr(asked, lambda: provider.get_tracer("test"))
        yield kept
    provider.shutdown()


def only(kept: InMemorySpanExporter) -> ReadableSpan:
    """The one span that ended."""
    (span,) = kept.get_finished_spans()
    return span
