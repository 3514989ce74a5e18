"""Who may come in, and who may not."""

import asyncio
import secrets
from uuid import uuid4

import pytest
from sqlalchemy import delete, insert, select

from services.gateway.first_key import make_first_key
from services.gateway.keys import hash_key
from services.gateway.tables import ApiKeyRow
from shared.messaging.transaction import transaction
from tests.integration.gateway.stage import KEY, Stage

OPEN = ["/", "/health/live", "/health", "/health/services", "/schema/openapi.json", "/assets/page.js"]
CLOSED = [
    "/metrics",
    "/api/v1/messages",
    "/api/v1/messages/1",
    "/api/v1/chats",
    "/api/v1/ingestion/jobs",
    "/api/v1/scoring/stats",
    "/api/v1/tasks/catalogue",
    "/api/v1/tasks/1",
]


@pytest.mark.parametrize("path", OPEN)
def test_open_without_a_key(stage: Stage, path: str) -> None:
    with stage.client(key=None) as client:
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize(
    "authorization", [None, "Bearer", "Bearer wrong", f"Basic {KEY}", f"Bearer {KEY}x", "Bearer ключ"]
)
def test_closed_without_a_known_key(stage: Stage, path: str, authorization: str | None) -> None:
    headers = {b"Authorization": authorization.encode()} if authorization else {}
    with stage.client(key=None) as client:
        answer = client.get(path, headers=headers)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


def add_key(stage: Stage, scopes: list[str]) -> str:
    text = secrets.token_urlsafe(32)

    async def work() -> None:
        row = {"id": uuid4(), "name": text[:20], "key_hash": hash_key(text), "scopes": scopes}
        async with transaction() as tx:
            await tx.execute(insert(ApiKeyRow).values(**row))

    stage.run(work())
    return text


def test_reading_key_may_read_and_not_write(stage: Stage) -> None:
    with stage.client(key=add_key(stage, ["read"])) as client:
        assert client.get("/api/v1/chats").status_code == 200
        refused = client.post("/api/v1/scoring/runs")

    assert refused.status_code == 403
    assert "'write'" in refused.json()["detail"]


def test_writing_key_alone_may_not_read(stage: Stage) -> None:
    with stage.client(key=add_key(stage, ["write"])) as client:
        assert client.get("/api/v1/chats").status_code == 403
        assert client.post("/api/v1/scoring/runs").status_code == 202


def test_key_is_kept_as_its_hash_only(stage: Stage) -> None:
    async def work() -> list[tuple[str, bytes]]:
        async with transaction() as tx:
            found = await tx.execute(select(ApiKeyRow.name, ApiKeyRow.key_hash))
        return [(row.name, row.key_hash) for row in found]

    rows = stage.run(work())
    assert ("first key", hash_key(KEY)) in rows
    assert KEY not in repr(rows)


def test_deleted_key_is_out_within_seconds(stage: Stage) -> None:
    text = add_key(stage, ["read"])
    with stage.client(key=text) as client:
        assert client.get("/api/v1/chats").status_code == 200

        async def work() -> None:
            async with transaction() as tx:
                await tx.execute(delete(ApiKeyRow).where(ApiKeyRow.key_hash == hash_key(text)))

        stage.run(work())
        stage.app.state.key_ring.forget()
        assert client.get("/api/v1/chats").status_code == 401


def test_first_key_is_made_once_and_printed_as_a_link(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    async def start_three() -> None:
        async with transaction() as tx:
            await tx.execute(delete(ApiKeyRow))
        await asyncio.gather(*(make_first_key(None, "http://127.0.0.1:8000") for _ in range(3)))

    stage.run(start_three())
    printed = capsys.readouterr().out
    try:
        assert printed.count("#key=") == 1
        text = printed.partition("#key=")[2].split()[0]
        with stage.client(key=text) as client:
            assert client.get("/api/v1/chats").status_code == 200
    finally:
        stage.app.state.key_ring.forget()

        async def restore() -> None:
            async with transaction() as tx:
                await tx.execute(delete(ApiKeyRow))
            await make_first_key(KEY, "")

        stage.run(restore())
    assert capsys.readouterr().out == ""
