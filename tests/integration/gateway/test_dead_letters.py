"""Dead letters of a real broker: looked into, requeued, deleted, one by one and by filter."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from dramatiq_nats import work_subject
from services.gateway import dead_letters
from shared.contracts.tasks import TaskRequeued
from shared.messaging.connection import connection
from shared.messaging.names import broker_namespace, event_stream, event_subject
from shared.messaging.tasks import get_task, note_dead
from tests.integration.gateway.dying import Dying, dying
from tests.integration.gateway.stage import Stage, wait_for

LETTERS = "/api/v1/tasks/dead-letters"


@pytest.fixture
def bills(stage: Stage, nats_url: str) -> Iterator[Dying]:
    """A queue whose tasks fail until they are mended."""
    with dying(stage, nats_url) as made:
        yield made


def chain(run_id: UUID) -> dict[str, str]:
    """What a message of a chain carries."""
    return {"traceparent": f"00-{run_id.hex}-00f067aa0ba902b7-01", "baggage": f"run_id={run_id}"}


def listed(client: httpx.Client, **filters: Any) -> list[dict[str, Any]]:
    """All letters that fit, over all pages."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = client.get(LETTERS, params={**filters, **({"cursor": cursor} if cursor else {})}).json()
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def requeued(stage: Stage) -> list[TaskRequeued]:
    """The events that were published about requeueing, oldest first."""

    async def read() -> list[TaskRequeued]:
        js = (await connection()).jetstream()
        stream = event_stream(stage.namespace)
        state = (await js.stream_info(stream)).state
        subject = event_subject(stage.namespace, TaskRequeued.event_name)
        raw = [await js.get_msg(stream, seq) for seq in range(max(1, state.first_seq), state.last_seq + 1)]
        return [
            msgspec.json.decode(each.data or b"", type=TaskRequeued)
            for each in raw
            if each.subject == subject
        ]

    return stage.run(read())


