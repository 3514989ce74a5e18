"""What Prometheus reads at a service: the work of all its worker processes, and the queues."""

from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.system import UNDERSTANDING, System, running_system, wait_for
from tests.unit.ingestion.shapes import SENT, bot_message

MESSAGES = 12


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("metrics") / "system", without=UNDERSTANDING) as started:
        yield started


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


def test_plane_shows_what_the_worker_processes_did_and_what_waits(system: System) -> None:
    for number in range(1, MESSAGES + 1):
        message = bot_message(message_id=number, date=SENT + number, text=f"крок {number} готовий")
        assert system.post_update({"update_id": number, "message": message}).status_code == 200

    def done(service: str, actor: str) -> float:
        return figure(system, service, "tt_task_seconds_count", actor=actor, outcome="succeeded")

    wait_for(lambda: done("scoring", "score_message_task") == MESSAGES, "every score is counted")
    assert done("ingestion", "save_telegram_message") == MESSAGES
    assert figure(system, "ingestion", "tt_telegram_updates_total", outcome="saved") == MESSAGES
    assert figure(system, "ingestion", "tt_outbox_sent_total", schema="ingestion") >= MESSAGES
    # Knowledge does not run here: what scoring sent it waits, and every plane can tell.
    wait_for(
        lambda: figure(system, "scoring", "dramatiq_nats_messages_ready", queue="knowledge") > 0,
        "what waits for knowledge shows",
    )


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
