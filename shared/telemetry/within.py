"""Spans of what is done within a chain."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from opentelemetry.context import Context
from opentelemetry.trace import INVALID_SPAN, Link, Span, SpanKind, get_current_span
from opentelemetry.util.types import AttributeValue

from shared.telemetry.errors import note_error
from shared.telemetry.traces import tracer


def is_within_chain() -> bool:
    """Whether what is done now belongs to a chain that somebody may trace."""
    return get_current_span().get_span_context().is_valid


@contextmanager
def span_within(
    name: str,
    kind: SpanKind = SpanKind.INTERNAL,
    attributes: Mapping[str, AttributeValue] | None = None,
    *,
    doing: str | Callable[[], str] | None = None,
) -> Iterator[Span]:
    """A span of what is done within, in the present chain; outside of any chain nothing is recorded.

    An exception that goes through it is noted on it, by `note_error`.

    Args:
        name: Of few different values: what is done, and to what kind of thing.
        kind: The span's kind.
        attributes: Known before it begins.
        doing: What is said to have failed, should it fail, or says it; the name when None.
    """
    present = get_current_span()
    chain = present.get_span_context()
    if not chain.is_valid:
        yield INVALID_SPAN
        return
    if not chain.trace_flags.sampled:
        yield present  # of a chain that is not traced, a span would be made for nothing
        return
    with begun(name, kind, attributes, doing=doing) as span:
        yield span


@contextmanager
def begun(  # noqa: PLR0913 - what a span is made of
    name: str,
    kind: SpanKind,
    attributes: Mapping[str, AttributeValue] | None = None,
    *,
    doing: str | Callable[[], str] | None = None,
    parent: Context | None = None,
    links: Sequence[Link] = (),
) -> Iterator[Span]:
    """A span of what is done within, child of a parent that is given, or of the present span."""
    with tracer().start_as_current_span(
        name,
        context=parent,
        kind=kind,
        attributes=attributes,
        links=links,
        # The SDK would write down an exception's text, which may quote what people wrote.
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except asyncio.CancelledError:
            span.set_attribute("tt.cancelled", value=True)
            raise
        except BaseException as error:
            note_error(span, error, doing() if callable(doing) else doing or name)
            raise
