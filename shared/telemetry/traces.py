"""OpenTelemetry's set-up. Without an OTLP endpoint no SDK is loaded and spans cost next to nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from opentelemetry import trace
from opentelemetry.trace import Tracer

_root_trace_id: ContextVar[int | None] = ContextVar("root_trace_id", default=None)
_shutdown: list[trace.TracerProvider] = []


@contextmanager
def starting_run(trace_id: int) -> Iterator[None]:
    """Root spans started within take this trace id (128 bits)."""
    token = _root_trace_id.set(trace_id)
    try:
        yield
    finally:
        _root_trace_id.reset(token)


@cache
def tracer() -> Tracer:
    """The tracer of the whole product."""
    return trace.get_tracer("task_tracker")


def setup_traces(service: str, endpoint: str | None) -> None:
    """Send spans to `endpoint` by OTLP over HTTP, as service `task-tracker-<service>`; None turns it off.

    Args:
        service: The service's name.
        endpoint: The base URL of a collector, for example `http://jaeger:4318`; `/v1/traces` is added.
    """
    if endpoint is None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    from shared.telemetry.spans import RunIdGenerator, RunIdOnSpans

    provider = TracerProvider(
        id_generator=RunIdGenerator(_root_trace_id),
        resource=Resource.create({"service.name": f"task-tracker-{service}"}),
    )
    provider.add_span_processor(RunIdOnSpans())
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
    trace.set_tracer_provider(provider)
    _shutdown.append(provider)


def shutdown_traces() -> None:
    """Send what is still held and end; multiprocessing children run no atexit handlers, so call it."""
    while _shutdown:
        provider = _shutdown.pop()
        shutdown = getattr(provider, "shutdown", None)
        if shutdown is not None:
            shutdown()
