"""Signing in to the page, and what a session may and may not do."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text, update

from services.gateway.sessions import hash_session_id
from services.gateway.stores import sessions as session_store
from services.gateway.tables import SessionRow
from shared.messaging.transaction import transaction
from tests.integration.gateway.key_rows import add_key, sign_in
from tests.integration.gateway.stage import Stage

API = "/api/v1/session"
COOKIE = "task-tracker-session"
LONG_AGO = datetime.now(UTC) - timedelta(days=400)


@pytest.fixture
def browser(stage: Stage) -> Iterator[httpx.Client]:
    """A client without a key that keeps cookies."""
    with stage.client(key=None) as client:
        yield client


@pytest.fixture
def key(stage: Stage) -> str:
    return add_key(stage, "read", "write")


def change(stage: Stage, browser: httpx.Client, **values: Any) -> None:
    async def work() -> None:
        async with transaction() as tx:
            row = SessionRow.id_hash == hash_session_id(browser.cookies[COOKIE])
            await tx.execute(update(SessionRow).where(row).values(**values))

    stage.run(work())
    stage.app.state.key_ring.forget()


def test_sign_in_sets_a_cookie_that_comes_in(browser: httpx.Client, key: str) -> None:
    answer = browser.post(API, json={"key": key})

    who = answer.json()
    assert (answer.status_code, who["name"], who["scopes"]) == (201, key[:20], ["read", "write"])
    header = answer.headers["set-cookie"]
    assert "HttpOnly; SameSite=Strict" in header
    assert key not in answer.text + header
    assert browser.get("/api/v1/chats").status_code == 200
    assert browser.get(API).json() == who
    assert answer.headers["cache-control"] == "no-store"


def test_session_is_kept_as_its_hash_only(stage: Stage, browser: httpx.Client, key: str) -> None:
    sign_in(browser, key)

    async def work() -> str:
        async with transaction() as tx:
            rows = await tx.execute(text("SELECT sessions::text FROM gateway.sessions"))
            ids = await tx.execute(select(SessionRow.id_hash))
        return repr([*rows, *ids])

    kept = stage.run(work())
    assert browser.cookies[COOKIE] not in kept
    assert repr(hash_session_id(browser.cookies[COOKIE])) in kept


@pytest.mark.parametrize("given", [None, b"", b"wrong", "ключ".encode()])
def test_change_needs_the_token_of_this_session(browser: httpx.Client, key: str, given: bytes | None) -> None:
    token = sign_in(browser, key)
    headers = {} if given is None else {b"X-CSRF-Token": given}

    assert browser.post("/api/v1/scoring/runs", headers=headers).status_code == 403
    good = browser.post("/api/v1/scoring/runs", headers={"X-CSRF-Token": token})
    assert good.status_code == 202


def test_token_of_another_session_changes_nothing(stage: Stage, browser: httpx.Client, key: str) -> None:
    sign_in(browser, key)
    with stage.client(key=None) as other:
        foreign = sign_in(other, key)

    answer = browser.post("/api/v1/scoring/runs", headers={"X-CSRF-Token": foreign})
    assert (answer.status_code, "X-CSRF-Token" in answer.json()["detail"]) == (403, True)


def test_key_in_a_header_needs_no_token_and_goes_before_the_cookie(
    stage: Stage, browser: httpx.Client, key: str
) -> None:
    sign_in(browser, key)
    reader = {"Authorization": f"Bearer {add_key(stage, 'read')}"}

    assert browser.post("/api/v1/scoring/runs", headers=reader).status_code == 403
    assert browser.get(API, headers=reader).json()["csrf_token"] is None
    wrong = {"Authorization": "Bearer wrong"}
    assert browser.get("/api/v1/chats", headers=wrong).status_code == 401


def test_signed_out_session_is_over_and_its_cookie_gone(browser: httpx.Client, key: str) -> None:
    token = sign_in(browser, key)
    stolen = browser.cookies[COOKIE]

    answer = browser.delete(API, headers={"X-CSRF-Token": token})

    assert answer.status_code == 204
    assert COOKIE not in browser.cookies
    assert browser.get("/api/v1/chats", headers={"Cookie": f"{COOKIE}={stolen}"}).status_code == 401


def test_signing_in_again_ends_the_session_before(stage: Stage, browser: httpx.Client, key: str) -> None:
    sign_in(browser, key)
    before = browser.cookies[COOKIE]
    sign_in(browser, key)

    assert browser.cookies[COOKIE] != before
    with stage.client(key=None) as thief:
        assert thief.get(API, headers={"Cookie": f"{COOKIE}={before}"}).status_code == 401
    assert browser.get(API).status_code == 200


@pytest.mark.parametrize("column", ["last_seen_at", "expires_at"])
def test_session_ends_unused_and_after_its_time(
    stage: Stage, browser: httpx.Client, key: str, column: str
) -> None:
    sign_in(browser, key)
    change(stage, browser, **{column: LONG_AGO})

    answer = browser.get("/api/v1/chats")
    assert (answer.status_code, answer.json()["detail"]) == (401, "The session has ended: sign in again.")


def test_session_that_is_used_goes_on(stage: Stage, browser: httpx.Client, key: str) -> None:
    sign_in(browser, key)
    earlier = datetime.now(UTC) - timedelta(hours=20)
    change(stage, browser, last_seen_at=earlier)
    assert browser.get("/api/v1/chats").status_code == 200
    stage.run(stage.app.state.key_ring.keep_used())

    async def seen() -> datetime:
        async with transaction() as tx:
            row = SessionRow.id_hash == hash_session_id(browser.cookies[COOKIE])
            found: datetime | None = await tx.connection.scalar(select(SessionRow.last_seen_at).where(row))
        assert found is not None
        return found

    assert stage.run(seen()) > earlier + timedelta(hours=19)


def test_old_sessions_are_forgotten_and_others_stay(stage: Stage, browser: httpx.Client, key: str) -> None:
    sign_in(browser, key)
    with stage.client(key=None) as other:
        sign_in(other, key)
        change(stage, other, expires_at=LONG_AGO)

        async def purge() -> list[int]:
            async with transaction() as tx:
                return [await session_store.forget_sessions(tx.connection, 1000) for _ in range(2)]

        gone, more = stage.run(purge())
        assert (gone > 0, more) == (True, 0)
        assert other.get(API).status_code == 401
    assert browser.get(API).status_code == 200


def test_key_has_so_many_sessions_and_no_more(
    stage: Stage, browser: httpx.Client, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_store, "MOST_OF_A_KEY", 2)
    sign_in(browser, key)
    with stage.client(key=None) as second, stage.client(key=None) as third:
        sign_in(second, key)
        sign_in(third, key)
        stage.app.state.key_ring.forget()

        assert [one.get(API).status_code for one in (browser, second, third)] == [401, 200, 200]


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_page_of_elsewhere_signs_nobody_in(browser: httpx.Client, key: str, origin: str) -> None:
    answer = browser.post(API, json={"key": key}, headers={"Origin": origin})

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_own_page_signs_in(stage: Stage, browser: httpx.Client, key: str) -> None:
    assert browser.post(API, json={"key": key}, headers={"Origin": stage.url}).status_code == 201


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"key": "wrong"}, 401),
        ({"key": ""}, 422),
        ({"key": "a" * 1001}, 422),
        ({"key": 7}, 422),
        ({}, 422),
        ([], 422),
    ],
)
def test_wrong_key_signs_nobody_in(browser: httpx.Client, body: Any, status: int) -> None:
    answer = browser.post(API, json=body)

    assert answer.status_code == status
    assert "set-cookie" not in answer.headers


def test_form_of_another_site_is_no_sign_in(browser: httpx.Client, key: str) -> None:
    answer = browser.post(API, content=f'{{"key": "{key}"}}', headers={"Content-Type": "text/plain"})

    assert answer.status_code == 415


def test_expired_key_signs_nobody_in(stage: Stage, browser: httpx.Client) -> None:
    answer = browser.post(API, json={"key": add_key(stage, "read", expires_at=LONG_AGO)})

    assert (answer.status_code, "expired" in answer.json()["detail"]) == (401, True)
