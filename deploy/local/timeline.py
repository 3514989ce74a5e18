"""A trace as text: who did what within what, when, for how long, and what went wrong."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from deploy.local.otlp import ReceivedSpan

_PRODUCT = "task-tracker-"
_WIDTH = 12
_TOLD = (
    ("http.response.status_code", "status {}"),
    ("tt.attempt", "attempt {}"),
    ("tt.outcome", "{}"),
    ("tt.queue.wait_ms", "waited {} ms"),
    ("tt.db.shared_by", "shared by {}"),
    ("db.query.summary", "{}"),
    ("rpc.response.status_code", "{}"),
    ("gen_ai.usage.input_tokens", "{} tokens in"),
    ("gen_ai.usage.output_tokens", "{} out"),
    ("llm.cost", "${:.6f}"),
    ("gen_ai.response.finish_reasons", "{}"),
    ("tt.dead_letter.reason", "{}"),
    ("telegram.flood_wait_s", "flood wait of {} s"),
)
_UNREMARKABLE = {
    ("tt.attempt", 1),
    ("tt.outcome", "succeeded"),
    ("rpc.response.status_code", "ok"),
    ("tt.db.shared_by", 1),
}
_LONGEST = 90


def draw(spans: Sequence[ReceivedSpan]) -> str:
    """One trace as text, a line a span, in the order of beginning within what they belong to."""
    if not spans:
        return "no spans"
    began, ended = min(span.began for span in spans), max(span.ended for span in spans)
    number = len({span.service for span in spans})
    services = f"{number} service" if number == 1 else f"{number} services"
    failed = sum(span.error is not None for span in spans)
    head = f"run {_as_run_id(spans[0].trace_id)}: {len(spans)} spans in {services}, "
    lines = [head + _time(ended - began) + (f", {failed} failed" if failed else "")]
    for depth, span in in_order(spans):
        service = span.service.removeprefix(_PRODUCT)
        lines.append(
            f"{_time(span.began - began):>9} {_time(span.ended - span.began):>9}  {service:<{_WIDTH}}"
            f"{'  ' * depth}{span.name}{_details(span)}"
        )
        if span.error is not None:
            lines.append(f"{'':>20}  {'':<{_WIDTH}}{'  ' * depth}  ! {span.error}")
    return "\n".join(lines)


def in_order(spans: Sequence[ReceivedSpan]) -> Iterator[tuple[int, ReceivedSpan]]:
    """Each span with how deep it lies, after what it belongs to; what lost its parent is a root."""
    known = {span.span_id for span in spans}
    below: dict[str, list[ReceivedSpan]] = defaultdict(list)
    for span in sorted(spans, key=lambda each: (each.began, each.span_id)):
        below[span.parent_id if span.parent_id in known else ""].append(span)
    waiting = [(0, span) for span in reversed(below[""])]
    while waiting:
        depth, span = waiting.pop()
        yield depth, span
        waiting += [(depth + 1, child) for child in reversed(below[span.span_id])]


def _details(span: ReceivedSpan) -> str:
    told = [
        form.format(", ".join(value) if isinstance(value, tuple) else value)
        for name, form in _TOLD
        if (value := span.attributes.get(name)) is not None and (name, value) not in _UNREMARKABLE
    ]
    told += [event for event, _ in span.events if event != "exception"]
    told += [f"{len(span.links)} links"] if span.links else []
    text = ", ".join(told)
    return f"  ({text[:_LONGEST]}{'…' if len(text) > _LONGEST else ''})" if text else ""


def _time(nanoseconds: int) -> str:
    milliseconds = nanoseconds / 1e6
    return f"{milliseconds / 1000:.2f} s" if milliseconds >= 1000 else f"{milliseconds:.0f} ms"  # noqa: PLR2004


def _as_run_id(trace_id: str) -> str:
    return "-".join((trace_id[:8], trace_id[8:12], trace_id[12:16], trace_id[16:20], trace_id[20:]))
