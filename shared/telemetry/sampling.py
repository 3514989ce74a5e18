"""Which chains are traced: all that last, and a share of the others, each wholly or not at all."""

from collections.abc import Sequence
from typing import Final

from opentelemetry import baggage
from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, get_current_span
from opentelemetry.trace.span import TraceState
from opentelemetry.util.types import Attributes

from shared.telemetry.keeping import LASTING, MARKED

_RANDOM_BITS: Final = 56
"""Of a trace id its last 7 bytes are random (https://www.w3.org/TR/trace-context-2/#random-trace-id-flag).

The 8 bytes that the SDK's own sampler compares begin, in a UUID, with two bits that are always the same: a
tenth would be none at all.
"""


class RunSampler(Sampler):
    """Decides at the first span of a chain; the others follow it. What belongs to no chain is not traced.

    Args:
        ratio: The share of the chains that are traced, from 0 to 1, of those that do not last.
    """

    def __init__(self, ratio: float) -> None:
        self._ratio = ratio
        self._least = round((1 - ratio) * (1 << _RANDOM_BITS))

    def should_sample(  # noqa: PLR0913, PLR0917 - the SDK's signature
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        """Whether a span is recorded, and the trace state that it and what follows from it carry."""
        del name, kind, links, trace_state
        parent = get_current_span(parent_context).get_span_context()
        if parent.is_valid:
            return _result(attributes, parent.trace_state, sampled=parent.trace_flags.sampled)
        if baggage.get_baggage("run_id", parent_context) is None:
            return _result(attributes, None, sampled=False)
        if attributes and attributes.get(LASTING):
            return _result(attributes, MARKED, sampled=True)
        random = trace_id & ((1 << _RANDOM_BITS) - 1)
        return _result(attributes, None, sampled=random >= self._least)

    def get_description(self) -> str:
        """What stands for this sampler where the SDK describes itself."""
        return f"RunSampler{{{self._ratio}}}"


def _result(attributes: Attributes, state: TraceState | None, *, sampled: bool) -> SamplingResult:
    decision = Decision.RECORD_AND_SAMPLE if sampled else Decision.DROP
    return SamplingResult(decision, attributes if sampled else None, state)
