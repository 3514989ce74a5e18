"""Spans by OpenTelemetry's semantic conventions for messaging, RPC and databases.

https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, get_current_span
from opentelemetry.util.types import AttributeValue

from shared.telemetry import tracer


def _attributes(
    operation: str, destination: str, message_id: str | None, actor: str | None
) -> dict[str, AttributeValue]:
    attributes: dict[str, AttributeValue] = {
        "messaging.system": "nats",
        "messaging.operation.type": operation,
        "messaging.operation.name": operation,
        "messaging.destination.name": destination,
    }
    if message_id is not None:
        attributes["messaging.message.id"] = message_id
    if actor is not None:
        attributes["dramatiq.actor"] = actor
    return attributes


@contextmanager
def producer_span(destination: str, message_id: str | None, actor: str | None) -> Iterator[Span]:
    """The sending of one message to a queue or as an event; its context is what the message carries."""
    attributes = _attributes("send", destination, message_id, actor)
    with tracer().start_as_current_span(
        f"send {destination}", kind=SpanKind.PRODUCER, attributes=attributes
    ) as span:
        yield span


@contextmanager
def consumer_span(queue: str, message_id: str, actor: str, parent: Context) -> Iterator[Span]:
    """The running of one actor, child of the span that sent its message."""
    attributes = _attributes("process", queue, message_id, actor)
    with tracer().start_as_current_span(
        f"process {actor}", context=parent, kind=SpanKind.CONSUMER, attributes=attributes
    ) as span:
        yield span


@contextmanager
def transaction_span(schema: str) -> Iterator[None]:
    """One database transaction of a chain; outside of any chain nothing is recorded."""
    if not get_current_span().get_span_context().is_valid:
        yield
        return
    attributes = {"db.system.name": "postgresql", "db.namespace": schema, "db.operation.name": "COMMIT"}
    with tracer().start_as_current_span(f"transaction {schema}", kind=SpanKind.CLIENT, attributes=attributes):
        yield


@contextmanager
def query_span(subject: str, kind: SpanKind, parent: Context | None = None) -> Iterator[Span]:
    """The asking (CLIENT) or answering (SERVER) of one query."""
    attributes = {"rpc.system.name": "nats", "rpc.method": subject}
    verb = "ask" if kind is SpanKind.CLIENT else "answer"
    with tracer().start_as_current_span(
        f"{verb} {subject}", context=parent, kind=kind, attributes=attributes
    ) as span:
        yield span
