"""The audit log: no change without an entry."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from services.gateway.housekeeping import keep_once
from services.gateway.stores import audit as audit_store
from services.gateway.tables import AuditRow
from shared.messaging.transaction import transaction
from tests.integration.gateway.key_rows import add_key, sign_in
from tests.integration.gateway.stage import Stage, wait_for

API = "/api/v1/audit"


@pytest.fixture
def key_id() -> UUID:
    return uuid4()


@pytest.fixture
def writer(stage: Stage, key_id: UUID) -> Iterator[httpx.Client]:
    """A client with a key of its own, by which its entries are found."""
    with stage.client(key=add_key(stage, "write", key_id=key_id)) as made:
        yield made


def entries(client: httpx.Client, key_id: UUID, count: int, **filters: Any) -> list[dict[str, Any]]:
    """That many entries of a key, newest first, once each has its status."""
    found: list[dict[str, Any]] = []

    def look() -> bool:
        answer = client.get(API, params={"key_id": str(key_id), **filters})
        assert answer.status_code == 200, answer.text
        found[:] = answer.json()["items"]
        return len(found) == count and all(entry["status"] is not None for entry in found)

    wait_for(look, f"{count} entries with a status")
    return found


def test_change_has_an_entry_with_all_but_its_body(
    client: httpx.Client, writer: httpx.Client, key_id: UUID
) -> None:
    writer.post("/api/v1/scoring/runs?secret=query", json={})

    (entry,) = entries(client, key_id, 1)
    assert entry | {"id": 0, "at": "", "ended_at": "", "run_id": ""} == {
        "id": 0,
        "at": "",
        "kind": "change",
        "key_id": str(key_id),
        "key_name": writer.headers["authorization"].removeprefix("Bearer ")[:20],
        "method": "POST",
        "route": "/api/v1/scoring/runs",
        "path": "/api/v1/scoring/runs",
        "address": "127.0.0.1",
        "attempts": 1,
        "status": 202,
        "run_id": "",
        "ended_at": "",
    }
    assert entry["at"] <= entry["ended_at"]


def test_entry_names_the_run_that_it_began(client: httpx.Client, writer: httpx.Client, key_id: UUID) -> None:
    run_id = writer.post("/api/v1/scoring/runs", json={}).json()["run_id"]

    assert entries(client, key_id, 1)[0]["run_id"] == run_id


def test_refused_changes_are_there_and_reads_are_not(
    client: httpx.Client, writer: httpx.Client, key_id: UUID
) -> None:
    writer.get("/api/v1/chats")
    writer.post("/api/v1/keys", json={"name": "mine", "scopes": ["admin"]})
    writer.delete("/api/v1/atoms/1")
    writer.post("/api/v1/atoms", content=b"{")
    writer.delete(f"/api/v1/keys/{uuid4()}")

    found = [(entry["method"], entry["route"], entry["status"]) for entry in entries(client, key_id, 3)]
    assert found == [
        ("DELETE", "/api/v1/keys/{key_id}", 403),
        ("POST", "/api/v1/atoms", 400),
        ("POST", "/api/v1/keys", 403),
    ]


def test_post_that_only_reads_is_no_change(stage: Stage, client: httpx.Client, key_id: UUID) -> None:
    with stage.client(key=add_key(stage, "read", "write", key_id=key_id)) as both:
        assert both.post("/api/v1/ws/tickets").status_code == 201
        both.post("/api/v1/scoring/runs", json={})

    assert [entry["path"] for entry in entries(client, key_id, 1)] == ["/api/v1/scoring/runs"]


def test_change_of_a_session_without_its_token_is_there(
    stage: Stage, client: httpx.Client, key_id: UUID
) -> None:
    secret = add_key(stage, "write", key_id=key_id)
    with stage.client(key=None) as browser:
        sign_in(browser, secret)
        browser.post("/api/v1/scoring/runs", json={})

    found = [(entry["kind"], entry["path"], entry["status"]) for entry in entries(client, key_id, 2)]
    assert found == [("change", "/api/v1/scoring/runs", 403), ("sign_in", "/api/v1/session", 201)]


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("INSERT", {}, ConnectionError("gone")),
        PoolTimeoutError("every connection is in use"),
    ],
    ids=["away", "busy"],
)
def test_no_change_is_made_that_cannot_be_written(
    stage: Stage, writer: httpx.Client, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def breaks(*_: object) -> None:
        raise error

    monkeypatch.setattr(audit_store, "add_entries", breaks)
    asked = len(stage.services.asked)
    answer = writer.post("/api/v1/scoring/runs", json={})

    assert (answer.status_code, "was not done" in answer.json()["detail"]) == (503, True)
    assert len(stage.services.asked) == asked


def test_change_that_broke_off_stays_without_a_status(
    stage: Stage, client: httpx.Client, writer: httpx.Client, key_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage.app.state.audit_log, "end", lambda *_: None)  # as if the process were killed
    writer.post("/api/v1/scoring/runs", json={})

    (entry,) = client.get(API, params={"key_id": str(key_id)}).json()["items"]
    assert (entry["path"], entry["status"], entry["ended_at"]) == ("/api/v1/scoring/runs", None, None)


def test_status_comes_when_the_database_is_back(
    client: httpx.Client, writer: httpx.Client, key_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = asyncio.Event()

    async def breaks(*_: object) -> None:
        tried.set()
        raise OperationalError("UPDATE", {}, ConnectionError("gone"))

    with monkeypatch.context() as away:
        away.setattr(audit_store, "end_entries", breaks)
        assert writer.post("/api/v1/scoring/runs", json={}).status_code == 202
        wait_for(tried.is_set, "the ending was tried")

    assert entries(client, key_id, 1)[0]["status"] == 202


def test_many_changes_at_once_have_an_entry_each(
    stage: Stage, client: httpx.Client, writer: httpx.Client, key_id: UUID
) -> None:
    async def change() -> list[int]:
        headers = {"Authorization": writer.headers["authorization"]}
        async with httpx.AsyncClient(
            base_url=stage.url, headers=headers, trust_env=False, timeout=20
        ) as many:
            answers = await asyncio.gather(
                *(many.delete(f"/api/v1/keys/{uuid4()}") for _ in range(20)),
                *(many.post("/api/v1/scoring/runs", json={}) for _ in range(20)),
            )
        return [answer.status_code for answer in answers]

    statuses = stage.run(change())
    found = entries(client, key_id, 40)

    assert sorted(entry["status"] for entry in found) == sorted(statuses)
    assert {(entry["method"], entry["status"]) for entry in found} == {("DELETE", 403), ("POST", 202)}


def test_wrong_keys_are_one_entry_a_minute_and_address(stage: Stage, client: httpx.Client) -> None:
    since = datetime.now(UTC).isoformat()
    stage.run(keep_once(stage.app.state.key_ring, stage.app.state.door))
    with stage.client(key=None) as guesser:
        for number in range(3):
            guesser.get("/api/v1/chats", headers={"Authorization": f"Bearer wrong {number}"})
        guesser.post("/api/v1/session", json={"key": "wrong"})
        guesser.get("/api/v1/chats", headers={"Cookie": "task-tracker-session=wrong"})
    stage.run(keep_once(stage.app.state.key_ring, stage.app.state.door))

    found = client.get(API, params={"since": since}).json()["items"]
    guesses = [entry for entry in found if entry["kind"] == "guesses"]
    assert [(entry["attempts"], entry["address"], entry["key_id"]) for entry in guesses[:1]] == [
        (5, "127.0.0.1", None)
    ]


def test_log_is_read_by_route_time_and_page(client: httpx.Client, writer: httpx.Client, key_id: UUID) -> None:
    for _ in range(3):
        writer.post("/api/v1/scoring/runs", json={})
    writer.delete(f"/api/v1/keys/{uuid4()}")
    everything = entries(client, key_id, 4)

    assert len(entries(client, key_id, 3, route="/api/v1/scoring/runs")) == 3
    assert entries(client, key_id, 2, since=everything[1]["at"]) == everything[:2]
    assert entries(client, key_id, 2, until=everything[1]["at"]) == everything[2:]
    seen: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = client.get(API, params={"key_id": str(key_id), "limit": 3, **cursor}).json()
        seen += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == everything


@pytest.mark.parametrize(
    "query", ["key_id=me", "since=yesterday", "cursor=a", "limit=0", "route=%00", f"cursor={'9' * 501}"]
)
def test_wrong_question_is_named(client: httpx.Client, query: str) -> None:
    assert client.get(f"{API}?{query}").status_code == 422


@pytest.mark.parametrize(
    "statement",
    [
        update(AuditRow).values(key_name="somebody else"),
        update(AuditRow).where(AuditRow.status.is_not(None)).values(status=200),
        update(AuditRow).values(status=200, ended_at=datetime.now(UTC), path="/"),
        delete(AuditRow),
        text("TRUNCATE gateway.audit_log"),
    ],
    ids=["name", "status", "path", "delete", "truncate"],
)
def test_nothing_is_changed_afterwards(
    stage: Stage, writer: httpx.Client, client: httpx.Client, key_id: UUID, statement: Any
) -> None:
    writer.post("/api/v1/scoring/runs", json={})
    entries(client, key_id, 1)

    async def work() -> None:
        async with transaction() as tx:
            await tx.execute(statement)

    with pytest.raises(DBAPIError, match="only ever added to"):
        stage.run(work())


def test_only_what_is_past_its_time_is_forgotten(stage: Stage) -> None:
    async def work() -> tuple[int, int]:
        async with transaction() as tx:
            for days in (6, 8, 400):
                at = datetime.now(UTC) - timedelta(days=days)
                await tx.execute(insert(AuditRow).values(at=at, kind="guesses", address=f"{days} days"))
            gone = await audit_store.forget_entries(tx.connection, older=timedelta(days=365), most=10)
            left = await tx.execute(select(AuditRow.address).where(AuditRow.address.like("% days")))
            return gone, len(list(left))

    assert stage.run(work()) == (1, 2)
