"""What Prometheus reads at a service, and what its log says: its worker processes, and the queues."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import dramatiq
import httpx
import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families

from tests.deploy.telemetry.figures import declared
from tests.e2e.otlp import Collector, running_collector
from tests.system import UNDERSTANDING, System, running_system, wait_for
from tests.unit.ingestion.shapes import SENT, bot_message

MESSAGES = 12
WORDS = "готовий"
EVERYWHERE = {
    "tt_ready",
    "tt_event_loop_lag_seconds",
    "tt_database_connections_in_use",
    "tt_database_connections_limit",
    "tt_outbox_waiting",
    "tt_outbox_oldest_seconds",
    "tt_outbox_sent",
    "dramatiq_nats_messages_ready",
    "dramatiq_nats_oldest_message_age_seconds",
}
OF_WORKERS = {"tt_task_seconds", "tt_task_wait_seconds", "tt_dead_letters", "tt_spans"}
OF_THE_GATEWAY = {
    "tt_queue_workers",
    "tt_queue_threads",
    "tt_queue_busy",
    "tt_store_bytes",
    "tt_gateway_request_seconds",
    "tt_gateway_events_behind",
    "tt_gateway_slowest_socket_events",
    "tt_gateway_event_delay_seconds",
    "tt_gateway_sockets",
}


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with running_collector() as running:
        yield running


@pytest.fixture(scope="module")
def system(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Messages came, and are scored."""
    folder = tmp_path_factory.mktemp("metrics") / "system"
    with running_system(
        folder, without=UNDERSTANDING, TT_OTLP_ENDPOINT=collector.url, TT_LOG_LEVEL="DEBUG"
    ) as started:
        for number in range(1, MESSAGES + 1):
            message = bot_message(message_id=number, date=SENT + number, text=f"крок {number} {WORDS}")
            assert started.post_update({"update_id": number, "message": message}).status_code == 200
        # What is done is counted a moment later, and told in the log a moment after that.
        wait_for(lambda: done(started, "scoring", "score_message_task") == MESSAGES, "every score is counted")
        wait_for(lambda: len(lines_of_scores(started)) == MESSAGES, "every score is told of")
        for name, labels in (
            ("tt_task_seconds_count", {"actor": "save_telegram_message", "outcome": "succeeded"}),
            ("tt_telegram_updates_total", {"outcome": "saved"}),
            ("tt_outbox_sent_total", {"schema": "ingestion"}),
        ):
            counted = partial(figure, started, "ingestion", name, **labels)
            wait_for(lambda: counted() >= MESSAGES, name, about=counted)  # noqa: B023
        yield started


def scraped(system: System, service: str) -> list[Metric]:
    """What Prometheus itself would read, exemplars included."""
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    if service == "gateway":
        answer = system.client.get("/metrics", headers=accept)
    else:
        url = f"http://127.0.0.1:{system.house.ports[service]}/metrics"
        answer = httpx.get(url, headers=accept, trust_env=False, timeout=15)
    answer.raise_for_status()
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    return list(open_metrics(answer.text))  # type: ignore[no-untyped-call]


def traces_in(families: list[Metric], name: str, **labels: str) -> set[str]:
    """The traces that stand for the times of a histogram."""
    return {
        sample.exemplar.labels["trace_id"]
        for family in families
        for sample in family.samples
        if sample.name == f"{name}_bucket" and labels.items() <= sample.labels.items() and sample.exemplar
    }


