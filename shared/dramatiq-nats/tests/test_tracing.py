"""Spans that follow a message."""

from collections.abc import Callable

import dramatiq
import pytest
from dramatiq import Worker
from dramatiq.errors import BrokerError
from dramatiq.middleware import AgeLimit
from nats_server import eventually
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from dramatiq_nats import NatsBroker
from dramatiq_nats.tracing import Tracing

RunWorker = Callable[..., Worker]


@pytest.fixture
def spans(broker: NatsBroker) -> InMemorySpanExporter:
    """What was traced; the broker is given the middleware."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    broker.add_middleware(Tracing(provider), before=AgeLimit)
    return exporter


def named(spans: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    return [span for span in spans.get_finished_spans() if span.name == name]


def test_actor_runs_in_the_trace_of_whoever_sent_it(
    broker: NatsBroker, spans: InMemorySpanExporter, run_worker: RunWorker
) -> None:
    current: list[int] = []

    @dramatiq.actor(broker=broker)
    def work() -> None:
        current.append(trace.get_current_span().get_span_context().span_id)

    run_worker(broker)
    message = work.send()
    eventually(lambda: named(spans, "process default"))
    (sent,), (processed,) = named(spans, "send default"), named(spans, "process default")
    assert (sent.kind, processed.kind) == (SpanKind.PRODUCER, SpanKind.CONSUMER)
    assert sent.context is not None
    assert processed.context is not None
    assert processed.parent is not None
    assert processed.parent.span_id == sent.context.span_id
    assert processed.context.trace_id == sent.context.trace_id
    assert current == [processed.context.span_id]
    assert processed.attributes is not None
    assert processed.attributes["messaging.system"] == "nats"
    assert processed.attributes["messaging.destination.name"] == "default"
    assert processed.attributes["messaging.message.id"] == message.message_id


def test_one_trace_tells_of_failure_delay_retry_and_dead_letter(
    broker: NatsBroker, spans: InMemorySpanExporter, run_worker: RunWorker
) -> None:
    @dramatiq.actor(broker=broker, max_retries=1, min_backoff=10)
    def fail() -> None:
        raise ValueError("no")

    run_worker(broker)
    fail.send_with_options(delay=300)
    eventually(lambda: len(broker.list_dead_letters()) == 1)
    eventually(lambda: len(named(spans, "process default")) == 2)
    first, second = named(spans, "process default")
    assert first.status.status_code is StatusCode.ERROR
    assert [event.name for event in first.events] == ["exception"]
    sent, retried = named(spans, "send default")
    assert first.context is not None
    assert retried.parent is not None
    assert retried.parent.span_id == first.context.span_id
    assert sent.attributes is not None
    assert sent.attributes["dramatiq.delay_ms"] == 300
    assert second.attributes is not None
    assert second.attributes["dramatiq.attempt"] == 2
    traces = {span.context.trace_id for span in spans.get_finished_spans() if span.context}
    assert len(traces) == 1
    (letter,) = broker.list_dead_letters()
    assert f"{traces.pop():032x}" in letter.headers["traceparent"]


def test_message_that_could_not_be_sent_is_a_failed_span(
    broker: NatsBroker, spans: InMemorySpanExporter
) -> None:
    work = dramatiq.actor(broker=broker, actor_name="work")(print)
    with pytest.raises(BrokerError):
        work.send("x" * 2_000_000)
    (sent,) = named(spans, "send default")
    assert sent.status.status_code is StatusCode.ERROR


def test_threads_do_not_keep_a_trace_that_ended(
    broker: NatsBroker, spans: InMemorySpanExporter, run_worker: RunWorker
) -> None:
    work = dramatiq.actor(broker=broker, actor_name="work")(lambda: None)
    run_worker(broker, threads=1)
    for _ in range(3):
        work.send()
    eventually(lambda: len(named(spans, "process default")) == 3)
    assert len({span.context.trace_id for span in named(spans, "process default") if span.context}) == 3
