from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.telemetry import current_run_id, inject_headers, resume_run, start_run


def test_outside_of_a_run_there_is_no_id_and_no_header() -> None:
    assert current_run_id() is None
    assert inject_headers() == {}


def test_a_run_has_the_id_that_it_was_given() -> None:
    run_id = uuid4()
    with start_run("a job", run_id):
        assert current_run_id() == run_id
    assert current_run_id() is None


def test_each_run_without_an_id_gets_one_of_its_own() -> None:
    with start_run("one"):
        one = current_run_id()
    with start_run("another"):
        assert current_run_id() not in (None, one)


def test_a_run_goes_on_where_its_headers_arrive() -> None:
    with start_run("a job", UUID(int=7)):
        headers = inject_headers()
    assert current_run_id() is None
    with resume_run(headers):
        assert current_run_id() == UUID(int=7)
    assert current_run_id() is None


def test_headers_that_say_nothing_resume_nothing() -> None:
    with start_run("around", UUID(int=7)), resume_run({}):
        assert current_run_id() is None


def test_broken_headers_are_no_error() -> None:
    with resume_run({"traceparent": "00-zz", "baggage": "run_id=not-a-uuid,,;=", "tracestate": "=\n"}):
        assert current_run_id() is None


def test_a_run_within_a_run_is_a_chain_of_its_own() -> None:
    with start_run("outer", UUID(int=1)):
        with start_run("inner", UUID(int=2)):
            assert current_run_id() == UUID(int=2)
        assert current_run_id() == UUID(int=1)


def test_without_an_endpoint_no_span_records_anything() -> None:
    with start_run("free") as span:
        assert not span.is_recording()
        assert not trace.get_current_span().is_recording()


@contextmanager
def recording(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Spans that end within are kept, without setting up the process's own traces."""
    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    with monkeypatch.context() as patched:
        patched.setattr("shared.telemetry.within.tracer", lambda: provider.get_tracer("test"))
        yield kept
    provider.shutdown()


def test_a_run_links_once_to_each_span_that_led_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = f"00-{1:032x}-{11:016x}-01", f"00-{2:032x}-{22:016x}-00"
    with recording(monkeypatch) as kept, start_run("extraction", links=[one, other, one]):
        pass
    (span,) = kept.get_finished_spans()
    assert span.parent is None
    assert [(link.context.trace_id, link.context.span_id) for link in span.links] == [(1, 11), (2, 22)]


def test_what_is_no_trace_context_is_not_linked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = f"00-{0:032x}-{0:016x}-00"
    with recording(monkeypatch) as kept, start_run("extraction", links=["", "00-zz", empty]):
        pass
    assert not kept.get_finished_spans()[0].links
