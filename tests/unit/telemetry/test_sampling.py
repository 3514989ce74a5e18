"""Which chains are traced, and that they stay whole."""

from uuid import UUID, uuid4

import pytest
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, get_current_span

from shared.telemetry import begun, inject_headers, kept, resume_run, span_within, start_run
from tests.unit.telemetry.recorded import only, recording

CHAINS = 2000


@pytest.mark.parametrize("ratio", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_the_share_is_kept_to_although_run_ids_are_uuids(
    monkeypatch: pytest.MonkeyPatch, ratio: float
) -> None:
    with recording(monkeypatch, ratio=ratio):
        traced = 0
        for number in range(CHAINS):
            run_id = UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC834 % (1 << 128), version=4)
            with start_run("chain", run_id) as span:
                traced += span.is_recording()
    assert traced == pytest.approx(ratio * CHAINS, abs=0.05 * CHAINS)


def test_a_chain_is_traced_wholly_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    for ratio in (0.0, 1.0):
        with recording(monkeypatch, ratio=ratio) as told:
            with start_run("chain"):
                headers = inject_headers()
            with resume_run(headers) as parent, begun("process", SpanKind.CONSUMER, parent=parent):
                pass
        assert len(told.get_finished_spans()) == (2 if ratio else 0)


def test_what_lasts_is_traced_always_and_marked_to_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    with recording(monkeypatch, ratio=0.0) as told:
        with start_run("analysis run", lasting=True):
            headers = inject_headers()
        with resume_run(headers) as parent, begun("process", SpanKind.CONSUMER, parent=parent):
            pass
    assert headers["tracestate"] == "tt=keep"
    assert [span.context.trace_state.get("tt") for span in told.get_finished_spans()] == ["keep", "keep"]


def test_a_chain_is_traced_and_kept_from_where_it_was_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = uuid4()
    with recording(monkeypatch, ratio=0.0) as told:
        with start_run("chain", run_id):
            headers = inject_headers()
        with resume_run(headers) as parent, begun("second attempt", SpanKind.CONSUMER, parent=kept(parent)):
            onward = inject_headers()
    span = only(told)
    assert span.context.trace_id == run_id.int
    assert span.attributes is not None
    assert span.attributes["run_id"] == str(run_id)
    assert onward["tracestate"] == "tt=keep"
    assert onward["traceparent"].endswith(("-01", "-03"))


def test_marking_keeps_what_others_noted_and_needs_a_chain() -> None:
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
    with resume_run({"traceparent": parent, "tracestate": "other=1,tt=old"}) as received:
        marked = get_current_span(kept(received)).get_span_context()
    assert list(marked.trace_state.items()) == [("tt", "keep"), ("other", "1")]
    nothing = Context()
    assert kept(nothing) is nothing


def test_in_a_chain_that_is_not_traced_no_span_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    with recording(monkeypatch, ratio=0.0) as told, start_run("chain") as root, span_within("work") as span:
        assert span is root
        span.set_attribute("a", 1)
    assert told.get_finished_spans() == ()


def test_what_belongs_to_no_chain_is_not_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    with recording(monkeypatch) as told, begun("ask", SpanKind.CLIENT):
        pass
    assert told.get_finished_spans() == ()


def test_the_trace_id_is_the_run_id_also_where_only_that_arrived(monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = uuid4()
    headers = {"baggage": f"run_id={run_id}"}
    with (
        recording(monkeypatch) as told,
        resume_run(headers) as parent,
        begun("process", SpanKind.CONSUMER, parent=parent),
    ):
        pass
    assert only(told).context.trace_id == run_id.int
