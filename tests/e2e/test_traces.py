"""One chain is one trace: from the HTTP request to the last row, in every service."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from tests.e2e.otlp import Collector, ReceivedSpan, running_collector
from tests.generate_export import write_export
from tests.system import System, running_system, wait_for

EVERY_SERVICE = {
    "task-tracker-analysis",
    "task-tracker-gateway",
    "task-tracker-ingestion",
    "task-tracker-scoring",
    "task-tracker-embedding",
    "task-tracker-knowledge",
}
UPDATE = {
    "update_id": 70,
    "message": {
        "message_id": 7,
        "date": 1_790_000_000,
        "chat": {"id": -1_001_234_567_890, "type": "supergroup", "title": "Бекенд"},
        "from": {"id": 42, "is_bot": False, "first_name": "Оксана"},
        "text": "Вирішили: переходимо на NATS 2.12 до п'ятниці, бо черга стоїть по 40 секунд",
    },
}


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with running_collector() as running:
        yield running


@pytest.fixture(scope="module")
def system(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("traced") / "system"
    with running_system(folder, TT_OTLP_ENDPOINT=collector.url) as started:
        # What is said before there is a space gets its vector in the chain that fills the space.
        wait_for(lambda: has_a_space(started), "a vector space is active")
        yield started


def test_webhook_update_is_one_trace(system: System, collector: Collector) -> None:
    assert system.post_update(UPDATE).status_code == 200
    ends = {"POST /webhook/telegram", "process consider_messages_task", "process record_llm_calls_task"}
    wait_for(lambda: ends <= names(collector.spans), "both ends of the chain have told their spans")
    (trace_id,) = {span.trace_id for span in collector.spans if span.name == "POST /webhook/telegram"}
    wait_for(
        lambda: is_told(collector.trace(trace_id)),
        "every service has told its spans",
        about=lambda: told_of(collector.trace(trace_id)),
    )

    trace = collector.trace(trace_id)
    assert_one_chain(trace)
    assert {span.service for span in trace} == EVERY_SERVICE
    assert {"process save_telegram_message", "transaction ingestion", "transaction scoring"} <= names(trace)
    elsewhere = [span.name for span in collector.spans if span.trace_id != trace_id]
    assert not {"process save_telegram_message", "process score_message_task"} & set(elsewhere)


def test_import_is_one_trace_with_the_id_of_its_job(
    system: System, collector: Collector, tmp_path: Path
) -> None:
    export = tmp_path / "result.json"
    write_export(export, 700, seed=5)
    trace_id = UUID(system.import_export(export)).hex
    batches = "process score_unscored_messages_task"
    wait_for(
        lambda: [span.name for span in collector.trace(trace_id)].count(batches) == 2,
        "both batches are scored",
        about=lambda: sorted(names(collector.trace(trace_id))),
    )
    wait_for(lambda: is_told(collector.trace(trace_id)), "every service has told its spans", seconds=120)

    trace = collector.trace(trace_id)
    assert_one_chain(trace)
    assert {span.service for span in trace} == EVERY_SERVICE
    assert {"process ingest_telegram_messages_task", "transaction ingestion", "transaction scoring"} <= names(
        trace
    )


def has_a_space(system: System) -> bool:
    spaces = system.client.get("/api/v1/embeddings/spaces").json()["items"]
    return any(space["status"] == "active" for space in spaces)


def names(spans: list[ReceivedSpan]) -> set[str]:
    return {span.name for span in spans}


def is_told(trace: list[ReceivedSpan]) -> bool:
    """Whether every service has told of this trace, and no span is an orphan."""
    return {span.service for span in trace} >= EVERY_SERVICE and is_whole(trace)


def told_of(trace: list[ReceivedSpan]) -> str:
    """The spans that came, with those whose parent did not."""
    known = {span.span_id for span in trace} | {""}
    return "\n".join(
        f"{span.service} {span.name}{'' if span.parent_id in known else ' (orphan)'}" for span in trace
    )


def is_whole(trace: list[ReceivedSpan]) -> bool:
    """Whether there is one root and every other span's parent has arrived too."""
    known = {span.span_id for span in trace}
    return {span.parent_id for span in trace} - known == {""}


def assert_one_chain(trace: list[ReceivedSpan]) -> None:
    """One span is the root, and each carries the run_id, which is the trace id."""
    assert len([span for span in trace if not span.parent_id]) == 1
    run_ids = {(span.service, span.name): span.attributes.get("run_id") for span in trace}
    assert {span: UUID(run_id).hex if run_id else None for span, run_id in run_ids.items()} == dict.fromkeys(
        run_ids, trace[0].trace_id
    )
