"""What the OpenTelemetry SDK is taught: trace ids that are run ids, and the run_id on every span."""

from typing import Final
from uuid import UUID

from opentelemetry import baggage
from opentelemetry.context import Context
from opentelemetry.sdk.trace import Span, SpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

_RUN_ID: Final = "run_id"


class RunIdGenerator(RandomIdGenerator):
    """Gives the first span of a chain the run_id's 128 bits as trace id; anything else gets a random one."""

    def generate_trace_id(self) -> int:
        """The trace id of a new root span."""
        run_id = baggage.get_baggage(_RUN_ID)
        try:
            return UUID(run_id).int if isinstance(run_id, str) else super().generate_trace_id()
        except ValueError:
            return super().generate_trace_id()


class RunIdOnSpans(SpanProcessor):
    """Copies the run_id from the baggage onto every span that starts."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Set the attribute."""
        run_id = baggage.get_baggage(_RUN_ID, parent_context)
        if isinstance(run_id, str):
            span.set_attribute(_RUN_ID, run_id)
