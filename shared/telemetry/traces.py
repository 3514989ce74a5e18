"""OpenTelemetry's set-up. Without an OTLP endpoint no SDK is loaded and spans cost next to nothing."""

import threading
from collections.abc import Callable
from functools import cache

from opentelemetry import trace
from opentelemetry.trace import Tracer

FLUSH_SECONDS = 5.0
"""How long the end of a process may wait until its last spans are sent."""

_endings: list[Callable[[float], None]] = []


@cache
def tracer() -> Tracer:
    """The tracer of the whole product."""
    return trace.get_tracer("task_tracker")


def setup_traces(
    service: str,
    endpoint: str | None,
    *,
    ratio: float = 1.0,
    version: str | None = None,
    namespace: str = "",
) -> None:
    """Send spans to `endpoint` by OTLP over HTTP, as service `task-tracker-<service>`; None turns it off.

    What `OTEL_RESOURCE_ATTRIBUTES` says of the process stands on its spans as well, and wins: so Kubernetes
    says which pod it is. The exporter's own variables (`OTEL_EXPORTER_OTLP_HEADERS`, `…_CERTIFICATE`,
    `…_COMPRESSION`) work as everywhere.

    Args:
        service: The service's name.
        endpoint: The base URL of a collector, for example `http://jaeger:4318`; `/v1/traces` is added.
        ratio: The share of the chains that are traced; those that last are traced always.
        version: Of the service.
        namespace: Of the installation.
    """
    if endpoint is None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider

    from shared.telemetry.exporting import BoundedBatches
    from shared.telemetry.resource import resource_of
    from shared.telemetry.sampling import RunSampler
    from shared.telemetry.spans import RunIdGenerator, RunIdOnSpans

    provider = TracerProvider(
        id_generator=RunIdGenerator(),
        resource=resource_of(service, version, namespace),
        sampler=RunSampler(ratio),
        shutdown_on_exit=False,  # it would wait for half a minute; `shutdown_traces` does not
    )
    provider.add_span_processor(RunIdOnSpans())
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    batches = BoundedBatches(exporter, endpoint)
    provider.add_span_processor(batches)
    trace.set_tracer_provider(provider)

    def end(seconds: float) -> None:
        ending = threading.Thread(target=provider.shutdown, daemon=True)
        ending.start()
        ending.join(seconds)
        if ending.is_alive():
            exporter.shutdown()  # type: ignore[no-untyped-call]  # the SDK's has no annotation
            batches.drop_waiting()

    _endings.append(end)


def shutdown_traces(seconds: float = FLUSH_SECONDS) -> None:
    """Send what is still held and end; multiprocessing children run no atexit handlers, so call it.

    Args:
        seconds: How long that may take; what is not sent then is dropped and counted.
    """
    while _endings:
        _endings.pop()(seconds)
