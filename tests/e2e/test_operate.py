"""A task is given up, somebody hears of it, finds the cause, mends it, sends it again; a queue is held."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.system import UNDERSTANDING, System, running_system, wait_for
from tests.unit.ingestion.shapes import SENT, bot_message

LETTERS = "/api/v1/tasks/dead-letters"
QUEUE = "/api/v1/tasks/queues/scoring"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("operate") / "system", without=UNDERSTANDING) as started:
        yield started


@pytest.fixture
def socket(system: System) -> Iterator[ClientConnection]:
    """A WebSocket that follows the tasks."""
    url = system.house.gateway_url.replace("http", "ws", 1) + "/ws?topics=tasks"
    headers = {"Authorization": f"Bearer {system.house.api_key}"}
    with connect(url, additional_headers=headers, proxy=None) as made:
        yield made


def next_of(socket: ClientConnection, type_: str) -> dict[str, Any]:
    """The next frame of a type."""
    while True:
        frame: dict[str, Any] = json.loads(socket.recv(timeout=30))
        if frame["type"] == type_:
            return frame


def send(system: System, text: str, number: int) -> None:
    message = bot_message(message_id=number, date=SENT + number, text=text)
    assert system.post_update({"update_id": number, "message": message}).status_code == 200


def send_with_one_try_left(system: System, message_id: int, run_id: UUID) -> str:
    """Have a message scored by a task that has failed so often that it has one try left."""
    headers = {"traceparent": f"00-{run_id.hex}-00f067aa0ba902b7-01", "baggage": f"run_id={run_id}"}
    return system.send_with_one_try_left(message_id, headers, tracked=True).message_id


def state_of(system: System, task_id: str) -> str:
    found: str = system.client.get(f"/api/v1/tasks/{task_id}").json()["state"]
    return found


def test_task_that_was_given_up_is_looked_into_and_sent_again(
    system: System, socket: ClientConnection
) -> None:
    send(system, "Вирішили: переходимо на NATS до п'ятниці.", 1)
    wait_for(lambda: system.count("SELECT count(*) FROM scoring.scores") == 1, "the message is scored")
    ((message_id,),) = system.rows("SELECT message_id FROM scoring.scores")
    run_id = uuid4()
    with system.without_scores():
        task_id = send_with_one_try_left(system, message_id, run_id)
        frame = next_of(socket, "task.dead_lettered")
    assert (frame["data"]["queue"], frame["data"]["task_id"]) == ("scoring", task_id)
    assert frame["run_id"] == frame["data"]["run_id"] == str(run_id)
    assert frame["data"]["error"].endswith('relation "scoring.scores" does not exist')
    assert state_of(system, task_id) == "dead"

    (letter,) = system.client.get(LETTERS, params={"actor": "score_message_task"}).json()["items"]
    details = system.client.get(f"{LETTERS}/{letter['sequence']}").json()
    assert details["arguments"] == {"message_id": message_id}
    assert 'relation "scoring.scores" does not exist' in details["traceback"]
    assert system.client.get("/api/v1/tasks/queues").json()

    assert system.client.post(f"{LETTERS}/{letter['sequence']}/requeue").status_code == 200
    again = next_of(socket, "task.requeued")
    assert (again["data"]["count"], again["data"]["sequences"]) == (1, [letter["sequence"]])
    wait_for(lambda: state_of(system, task_id) == "succeeded", "it has succeeded")
    assert system.client.get(LETTERS).json()["items"] == []


def test_paused_queue_stays_paused_when_its_service_is_killed(system: System) -> None:
    def queue() -> dict[str, Any]:
        items = system.client.get("/api/v1/tasks/queues").json()["items"]
        found: dict[str, Any] = next(each for each in items if each["queue"] == "scoring")
        return found

    before = system.count("SELECT count(*) FROM scoring.scores")
    assert system.client.post(f"{QUEUE}/pause", json={}).json()["paused"] is True
    send(system, "Хто візьме ревʼю до обіду?", 2)
    wait_for(lambda: queue()["ready"] == 1, "the task waits")
    system.kill("scoring")
    system.start("scoring")
    system.wait_ready("scoring")
    assert system.client.get("/health/services").json()["paused"] == ["scoring"]
    assert (queue()["ready"], queue()["paused"]) == (1, True)
    assert system.count("SELECT count(*) FROM scoring.scores") == before
    workers = system.client.get("/api/v1/tasks/workers").json()["items"]
    # The killed ones are remembered for a quarter of a minute.
    assert {each["service"] for each in workers} == {"ingestion", "scoring"}
    assert system.client.post(f"{QUEUE}/resume").json()["paused"] is False
    wait_for(lambda: system.count("SELECT count(*) FROM scoring.scores") == before + 1, "it is scored")
