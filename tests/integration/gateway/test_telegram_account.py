"""The Telegram account and its history at the door: who may, what is asked for, what is answered."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest

from shared.contracts.errors import QueryError
from shared.contracts.history import CreateHistoryJob, ListTelegramChats
from shared.sealing import bind_keys, new_encryption_key, unseal
from tests.integration.gateway.answering_history import History
from tests.integration.gateway.stage import Stage

ACCOUNT, CHATS, JOBS = "/api/v1/telegram/account", "/api/v1/telegram/chats", "/api/v1/ingestion/jobs"
PHONE, CODE, PASSWORD, SESSION = "+380441234567", "24680", "сонце і дощ", "1ApWapzMBu4iSession"


@pytest.fixture(autouse=True)
def _encryption_key() -> Iterator[None]:
    bind_keys(new_encryption_key())
    yield
    bind_keys("")


@pytest.fixture
def history(stage: Stage) -> History:
    """What answers behind the gateway."""
    return stage.services.history


def test_account_is_signed_in_by_code_and_password_which_travel_sealed(
    client: httpx.Client, history: History
) -> None:
    assert client.get(ACCOUNT).json()["state"] == "none"
    sent = client.post(f"{ACCOUNT}/code", json={"phone": PHONE})
    assert (sent.status_code, sent.json()["state"]) == (200, "code_sent")
    done = client.post(f"{ACCOUNT}/sign-in", json={"code": CODE, "password": PASSWORD})
    assert (done.status_code, done.json()["state"]) == (200, "signed_in")
    assert [unseal(secret) for secret in history.secrets] == [PHONE, CODE, PASSWORD]
    assert not {PHONE, CODE, PASSWORD} & set(history.secrets)
    gone = client.delete(ACCOUNT)
    assert (gone.status_code, gone.json()["state"]) == (200, "none")


def test_session_travels_sealed(client: httpx.Client, history: History) -> None:
    answer = client.put(ACCOUNT, json={"session": f" {SESSION} "})
    assert answer.json()["state"] == "signed_in"
    assert SESSION not in answer.text
    assert [unseal(secret) for secret in history.secrets] == [SESSION]


def test_sign_in_that_is_sent_twice_is_done_once(client: httpx.Client, history: History) -> None:
    headers = {"Idempotency-Key": "sign-in-1"}
    first = client.post(f"{ACCOUNT}/code", json={"phone": PHONE}, headers=headers)
    second = client.post(f"{ACCOUNT}/code", json={"phone": PHONE}, headers=headers)
    assert second.json() == first.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    assert len(history.secrets) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{ACCOUNT}/code", {}),
        (f"{ACCOUNT}/code", {"phone": ""}),
        (f"{ACCOUNT}/code", {"phone": PHONE, "code": CODE}),
        (f"{ACCOUNT}/sign-in", {"code": 24680}),
        (JOBS, {"chat_ids": []}),
        (JOBS, {"chat_ids": [2**60]}),
        (JOBS, {"chat_ids": [-1001] * 101}),
        (JOBS, {"chat_ids": [-1001], "since": "yesterday"}),
    ],
)
def test_body_that_does_not_fit_is_refused_before_anybody_is_asked(
    stage: Stage, client: httpx.Client, path: str, body: dict[str, object]
) -> None:
    answer = client.post(path, json=body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert stage.services.asked == []


def test_wait_that_telegram_asks_for_is_passed_on(client: httpx.Client, history: History) -> None:
    history.refusal = QueryError("unavailable", "Telegram asks for 35 s.", retry_after=35)
    for answer in (client.get(CHATS), client.post(f"{ACCOUNT}/code", json={"phone": PHONE})):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "35")
        assert answer.json()["detail"] == "Telegram asks for 35 s."


def test_chats_are_listed_and_searched(stage: Stage, client: httpx.Client) -> None:
    found = client.get(CHATS, params={"search": "back", "limit": 5}).json()
    assert [(chat["telegram_id"], chat["messages"]) for chat in found["items"]] == [(-1001, 7)]
    assert stage.services.asked_for(ListTelegramChats) == [ListTelegramChats(search="back", limit=5)]


def test_job_is_accepted_once_with_its_window_in_utc(stage: Stage, client: httpx.Client) -> None:
    body = {"chat_ids": [-1001], "since": "2026-03-01T00:00:00", "until": "2026-04-01T03:00:00+03:00"}
    headers = {"Idempotency-Key": "history-1"}
    first, second = (client.post(JOBS, json=body, headers=headers) for _ in range(2))
    assert (first.status_code, second.json()) == (202, first.json())
    (query,) = stage.services.asked_for(CreateHistoryJob)
    assert query == CreateHistoryJob(
        job_id=UUID(first.json()["run_id"]),
        chat_ids=[-1001],
        since=datetime(2026, 3, 1, tzinfo=UTC),
        until=datetime(2026, 4, 1, tzinfo=UTC),
    )
    assert first.headers["Location"] == first.json()["status_url"]


def test_what_ingestion_refuses_is_said_with_its_field(client: httpx.Client, history: History) -> None:
    history.refusal = QueryError("invalid", "These are private chats: Олена (77).", field="chat_ids")
    answer = client.post(JOBS, json={"chat_ids": [77]})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "chat_ids")
    history.refusal = QueryError("conflict", "Set TT_TELEGRAM_API_ID and TT_TELEGRAM_API_HASH.")
    answer = client.post(JOBS, json={"chat_ids": [-1001]})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
