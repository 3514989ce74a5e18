"""The run: one chain of work through every service, one trace, one id.

The run_id travels as W3C baggage beside the trace context, in the headers of everything that is sent, and the
trace id of the chain is the run_id's 128 bits (https://www.w3.org/TR/trace-context/, .../baggage/).
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID, uuid4

from opentelemetry import baggage, context
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.trace import Link, Span, SpanKind, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from shared.telemetry.keeping import LASTING
from shared.telemetry.within import begun

RUN_ID = "run_id"

_TRACE_CONTEXT = TraceContextTextMapPropagator()
_PROPAGATOR = CompositePropagator([_TRACE_CONTEXT, W3CBaggagePropagator()])
_noted: ContextVar[list[UUID] | None] = ContextVar("noted_runs", default=None)
_cached: ContextVar[tuple[Context, UUID | None] | None] = ContextVar("cached_run_id", default=None)


def current_run_id() -> UUID | None:
    """The id of the run that this work belongs to; None outside of any run."""
    here = context.get_current()
    cached = _cached.get()
    if cached is not None and cached[0] is here:
        return cached[1]
    value = baggage.get_baggage(RUN_ID, here)
    run_id = _as_uuid(value) if isinstance(value, str) else None
    _cached.set((here, run_id))
    return run_id


@dataclass(slots=True)
class _Request:
    """A request whose span has begun: whoever begins its chain within goes on with that span."""

    run_id: UUID
    span: Span
    is_open: bool = True


_request: ContextVar[_Request | None] = ContextVar("request", default=None)


@contextmanager
def start_run(
    name: str,
    run_id: UUID | None = None,
    *,
    kind: SpanKind = SpanKind.INTERNAL,
    links: Iterable[str] = (),
    lasting: bool = False,
) -> Iterator[Span]:
    """Begin a chain of its own: a root span called `name` whose trace id is the run_id.

    Within `request_run` one of kind SERVER with the request's run_id, or with none, is the request's own.

    Args:
        name: What begins, for example `POST /webhook/telegram`.
        run_id: The entity's own id for a job, a run or an experiment; a new one when None.
        kind: The span's kind.
        links: Each the `traceparent` of a span of another chain that led to this one; a link is made to each.
            What is no `traceparent` is passed over.
        lasting: It is work that somebody follows, as an import or an analysis run: traced and kept whatever
            becomes of other chains.
    """
    request = _request.get()
    is_requests_own = request is not None and request.is_open and run_id in {None, request.run_id}
    if request is not None and kind is SpanKind.SERVER and is_requests_own:
        request.is_open = False
        _note(request.run_id)
        for link in _links(links):
            request.span.add_link(link.context)
        yield request.span
        return
    run_id = run_id or uuid4()
    _note(run_id)
    with _root(name, run_id, kind, _links(links), {LASTING: True} if lasting else {}) as span:
        yield span


@contextmanager
def request_run(
    name: str, run_id: UUID, attributes: Mapping[str, AttributeValue], *, lasting: bool = False
) -> Iterator[Span]:
    """Take a request, as the beginning of a chain; `start_run` within it goes on with this one.

    Args:
        name: Method and route.
        run_id: The chain's.
        attributes: Of the span.
        lasting: As in `start_run`.
    """
    marks: dict[str, AttributeValue] = {LASTING: True} if lasting else {}
    with _root(name, run_id, SpanKind.SERVER, [], {**attributes, **marks}) as span:
        token = _request.set(_Request(run_id, span))
        try:
            yield span
        finally:
            _request.reset(token)


@contextmanager
def _root(
    name: str,
    run_id: UUID,
    kind: SpanKind,
    links: list[Link],
    attributes: Mapping[str, AttributeValue],
) -> Iterator[Span]:
    root = baggage.set_baggage(RUN_ID, str(run_id), Context())
    token = context.attach(root)
    try:
        with begun(name, kind, attributes, parent=root, links=links) as span:
            yield span
    finally:
        context.detach(token)


def _note(run_id: UUID) -> None:
    noted = _noted.get()
    if noted is not None:
        noted.append(run_id)


@contextmanager
def noting_runs() -> Iterator[list[UUID]]:
    """Yields the ids of the chains that begin within, in order, for who answers a request without them."""
    begun: list[UUID] = []
    token = _noted.set(begun)
    try:
        yield begun
    finally:
        _noted.reset(token)


@contextmanager
def resume_run(headers: Mapping[str, str]) -> Iterator[Context]:
    """Go on with the chain whose trace context and run_id stand in these headers; yields their context."""
    received = _PROPAGATOR.extract(headers, Context())
    token = context.attach(received)
    try:
        yield received
    finally:
        context.detach(token)


def run_id_in(headers: Mapping[str, str]) -> UUID | None:
    """The run_id that stands in these headers; None when there is none."""
    for pair in headers.get("baggage", "").split(","):
        name, _, value = pair.strip().partition("=")
        if name == RUN_ID:
            return _as_uuid(value.partition(";")[0])
    return None


def inject_headers() -> dict[str, str]:
    """The headers `traceparent`, `tracestate` and `baggage` of the present context; only those that apply."""
    headers: dict[str, str] = {}
    _PROPAGATOR.inject(headers)
    return headers


def _links(traceparents: Iterable[str]) -> list[Link]:
    contexts = (
        get_current_span(_TRACE_CONTEXT.extract({"traceparent": traceparent}, Context())).get_span_context()
        for traceparent in dict.fromkeys(traceparents)
    )
    return [Link(linked) for linked in contexts if linked.is_valid]


def _as_uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
