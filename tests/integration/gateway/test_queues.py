"""Queues and workers as the gateway shows them, and holding a queue."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.messaging.workers import RunningTask, WorkerRecord, put_worker
from tests.integration.gateway.dying import Dying, dying
from tests.integration.gateway.stage import Stage, wait_for

QUEUES = "/api/v1/tasks/queues"


@pytest.fixture
def bills(stage: Stage, nats_url: str) -> Iterator[Dying]:
    """A queue whose tasks succeed."""
    with dying(stage, nats_url) as made:
        made.is_mended = True
        yield made


def queue_of(client: httpx.Client, name: str) -> dict[str, Any]:
    found: dict[str, Any] = {each["queue"]: each for each in client.get(QUEUES).json()["items"]}[name]
    return found


def worker_on(queue: str) -> WorkerRecord:
    now = datetime.now(UTC)
    task = RunningTask(actor="pay_bill", queue=queue, task_id="a-task", run_id=uuid4(), since=now)
    return WorkerRecord(
        service="bills",
        host=f"host.{queue}",
        pid=17,
        started_at=now,
        beat_at=now,
        threads=4,
        queues=[queue],
        running=[task],
    )


def test_queue_says_how_full_it_is_and_who_works_on_it(
    stage: Stage, client: httpx.Client, bills: Dying
) -> None:
    stage.run(put_worker(worker_on(bills.queue)))
    bills.broker.pause_queue(bills.queue)
    for _ in range(3):
        bills.actor.send("rent")
    bills.actor.send_with_options(args=("later",), delay=60_000)
    queue = queue_of(client, bills.queue)
    figures = ("ready", "in_progress", "in_line", "delayed", "lag", "redelivered", "dead")
    assert [queue[name] for name in figures] == [3, 0, 0, 1, 3, 0, 0]
    assert (queue["workers"], queue["threads"], queue["busy"]) == (1, 4, 1)
    assert queue["paused"] is True
    assert 0 <= queue["oldest_seconds"] < 60
    (worker,) = [
        each for each in client.get("/api/v1/tasks/workers").json()["items"] if bills.queue in each["queues"]
    ]
    assert (worker["service"], worker["pid"], worker["running"][0]["task_id"]) == ("bills", 17, "a-task")


def test_paused_queue_hands_out_nothing_until_it_is_resumed(client: httpx.Client, bills: Dying) -> None:
    until = (datetime.now(UTC) + timedelta(hours=1)).replace(microsecond=0)
    paused = client.post(f"{QUEUES}/{bills.queue}/pause", json={"until": until.isoformat()}).json()
    assert paused["paused"] is True
    assert datetime.fromisoformat(paused["paused_until"]) == until
    assert bills.queue in client.get("/health/services").json()["paused"]
    for_ever = client.post(f"{QUEUES}/{bills.queue}/pause", json={}).json()
    assert (for_ever["paused"], for_ever["paused_until"]) == (True, None)
    bills.actor.send("rent")
    assert queue_of(client, bills.queue)["ready"] == 1
    assert bills.done == []
    resumed = client.post(f"{QUEUES}/{bills.queue}/resume")
    assert (resumed.status_code, resumed.json()["paused"]) == (200, False)
    wait_for(lambda: bills.done == ["rent"], "it has run")


def test_queue_that_is_not_there_is_404(client: httpx.Client) -> None:
    for change in ("pause", "resume"):
        answer = client.post(f"{QUEUES}/nobody/{change}", json={})
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no queue 'nobody'.")


@pytest.mark.parametrize(
    "until", ["2001-01-01T00:00:00Z", "2200-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"]
)
def test_time_that_makes_no_sense_is_refused(client: httpx.Client, bills: Dying, until: str) -> None:
    answer = client.post(f"{QUEUES}/{bills.queue}/pause", json={"until": until})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "until"


def test_metrics_have_the_queues_gauges(stage: Stage, client: httpx.Client, bills: Dying) -> None:
    bills.broker.pause_queue(bills.queue)
    bills.actor.send("rent")
    wait_for(
        lambda: (
            f'dramatiq_nats_messages_ready{{namespace="{stage.namespace}",queue="{bills.queue}"}} 1.0'
            in client.get("/metrics").text
        ),
        "the gauges are there",
    )
    text = client.get("/metrics").text
    assert f'dramatiq_nats_queue_paused{{namespace="{stage.namespace}",queue="{bills.queue}"}} 1.0' in text
