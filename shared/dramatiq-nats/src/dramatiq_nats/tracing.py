"""Traces that follow a message from whoever enqueued it through delays, retries and dead letters.

Names and attributes are those of OpenTelemetry's semantic conventions for messaging.
"""

import threading
from typing import TYPE_CHECKING, Any

from dramatiq.broker import Broker, MessageProxy
from dramatiq.middleware import Middleware
from opentelemetry import context as otel_context
from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, TracerProvider

from dramatiq_nats.message import NatsMessage
from dramatiq_nats.wire import HEADERS_OPTION

if TYPE_CHECKING:
    from dramatiq import Message


class Tracing(Middleware):
    """Spans of kind producer around `enqueue` and of kind consumer around actors.

    The context travels in ``message.options["headers"]`` (``traceparent``, ``tracestate``, ``baggage``) and
    as NATS headers. Add it before all other middleware, so that what they enqueue, a retry or the next of a
    pipeline, belongs to the actor's span: ``broker.add_middleware(Tracing(), before=AgeLimit)``.

    Args:
      tracer_provider: Where spans go; the global provider when None.
    """

    def __init__(self, tracer_provider: TracerProvider | None = None) -> None:
        self._tracer: Tracer = trace.get_tracer("dramatiq_nats", tracer_provider=tracer_provider)
        self._local = threading.local()

    # Enqueueing. Both sides of it are called in the thread that enqueues.

    def before_enqueue(self, broker: Broker, message: "Message[Any]", delay: int | None) -> None:
        """Start the producer's span and write its context into the message."""
        del broker
        headers = dict(message.options.get(HEADERS_OPTION) or {})
        parent = None if trace.get_current_span().get_span_context().is_valid else propagate.extract(headers)
        span = self._tracer.start_span(
            f"send {message.queue_name}",
            context=parent,
            kind=SpanKind.PRODUCER,
            attributes={
                **_attributes(message),
                "messaging.operation.name": "send",
                "messaging.operation.type": "send",
            },
        )
        if delay is not None:
            span.set_attribute("dramatiq.delay_ms", delay)
        propagate.inject(
            headers, context=trace.set_span_in_context(span, parent or otel_context.get_current())
        )
        message.options[HEADERS_OPTION] = headers
        self._sending[message.message_id] = span

    def after_enqueue(self, broker: Broker, message: "Message[Any]", delay: int | None) -> None:
        """End the producer's span."""
        del broker, delay
        span = self._sending.pop(message.message_id, None)
        if span is not None:
            span.end()

    def after_enqueue_failed(self, message: "Message[Any]", error: BaseException) -> None:
        """End the producer's span of a message that could not be published."""
        span = self._sending.pop(message.message_id, None)
        if span is not None:
            _fail(span, error)
            span.end()

    # Processing. All of it is called in the thread that runs the actor.

    def before_process_message(self, broker: Broker, message: MessageProxy) -> None:
        """Start the consumer's span and make it current, so that the actor's own spans are its children."""
        del broker
        parent: Context = propagate.extract(message.options.get(HEADERS_OPTION) or {})
        span = self._tracer.start_span(
            f"process {message.queue_name}",
            context=parent,
            kind=SpanKind.CONSUMER,
            attributes={
                **_attributes(message),
                "messaging.operation.name": "process",
                "messaging.operation.type": "process",
            },
        )
        if isinstance(message, NatsMessage):
            span.set_attribute("dramatiq.attempt", message.attempts)
        token = otel_context.attach(trace.set_span_in_context(span, parent))
        self._local.processing = (message.message_id, span, token)

    def after_process_message(
        self,
        broker: Broker,
        message: MessageProxy,
        *,
        result: Any = None,
        exception: BaseException | None = None,
    ) -> None:
        """End the consumer's span."""
        del broker, result
        self._end(message, exception)

    def after_skip_message(self, broker: Broker, message: MessageProxy) -> None:
        """End the span of a message that other middleware skipped."""
        del broker
        self._end(message, None)

    def _end(self, message: MessageProxy, error: BaseException | None) -> None:
        message_id, span, token = getattr(self._local, "processing", None) or (None, None, None)
        if message_id != message.message_id or span is None or token is None:
            return
        self._local.processing = None
        if error is not None:
            _fail(span, error)
        otel_context.detach(token)
        span.end()

    @property
    def _sending(self) -> dict[str, Span]:
        if not hasattr(self._local, "sending"):
            self._local.sending = {}
        sending: dict[str, Span] = self._local.sending
        return sending


def _attributes(message: "Message[Any] | MessageProxy") -> dict[str, str]:
    return {
        "messaging.system": "nats",
        "messaging.destination.name": message.queue_name,
        "messaging.message.id": message.message_id,
        "dramatiq.actor": message.actor_name,
    }


def _fail(span: Span, error: BaseException) -> None:
    span.record_exception(error)
    span.set_attribute("error.type", f"{type(error).__module__}.{type(error).__qualname__}")
    span.set_status(Status(StatusCode.ERROR, str(error)))
