"""A receiver of traces for one machine: takes OTLP over HTTP, as Jaeger does, and keeps what came."""

import gzip
import http.server
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2

Attributes = dict[str, Any]
_KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}
_ERROR = 2
_MOST_SPANS = 200_000


@dataclass(frozen=True)
class ReceivedSpan:
    """One span as it arrived; ids are in hexadecimal, `parent_id` is empty for a root.

    Attributes:
        kind: `internal`, `server`, `client`, `producer` or `consumer`.
        began: Nanoseconds since the epoch.
        ended: The same.
        error: What went wrong, in words; None when nothing did.
        events: Name and attributes of each, in order.
        links: The trace and span ids of the spans that it links to.
        state: The trace state, as W3C writes it.
        resource: What is said of the process that it comes from.
    """

    trace_id: str
    span_id: str
    parent_id: str
    service: str
    name: str
    kind: str
    began: int
    ended: int
    attributes: Attributes
    error: str | None = None
    events: tuple[tuple[str, Attributes], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    state: str = ""
    resource: Attributes = field(default_factory=dict)


@dataclass
class Collector:
    """What arrived so far, the newest 200,000 spans of it."""

    url: str
    spans: list[ReceivedSpan] = field(default_factory=list)

    def trace(self, trace_id: str) -> list[ReceivedSpan]:
        """The spans of one trace."""
        return [span for span in list(self.spans) if span.trace_id == trace_id]

    def take(self, request: ExportTraceServiceRequest) -> None:
        """Keep what a request brings."""
        self.spans.extend(read_spans(request))
        if len(self.spans) > _MOST_SPANS:
            del self.spans[: len(self.spans) - _MOST_SPANS]


@contextmanager
def running_collector(port: int = 0) -> Iterator[Collector]:
    """A receiver on 127.0.0.1.

    Args:
        port: 0 takes a free one.
    """

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            collector.take(ExportTraceServiceRequest.FromString(body))
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        collector = Collector(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()


def read_spans(request: ExportTraceServiceRequest) -> Iterator[ReceivedSpan]:
    """The spans of a request."""
    for resource in request.resource_spans:
        about = _attributes(resource.resource.attributes)
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield _read(span, about)


def _read(span: trace_pb2.Span, about: Attributes) -> ReceivedSpan:
    return ReceivedSpan(
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        service=about["service.name"],
        name=span.name,
        kind=_KINDS.get(span.kind, "internal"),
        began=span.start_time_unix_nano,
        ended=span.end_time_unix_nano,
        attributes=_attributes(span.attributes),
        error=span.status.message or "failed" if span.status.code == _ERROR else None,
        events=tuple((event.name, _attributes(event.attributes)) for event in span.events),
        links=tuple((link.trace_id.hex(), link.span_id.hex()) for link in span.links),
        state=span.trace_state,
        resource=about,
    )


def _attributes(items: Iterable[KeyValue]) -> Attributes:
    return {item.key: _value(item.value) for item in items}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return tuple(_value(each) for each in value.array_value.values)
    return None if kind is None else getattr(value, kind)
