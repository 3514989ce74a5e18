"""A request and the chain that it begins are one span."""

from uuid import uuid4

import pytest
from opentelemetry.trace import SpanKind

from shared.telemetry import current_run_id, noting_runs, request_run, start_run
from tests.unit.telemetry.recorded import recording


def test_a_chain_that_a_request_begins_is_the_requests_own(monkeypatch: pytest.MonkeyPatch) -> None:
    run_id, link = uuid4(), f"00-{1:032x}-{11:016x}-01"
    with (
        recording(monkeypatch) as told,
        request_run("POST /jobs", run_id, {"http.route": "/jobs"}),
        noting_runs() as begun,
        start_run("POST /jobs", run_id, kind=SpanKind.SERVER, links=[link]),
    ):
        assert current_run_id() == run_id
    (span,) = told.get_finished_spans()
    assert begun == [run_id]
    assert span.context.trace_id == run_id.int
    assert [link.context.span_id for link in span.links] == [11]


def test_a_request_that_goes_on_with_another_chain_has_a_span_in_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine, other = uuid4(), uuid4()
    with recording(monkeypatch) as told, request_run("POST /jobs", mine, {}):
        with start_run("POST /jobs", other, kind=SpanKind.SERVER):
            assert current_run_id() == other
        assert current_run_id() == mine
    assert [span.context.trace_id for span in told.get_finished_spans()] == [other.int, mine.int]


def test_chains_within_a_request_are_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    with recording(monkeypatch) as told, request_run("POST /jobs", uuid4(), {}), start_run("extraction"):
        pass
    extraction, request = told.get_finished_spans()
    assert extraction.parent is None
    assert extraction.context.trace_id != request.context.trace_id


def test_only_the_first_chain_of_a_request_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    with recording(monkeypatch) as told, request_run("POST /many", uuid4(), {}):
        for _ in range(2):
            with start_run("POST /many", kind=SpanKind.SERVER):
                pass
    assert len({span.context.trace_id for span in told.get_finished_spans()}) == 2
