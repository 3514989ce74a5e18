"""Traces as indented text, so that a test can say what it expects as people would draw it.

    gateway POST /webhook/telegram
      gateway send ingestion
        ingestion process save_telegram_message

A line is a service and what it did, below what that belongs to. Lines of one parent stand in the order of
their text, as what runs at the same time has no other; equal ones are one line with their number (`x3`).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from textwrap import dedent

from deploy.local.otlp import ReceivedSpan


def tree(
    spans: Iterable[ReceivedSpan], *, any_number_of: Collection[str] = (), without: Collection[str] = ()
) -> str:
    """The spans of one trace as text.

    Args:
        spans: All of them.
        any_number_of: Lines, as they are drawn, of which there may rightly be more or fewer: their number is
            left out (`x…`).
        without: Names of spans that may rightly be there or not: they are left out with all below them.
    """
    below: dict[str, list[ReceivedSpan]] = defaultdict(list)
    for span in spans:
        if span.name not in without:
            below[span.parent_id].append(span)
    return "\n".join(_lines(below, "", set(any_number_of)))


def expected(text: str) -> str:
    """A tree as it is written in a test, its indentation taken out."""
    return dedent(text).strip()


def _lines(below: dict[str, list[ReceivedSpan]], parent: str, varying: set[str]) -> list[str]:
    drawn = Counter(
        "\n".join([line_of(span), *(f"  {line}" for line in _lines(below, span.span_id, varying))])
        for span in below[parent]
    )
    lines: list[str] = []
    for block, number in sorted(drawn.items()):
        first, *others = block.split("\n")
        times = " x…" if block in varying else f" x{number}" if number > 1 else ""
        lines += [f"{first}{times}", *others]
    return lines


def line_of(span: ReceivedSpan) -> str:
    """One span as a line: service, name, and what is remarkable about it."""
    remarks = []
    attempt, outcome = span.attributes.get("tt.attempt", 1), span.attributes.get("tt.outcome", "succeeded")
    if attempt != 1:
        remarks.append(f"attempt {attempt}")
    if outcome != "succeeded":
        remarks.append(str(outcome))
    remarks += [name for name, _ in span.events if name != "exception"]
    if span.error is not None:
        remarks.append("!")
    about = f" ({', '.join(remarks)})" if remarks else ""
    return f"{span.service.removeprefix('task-tracker-')} {span.name}{about}"
