"""What the OpenTelemetry SDK is taught: trace ids that are run ids, and the run_id on every span."""

from contextvars import ContextVar

from opentelemetry import baggage
from opentelemetry.context import Context
from opentelemetry.sdk.trace import Span, SpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator


class RunIdGenerator(RandomIdGenerator):
    """Gives the root span of a run the run_id's 128 bits as trace id; anything else gets a random one."""

    def __init__(self, root_trace_id: ContextVar[int | None]) -> None:
        self._root_trace_id = root_trace_id

    def generate_trace_id(self) -> int:
        """The trace id of a new root span."""
        return self._root_trace_id.get() or super().generate_trace_id()


class RunIdOnSpans(SpanProcessor):
    """Copies run_id and job_id from the baggage onto every span that starts."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Set the attributes."""
        for name in ("run_id", "job_id"):
            value = baggage.get_baggage(name, parent_context)
            if isinstance(value, str):
                span.set_attribute(name, value)