def test_letter_says_what_failed_and_leads_to_its_trace(
    client: httpx.Client, bills: Dying, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = msgspec.structs.replace(stage.app.state.settings, jaeger_url="http://traces.example")
    monkeypatch.setattr(stage.app.state, "settings", settings)
    run_id = uuid4()
    bills.die("оренда", headers=chain(run_id))

    (letter,) = listed(client, queue=bills.queue)
    assert (letter["actor"], letter["reason"], letter["attempts"]) == ("pay_bill", "failed", 1)
    assert letter["error"] == "немає грошей for оренда"
    assert letter["exception"].endswith("dying.CardDeclinedError")
    assert letter["run_id"] == str(run_id)
    assert letter["trace_url"] == f"http://traces.example/trace/{run_id.hex}"
    assert "arguments" not in letter

    details = client.get(f"{LETTERS}/{letter['sequence']}").json()
    assert details["arguments"] == {"word": "оренда"}
    assert "CardDeclinedError: немає грошей for оренда" in details["traceback"]
    assert details["traceparent"] == chain(run_id)["traceparent"]
    assert "traceback" not in details["options"]


def test_requeued_letter_runs_in_its_own_chain_and_is_told_of(
    client: httpx.Client, bills: Dying, stage: Stage
) -> None:
    run_id = uuid4()
    bills.die("rent", headers=chain(run_id), tracked=True)
    (letter,) = listed(client, queue=bills.queue)
    stage.run(note_dead(letter["task_id"], actor="pay_bill", queue=bills.queue, attempts=1, error="no money"))
    bills.broker.pause_queue(bills.queue)
    bills.is_mended = True

    answer = client.post(f"{LETTERS}/{letter['sequence']}/requeue")
    assert (answer.status_code, answer.json()) == (200, letter)
    record = stage.run(get_task(letter["task_id"]))
    assert record is not None
    assert record.state == "enqueued"
    assert client.get(f"{LETTERS}/{letter['sequence']}").status_code == 404
    assert client.post(f"{LETTERS}/{letter['sequence']}/requeue").status_code == 404

    bills.broker.resume_queue(bills.queue)
    wait_for(lambda: bills.done == ["rent"], "it has run")
    assert bills.headers == [{**chain(run_id), "tracestate": "tt=keep"}]
    wait_for(lambda: requeued(stage), "it is told of")
    event = requeued(stage)[-1]
    assert (event.count, event.sequences, event.by) == (1, [letter["sequence"]], "first key")


def test_filters_find_what_they_say(client: httpx.Client, bills: Dying, stage: Stage) -> None:
    bills.die("rent", "water", "gas")

    async def publish_nonsense() -> None:
        js = (await connection()).jetstream()
        await js.publish(work_subject(broker_namespace(stage.namespace), bills.queue), b"\xff no message")

    stage.run(publish_nonsense())
    wait_for(lambda: len(listed(client, queue=bills.queue)) == 4, "four letters")
    letters = listed(client, queue=bills.queue)
    numbers = [letter["sequence"] for letter in letters]
    assert numbers == sorted(numbers, reverse=True)
    unread, gas, water, rent = letters
    assert (unread["reason"], unread["actor"]) == ("undecodable", "")
    assert "no message" in client.get(f"{LETTERS}/{unread['sequence']}").json()["payload"]
    for filters, expected in (
        ({"reason": "undecodable"}, [unread]),
        ({"actor": "pay_bill"}, [gas, water, rent]),
        ({"exception": "CardDeclinedError"}, [gas, water, rent]),
        ({"exception": gas["exception"]}, [gas, water, rent]),
        ({"text": "НЕМАЄ ГРОШЕЙ for w"}, [water]),
        ({"since": water["last_at"], "actor": "pay_bill"}, [gas, water]),
        ({"actor": "nobody"}, []),
    ):
        assert listed(client, queue=bills.queue, **filters) == expected, filters
    assert listed(client, queue=bills.queue, limit=1) == letters
    assert client.get(LETTERS, params={"cursor": "nonsense"}).status_code == 422


def test_a_page_that_looked_at_its_share_goes_on_behind_it(
    client: httpx.Client, bills: Dying, monkeypatch: pytest.MonkeyPatch
) -> None:
    bills.die("rent", "water", "gas")
    monkeypatch.setattr(dead_letters, "LOOKED_AT", 1)
    page = client.get(LETTERS, params={"queue": bills.queue, "text": "rent"}).json()
    assert page["items"] == []
    assert page["next_cursor"]
    assert len(listed(client, queue=bills.queue, text="rent")) == 1


def test_steps_go_on_behind_letters_that_do_not_fit(
    client: httpx.Client, bills: Dying, monkeypatch: pytest.MonkeyPatch
) -> None:
    bills.die("rent", "water", "gas")
    monkeypatch.setattr(dead_letters, "LOOKED_AT", 1)
    last = listed(client, queue=bills.queue)[0]["sequence"]
    which = {"queue": bills.queue, "text": "gas"}
    counted, step = 0, {"is_complete": False}
    for _ in range(last):
        places = {name: step[name] for name in ("up_to", "after") if name in step}
        step = client.post(f"{LETTERS}/delete", json=which | places).json()
        counted += step["count"]
        if step["is_complete"]:
            break
    assert (counted, step["is_complete"], step["after"]) == (1, True, step["up_to"])
    assert listed(client, queue=bills.queue, text="gas") == []
    assert len(listed(client, queue=bills.queue)) == 2


def test_many_are_requeued_in_bounded_steps_and_none_twice(
    client: httpx.Client, bills: Dying, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    bills.die("rent", "water", "gas", "salt")
    monkeypatch.setattr(dead_letters, "ACTED_ON", 2)
    first = client.post(
        f"{LETTERS}/requeue",
        json={"queue": bills.queue, "text": "грошей"},
        headers={"Idempotency-Key": "a"},
    )
    assert first.status_code == 200
    body = first.json()
    assert (body["count"], body["left"], body["is_complete"]) == (2, 2, False)
    again = client.post(
        f"{LETTERS}/requeue",
        json={"queue": bills.queue, "text": "грошей"},
        headers={"Idempotency-Key": "a"},
    )
    assert again.json() == body
    # Those two die again, with higher numbers, and are left alone.
    wait_for(lambda: len(listed(client, queue=bills.queue)) == 4, "they are dead again")
    second = client.post(
        f"{LETTERS}/requeue", json={"queue": bills.queue, "up_to": body["up_to"], "after": body["after"]}
    ).json()
    assert (second["count"], second["left"], second["is_complete"]) == (2, 0, True)
    wait_for(lambda: len(listed(client, queue=bills.queue)) == 4, "all are dead again")
    bills.is_mended = True
    monkeypatch.setattr(dead_letters, "ACTED_ON", 200)
    assert client.post(f"{LETTERS}/requeue", json={"queue": bills.queue}).json()["count"] == 4
    wait_for(lambda: sorted(bills.done) == ["gas", "rent", "salt", "water"], "all have run")
    assert listed(client, queue=bills.queue) == []

    def events() -> list[int]:
        mine = (each for each in requeued(stage) if each.filter and each.filter.queue == bills.queue)
        return [each.count for each in mine]

    wait_for(lambda: len(events()) == 3, "each is told of")
    assert events() == [2, 2, 4]


def test_letters_are_deleted_by_number_and_by_filter(client: httpx.Client, bills: Dying) -> None:
    bills.die("rent", "water", "gas")
    _, _, rent = listed(client, queue=bills.queue)
    for _ in range(2):
        assert client.delete(f"{LETTERS}/{rent['sequence']}").status_code == 204
    answer = client.post(f"{LETTERS}/delete", json={"queue": bills.queue, "text": "for gas"})
    assert answer.json()["count"] == 1
    (left,) = listed(client, queue=bills.queue)
    assert left["error"].endswith("water")


@pytest.mark.parametrize("what", ["requeue", "delete"])
def test_all_of_them_must_be_said(client: httpx.Client, what: str) -> None:
    answer = client.post(f"{LETTERS}/{what}", json={})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "all"


def test_only_an_admin_sees_what_messages_hold(stage: Stage, client: httpx.Client) -> None:
    made = client.post("/api/v1/keys", json={"name": "writer", "scopes": ["read", "write"]})
    assert made.status_code == 201, made.text
    with stage.client(made.json()["text"]) as writer:
        for method, path in (
            ("GET", LETTERS),
            ("GET", f"{LETTERS}/1"),
            ("POST", f"{LETTERS}/1/requeue"),
            ("POST", f"{LETTERS}/requeue"),
            ("POST", f"{LETTERS}/delete"),
            ("DELETE", f"{LETTERS}/1"),
            ("POST", "/api/v1/tasks/queues/scoring/pause"),
            ("POST", "/api/v1/tasks/queues/scoring/resume"),
        ):
            body: dict[str, Any] | None = {} if method == "POST" else None
            assert writer.request(method, path, json=body).status_code == 403, path
        for path in ("/api/v1/tasks/queues", "/api/v1/tasks/workers"):
            assert writer.get(path).status_code == 200


def test_sequences_out_of_range_are_refused(client: httpx.Client) -> None:
    for sequence, status in ((0, 422), (2**63, 422), (2**63 - 1, 404), ("x", 404)):
        assert client.get(f"{LETTERS}/{sequence}").status_code == status, sequence


def test_message_server_that_is_away_is_503(
    stage: Stage, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object, **__: object) -> None:
        raise TimeoutError("no answer")

    monkeypatch.setattr("services.gateway.dead_letters.get_dead_letter", never)
    monkeypatch.setattr("services.gateway.routes.dead_letters.get_dead_letter", never)
    monkeypatch.setattr("services.gateway.queue_figures.queue_stats", never)
    monkeypatch.setattr("services.gateway.routes.workers.list_workers", never)
    for path in (f"{LETTERS}/1", "/api/v1/tasks/queues", "/api/v1/tasks/workers"):
        answer = client.get(path)
        assert answer.status_code == 503, path
        assert answer.headers["content-type"].startswith("application/problem+json")
    monkeypatch.setattr(stage.app.state.queue_figures, "_asked_at", -100.0)
    assert client.get("/metrics").status_code == 200
    assert client.get("/health/services").json()["paused"] is None
