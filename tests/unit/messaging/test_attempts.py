"""The span of one try of an actor."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import dramatiq
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from dramatiq_nats.ledger import Delivery
from dramatiq_nats.message import NatsMessage
from dramatiq_nats.wire import DeliveryPlace
from shared.messaging.attempts import attempt_span
from shared.telemetry import inject_headers, resume_run, start_run
from tests.unit.telemetry.recorded import only, recording

SECRET = "пароль: корова"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, ratio: float) -> Iterator[InMemorySpanExporter]:
    with recording(monkeypatch, "shared.messaging.attempts.tracer", ratio=ratio) as kept:
        yield kept


def message(*, retries: int = 0, queued_seconds: float = 0.0, deliveries: int = 1) -> NatsMessage:
    """A message as a worker takes it up, of a chain that begins here."""
    with start_run("chain", uuid4()):
        headers = inject_headers()
    made: dramatiq.Message[Any] = dramatiq.Message(
        queue_name="scoring",
        actor_name="score_message_task",
        args=(),
        kwargs={},
        options={"headers": headers, **({"retries": retries} if retries else {})},
        message_timestamp=int((time.time() - queued_seconds - 1) * 1000),
    )
    place = DeliveryPlace(deliveries, 1, int((time.time() - queued_seconds) * 1e9))
    return NatsMessage(made, Delivery(None, b"", place, b"", None))  # type: ignore[arg-type]


@pytest.mark.parametrize("ratio", [1.0])
def test_a_first_try_says_how_long_it_waited(told: InMemorySpanExporter) -> None:
    taken = message(queued_seconds=2)
    told.clear()
    with resume_run(taken.options["headers"]) as parent, attempt_span(taken, parent) as attempt:
        attempt.end("succeeded")
    attributes = only(told).attributes or {}
    # At least what was waited: a loaded machine takes its time until somebody looks.
    assert 2000 <= attributes["tt.queue.wait_ms"] < 60_000  # type: ignore[operator]
    assert attributes["tt.outbox.wait_ms"] == pytest.approx(1000, abs=500)
    assert (attributes["tt.attempt"], attributes["tt.outcome"]) == (1, "succeeded")
    assert "tt" not in only(told).context.trace_state


@pytest.mark.parametrize("ratio", [0.0, 1.0])
@pytest.mark.parametrize("how", [{"retries": 1}, {"deliveries": 2}, {"queued_seconds": 60}])
def test_from_a_second_try_and_a_late_start_on_a_chain_is_kept(
    told: InMemorySpanExporter, how: dict[str, Any]
) -> None:
    taken = message(**how)
    told.clear()
    with resume_run(taken.options["headers"]) as parent, attempt_span(taken, parent):
        onward = inject_headers()
    assert only(told).context.trace_state.get("tt") == "keep"
    assert onward["tracestate"] == "tt=keep"


@pytest.mark.parametrize("ratio", [0.0, 1.0])
def test_a_try_that_fails_is_told_also_of_a_chain_that_is_not_traced(told: InMemorySpanExporter) -> None:
    taken = message()
    told.clear()
    with resume_run(taken.options["headers"]) as parent, attempt_span(taken, parent) as attempt:
        attempt.fail(ValueError(SECRET), "retrying")
    span = only(told)
    assert span.status.status_code is StatusCode.ERROR
    assert (span.attributes or {})["tt.outcome"] == "retrying"
    assert str(span.status.description).startswith("score_message_task, attempt 1: ValueError")
    assert SECRET not in span.to_json()


@pytest.mark.parametrize("ratio", [1.0])
def test_a_task_that_is_put_off_has_not_failed(told: InMemorySpanExporter) -> None:
    taken = message()
    told.clear()
    with resume_run(taken.options["headers"]) as parent, attempt_span(taken, parent) as attempt:
        attempt.fail(ValueError(), "retrying", is_error=False)
    assert only(told).status.status_code is StatusCode.UNSET
