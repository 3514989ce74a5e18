"""The webhook receiver: nothing good is lost, nothing bad stands in its way."""

import json
from typing import Any

import httpx
import msgspec
import pytest

from dramatiq_nats import stream_name, work_subject
from shared.messaging.connection import connection
from shared.messaging.names import broker_namespace
from tests.integration.gateway.stage import SECRET, Stage

SECRET_HEADER = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
UPDATE: dict[str, Any] = {
    "update_id": 5,
    "message": {
        "message_id": 1,
        "date": 1772000000,
        "text": "Привіт 👋",
        "chat": {"id": 1, "type": "private"},
    },
}


def last_command(stage: Stage) -> dict[str, Any]:
    """The newest Dramatiq message of ingestion's queue, with its headers."""

    async def work() -> dict[str, Any]:
        namespace = broker_namespace(stage.namespace)
        js = (await connection()).jetstream()
        found = await js.get_last_msg(stream_name(namespace), work_subject(namespace, "ingestion"))
        return {**msgspec.json.decode(found.data or b"{}"), "nats": found.headers or {}}

    return stage.run(work())


def post(stage: Stage, body: bytes, **headers: str) -> httpx.Response:
    with stage.client(key=None) as client:
        return client.post("/webhook/telegram", content=body, headers={**SECRET_HEADER, **headers})


def test_update_becomes_the_command_that_saves_it(stage: Stage) -> None:
    answer = post(stage, json.dumps(UPDATE).encode())

    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    command = last_command(stage)
    assert command["actor_name"] == "save_telegram_message"
    assert command["kwargs"] == {"update": UPDATE}


def test_each_update_begins_a_run_of_its_own(stage: Stage) -> None:
    runs = set()
    for number in range(2):
        post(stage, json.dumps(UPDATE | {"update_id": number}).encode())
        runs.add(last_command(stage)["options"]["headers"]["baggage"])

    assert len(runs) == 2
    assert all(run.startswith("run_id=") for run in runs)


@pytest.mark.parametrize("secret", ["", "another-secret", SECRET + "x", "секрет"])
def test_wrong_secret_is_refused(stage: Stage, secret: str) -> None:
    with stage.client(key=None) as client:
        headers = {b"X-Telegram-Bot-Api-Secret-Token": secret.encode()}
        answer = client.post("/webhook/telegram", json=UPDATE, headers=headers)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_json"),
        (b"update_id=5", "not_json"),
        (b"{", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b'{"update_id":1,"date":1e999}', "not_json"),
        (b"[" * 200_000, "not_json"),
        (b'{"a":' * 100_000, "not_json"),
        (b"[]", "not_an_object"),
        (b"null", "not_an_object"),
        (b'"text"', "not_an_object"),
        (b"{}", "no_update_id"),
        (b'{"update_id":"5"}', "no_update_id"),
        (b'{"update_id":true}', "no_update_id"),
        (b'{"update_id":1.5}', "no_update_id"),
        (b'{"update_id":1,"text":"' + b"a" * (2 << 20) + b'"}', "too_large"),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, bytes) else value,
)
def test_unreadable_body_is_acknowledged_and_named(stage: Stage, body: bytes, reason: str) -> None:
    answer = post(stage, body)

    assert (answer.status_code, answer.json()) == (200, {"ok": True, "ignored": reason})


def test_good_update_behind_bad_ones_is_kept(stage: Stage) -> None:
    for body in (b"{", b"[]", b"\x00" * (3 << 20)):
        post(stage, body)
    post(stage, json.dumps(UPDATE | {"update_id": 4242}).encode())

    assert last_command(stage)["kwargs"]["update"]["update_id"] == 4242


def test_update_near_the_largest_that_nats_takes_is_kept(stage: Stage) -> None:
    text = "щ" * 420_000
    answer = post(stage, json.dumps({"update_id": 6, "text": text}, ensure_ascii=False).encode())

    assert answer.json() == {"ok": True}
    assert last_command(stage)["kwargs"]["update"]["text"] == text


def test_update_that_nats_never_takes_is_acknowledged(stage: Stage) -> None:
    answer = post(stage, b'{"update_id":1,"text":"' + b"a" * ((1 << 20) - 100) + b'"}')

    assert (answer.status_code, answer.json()) == (200, {"ok": True, "ignored": "too_large"})


def test_half_an_emoji_is_no_reason_to_lose_an_update(stage: Stage) -> None:
    answer = post(stage, b'{"update_id": 7, "message": {"text": "cut \\ud83d"}}')

    assert answer.json() == {"ok": True}
    assert last_command(stage)["kwargs"]["update"]["message"]["text"].startswith("cut ")


def test_outcomes_are_counted(stage: Stage, client: httpx.Client) -> None:
    def counted(outcome: str) -> float:
        line = f'tt_gateway_webhook_updates_total{{outcome="{outcome}"}} '
        text = client.get("/metrics").text
        return next((float(row.removeprefix(line)) for row in text.splitlines() if row.startswith(line)), 0.0)

    before = counted("accepted"), counted("not_json")
    post(stage, json.dumps(UPDATE).encode())
    post(stage, b"{")

    assert (counted("accepted"), counted("not_json")) == (before[0] + 1, before[1] + 1)
