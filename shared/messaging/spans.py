"""Spans by OpenTelemetry's semantic conventions for messaging, RPC and databases.

https://opentelemetry.io/docs/specs/semconv/: messaging/messaging-spans, rpc/rpc-spans, db/database-spans.
Attributes that no convention has begin with `tt.`. docs/traces.md tells them all.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind
from opentelemetry.util.types import AttributeValue

from shared.contracts.errors import QueryError
from shared.telemetry import begun, span_within


def messaging_attributes(
    operation: str, destination: str, message_id: str | None = None, actor: str | None = None
) -> dict[str, AttributeValue]:
    """What a span of a message has.

    Args:
        operation: `create`, `send` or `process`.
        destination: The queue, or the event's name.
        message_id: The task's id; an event has none.
        actor: What runs it.
    """
    attributes: dict[str, AttributeValue] = {
        "messaging.system": "nats",
        "messaging.operation.type": operation,
        "messaging.operation.name": operation,
        "messaging.destination.name": destination,
    }
    if message_id is not None:
        attributes["messaging.message.id"] = message_id
    if actor is not None:
        attributes["tt.actor"] = actor
    return attributes


def create_span(
    destination: str, message_id: str | None = None, actor: str | None = None
) -> AbstractContextManager[Span]:
    """The making of a message that the outbox sends once its transaction commits; the message carries it."""
    attributes = messaging_attributes("create", destination, message_id, actor)
    return span_within(f"create {destination}", SpanKind.PRODUCER, attributes)


def send_span(destination: str, message_id: str, actor: str) -> AbstractContextManager[Span]:
    """The making and sending of a message at once, until the server has kept it; the message carries it."""
    attributes = messaging_attributes("send", destination, message_id, actor)
    return span_within(f"send {destination}", SpanKind.PRODUCER, attributes)


def transaction_span(schema: str, doing: Callable[[], str] | None = None) -> AbstractContextManager[Span]:
    """One database transaction of a chain; outside of any chain nothing is recorded.

    Args:
        schema: The service's.
        doing: Says what was being done, should it fail.
    """
    attributes: dict[str, AttributeValue] = {
        "db.system.name": "postgresql",
        "db.namespace": schema,
        "db.operation.name": "COMMIT",
    }
    return span_within(f"transaction {schema}", SpanKind.CLIENT, attributes, doing=doing)


def object_span(operation: str, bucket: str) -> AbstractContextManager[Span]:
    """The putting or getting of one file in an object store of the message server."""
    attributes: dict[str, AttributeValue] = {"tt.object.bucket": bucket, "tt.object.operation": operation}
    return span_within(f"{operation} {bucket}", SpanKind.CLIENT, attributes)


@contextmanager
def query_span(subject: str, kind: SpanKind, parent: Context | None = None) -> Iterator[Span]:
    """The asking (CLIENT) or answering (SERVER) of one query, named for it as the conventions want it.

    A query that is refused on purpose, as for something that is not there, is no failure.
    """
    attributes = {"rpc.system.name": "nats", "rpc.method": subject}
    doing = f"asking {subject}" if kind is SpanKind.CLIENT else f"answering {subject}"
    if kind is SpanKind.CLIENT:
        made = span_within(subject, kind, attributes, doing=doing)
    else:
        made = begun(subject, kind, attributes, doing=doing, parent=parent)
    with made as span:
        try:
            yield span
        except QueryError as error:
            note_answer(span, error.code)
            raise


def note_answer(span: Span, code: str = "ok") -> None:
    """Say on a query's span how it was answered."""
    span.set_attribute("rpc.response.status_code", code)
