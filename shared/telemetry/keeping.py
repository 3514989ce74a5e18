"""Marking chains that are to be kept, whatever becomes of the others.

The mark is an entry of the trace state (https://www.w3.org/TR/trace-context/#tracestate-header): it travels
with every message, query and outbox row, and stands on every span that follows: a collector that keeps only
some of the chains finds it there, however late, and needs to remember nothing.
"""

from typing import Final

from opentelemetry.context import Context
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    TraceFlags,
    TraceState,
    get_current_span,
    set_span_in_context,
)

KEY: Final = "tt"
KEEP: Final = "keep"
LASTING: Final = "tt.lasting"
"""An attribute of the first span of a chain that lasts: it is traced and kept from its beginning."""

MARKED: Final = TraceState([(KEY, KEEP)])


def kept(parent: Context) -> Context:
    """The same parent, for spans that are to be kept, whether or not the chain was traced until here."""
    span = get_current_span(parent).get_span_context()
    if not span.is_valid or (span.trace_flags.sampled and span.trace_state.get(KEY) == KEEP):
        return parent
    others = [(key, value) for key, value in span.trace_state.items() if key != KEY]
    marked = SpanContext(
        span.trace_id,
        span.span_id,
        is_remote=True,
        trace_flags=TraceFlags(span.trace_flags | TraceFlags.SAMPLED),
        trace_state=TraceState([(KEY, KEEP), *others]),
    )
    return set_span_in_context(NonRecordingSpan(marked), parent)