def logged(system: System, service: str) -> list[dict[str, Any]]:
    """The lines of a service's log."""
    lines = system.house.log(service).read_text().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def figure(system: System, service: str, name: str, **labels: str) -> float:
    """The sum of a metric's samples with these labels; 0 when there is none."""
    text = httpx.get(f"http://127.0.0.1:{system.house.ports[service]}/metrics", trust_env=False, timeout=8)
    text.raise_for_status()
    return sum(
        sample.value
        for family in text_string_to_metric_families(text.text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def succeeded(system: System) -> list[dict[str, Any]]:
    """The lines of scoring's log that tell of the end of a task that succeeded."""
    return [line for line in logged(system, "scoring") if line.get("outcome") == "succeeded"]


def lines_of_scores(system: System) -> list[dict[str, Any]]:
    return [line for line in succeeded(system) if line["actor"] == "score_message_task"]


def done(system: System, service: str, actor: str) -> float:
    """How many of an actor's tries succeeded, as its service tells."""
    return figure(system, service, "tt_task_seconds_count", actor=actor, outcome="succeeded")


def test_plane_shows_what_the_worker_processes_did_and_what_waits(system: System) -> None:
    assert done(system, "ingestion", "save_telegram_message") == MESSAGES
    assert figure(system, "ingestion", "tt_telegram_updates_total", outcome="saved") == MESSAGES
    # Knowledge does not run here: what scoring sent it waits, and every plane can tell.
    wait_for(
        lambda: figure(system, "scoring", "dramatiq_nats_messages_ready", queue="knowledge") > 0,
        "what waits for knowledge shows",
    )


def test_point_of_a_time_leads_to_the_trace_of_what_took_it(system: System, collector: Collector) -> None:
    """The traces that a scrape names are those of the chains, as the collector has them."""

    def of_chains() -> set[str]:
        return {span.trace_id for span in collector.spans if span.name == "POST /webhook/telegram"}

    wait_for(lambda: len(of_chains()) >= MESSAGES, "every chain's first span has come")
    for service, name, labels in (
        ("scoring", "tt_task_seconds", {"actor": "score_message_task", "outcome": "succeeded"}),
        ("scoring", "tt_message_scored_seconds", {}),
        ("ingestion", "tt_task_seconds", {"actor": "save_telegram_message"}),
        ("gateway", "tt_gateway_request_seconds", {"route": "/webhook/telegram", "status": "200"}),
    ):
        found = traces_in(scraped(system, service), name, **labels)
        assert found, f"{service}: {name}"
        assert found <= of_chains(), f"{service}: {name}"


def test_processes_tell_what_dashboards_and_alerts_ask_for(system: System) -> None:
    known = declared()
    for service, expected in (
        ("ingestion", EVERYWHERE | OF_WORKERS),
        ("scoring", EVERYWHERE | OF_WORKERS),
        ("gateway", EVERYWHERE | OF_THE_GATEWAY),
    ):

        def told(service: str = service) -> dict[str, Metric]:
            return {family.name: family for family in scraped(system, service)}

        # Some are measured every few seconds.
        wait_for(lambda: expected <= told().keys(), "all is told", about=lambda: expected - told().keys())  # noqa: B023
        for family in told().values():
            for sample in family.samples:
                if sample.name.startswith(("tt_", "dramatiq_nats_")) and not sample.name.endswith("_created"):
                    labels = sample.labels.keys() - {"namespace"}
                    assert labels == known[sample.name], sample.name


def test_line_that_ends_a_task_says_which_and_how_long(system: System) -> None:
    scores = lines_of_scores(system)
    assert len(scores) == MESSAGES
    for line in scores:
        assert line["attempt"] == 1
        assert 0 < line["duration"] < 60
        assert UUID(line["run_id"]).hex == line["trace_id"]
    # Ten million messages a day would be as many lines: one that is quick stays at DEBUG.
    for line in succeeded(system):
        if line["duration"] != 1:  # which is rounded
            is_quick = line["duration"] < 1 and line["attempt"] == 1
            assert line["level"] == ("DEBUG" if is_quick else "INFO")


def test_task_that_is_given_up_is_told_of_without_what_it_was_told(system: System) -> None:
    run_id = uuid4()
    secret = "наш пароль: корова"
    message: dramatiq.Message[Any] = dramatiq.Message(
        queue_name="scoring",
        actor_name="score_message_task",
        args=(),
        kwargs={"message_id": "seven", "message": {"text": secret}},
        options={"headers": {"baggage": f"run_id={run_id}"}},
    )
    system.enqueue(message)

    def lines() -> list[dict[str, Any]]:
        return [line for line in logged(system, "scoring") if line.get("run_id") == str(run_id)]

    wait_for(lambda: any("reason" in line for line in lines()), "the plane has told of the dead letter")
    given_up = next(line for line in lines() if line.get("outcome") == "dead")
    letter = next(line for line in lines() if "reason" in line)
    for line in (given_up, letter):
        assert (line["level"], line["actor"], line["attempt"]) == ("WARNING", "score_message_task", 1)
        assert line["task_id"] == message.message_id
    assert "UnreadableCommand" in given_up["message"]
    assert letter["reason"] == "failed"
    assert figure(system, "scoring", "tt_dead_letters_total", queue="scoring", reason="failed") == 1
    for service in ("gateway", "ingestion", "scoring"):
        text = system.house.log(service).read_text()
        assert secret not in text
        assert WORDS not in text, "what people write is not for the log"


def test_counts_are_told_while_nats_is_away(system: System) -> None:
    saved = figure(system, "ingestion", "tt_telegram_updates_total", outcome="saved")
    system.kill("nats")
    try:
        assert figure(system, "ingestion", "tt_telegram_updates_total", outcome="saved") == saved
        assert figure(system, "ingestion", "dramatiq_nats_messages_ready") == 0
    finally:
        system.start("nats")
        system.wait_ready("nats")


def test_restarted_service_counts_anew(system: System) -> None:
    system.kill("ingestion")
    system.start("ingestion")
    system.wait_ready("ingestion")
    assert figure(system, "ingestion", "tt_telegram_updates_total") == 0
