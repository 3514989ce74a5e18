"""Keys made, changed, rotated and revoked, by people who may."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select, text, update

from services.gateway.housekeeping import keep_once
from services.gateway.tables import ApiKeyRow, IdempotentRequestRow
from shared.messaging.transaction import transaction
from tests.integration.gateway.key_rows import add_key, sign_in
from tests.integration.gateway.stage import KEY, Stage

API = "/api/v1/keys"


@pytest.fixture
def named() -> str:
    """A name that no other key has."""
    return f"key {uuid4()}"


@pytest.fixture
def nobody(stage: Stage) -> Iterator[httpx.Client]:
    with stage.client(key=None) as client:
        yield client


def make(client: httpx.Client, name: str, *scopes: str, **more: Any) -> tuple[dict[str, Any], str]:
    answer = client.post(API, json={"name": name, "scopes": scopes or ("read",), **more})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert answer.headers["location"] == f"{API}/{made['key']['id']}"
    return made["key"], made["text"]


def comes_in(stage: Stage, key: str) -> int:
    with stage.client(key=key) as client:
        return client.get("/api/v1/chats").status_code


def execute(stage: Stage, statement: Any) -> list[Any]:
    async def work() -> list[Any]:
        async with transaction() as tx:
            found = await tx.execute(statement)
            return list(found) if found.returns_rows else []

    return stage.run(work())


def test_key_is_made_shown_once_and_opens_what_its_scopes_let(
    stage: Stage, client: httpx.Client, named: str
) -> None:
    key, secret = make(client, named, "write", "read")

    assert secret.startswith(f"{key['prefix']}_")
    assert (key["name"], key["scopes"], key["created_by"]) == (named, ["read", "write"], "first key")
    assert comes_in(stage, secret) == 200
    shown = client.get(f"{API}/{key['id']}")
    listed = client.get(API)
    assert secret not in shown.text + listed.text
    assert next(one for one in listed.json()["items"] if one["id"] == key["id"]) == shown.json() | {
        "last_used_at": None
    }


def test_text_of_a_key_is_kept_nowhere(stage: Stage, client: httpx.Client, named: str) -> None:
    again = {"Idempotency-Key": str(uuid4())}
    body = {"name": named, "scopes": ["read"]}
    first = client.post(API, json=body, headers=again)
    second = client.post(API, json=body, headers=again)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.headers["idempotent-replayed"] == "true"
    assert second.json() == {"key": first.json()["key"], "text": None}
    kept = execute(stage, select(IdempotentRequestRow.body))
    keys = execute(stage, text("SELECT api_keys::text FROM gateway.api_keys"))
    secret = first.json()["text"]
    assert secret.partition("_")[2] not in repr(kept) + repr(keys)
    assert secret not in repr(kept) + repr(keys)


def test_every_key_is_listed_once_over_pages(client: httpx.Client, named: str) -> None:
    made = [make(client, f"{named} {number}")[0]["id"] for number in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = client.get(API, params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        seen += [key["id"] for key in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert [one for one in seen if one in made] == made[::-1]
    assert len(seen) == len(set(seen))


def test_names_are_unique_whatever_their_case_until_they_are_free_again(
    client: httpx.Client, named: str
) -> None:
    key, _ = make(client, named)
    taken = client.post(API, json={"name": named.upper(), "scopes": ["read"]})

    assert (taken.status_code, taken.json()["errors"][0]["field"]) == (409, "name")
    assert client.delete(f"{API}/{key['id']}").status_code == 204
    make(client, named.upper())


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "scopes": ["read"]},
        {"name": " a", "scopes": ["read"]},
        {"name": "a\u0000b", "scopes": ["read"]},
        {"name": "a" * 201, "scopes": ["read"]},
        {"name": "a", "scopes": []},
        {"name": "a", "scopes": ["root"]},
        {"name": "a", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"},
        {"name": "a", "scopes": ["read"], "key_hash": "mine"},
        {"scopes": ["read"]},
    ],
)
def test_what_cannot_be_a_key_is_refused(client: httpx.Client, body: dict[str, Any]) -> None:
    answer = client.post(API, json=body)

    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"]


def test_change_is_felt_at_once(stage: Stage, client: httpx.Client, named: str) -> None:
    key, secret = make(client, named, "read")
    assert comes_in(stage, secret) == 200

    changed = client.patch(f"{API}/{key['id']}", json={"scopes": ["write"], "name": f"{named} 2"})

    assert changed.json() == client.get(f"{API}/{key['id']}").json() | {"last_used_at": None}
    assert (changed.json()["name"], changed.json()["scopes"]) == (f"{named} 2", ["write"])
    assert comes_in(stage, secret) == 403


def test_key_ends_when_it_expires_although_it_is_remembered(
    stage: Stage, client: httpx.Client, named: str
) -> None:
    key, secret = make(client, named)
    soon = datetime.now(UTC) + timedelta(seconds=1.5)
    client.patch(f"{API}/{key['id']}", json={"expires_at": soon.isoformat()})
    first = comes_in(stage, secret)
    with stage.client(key=secret) as own:
        stage_time = datetime.now(UTC)
        while own.get("/api/v1/chats").status_code == 200:
            assert datetime.now(UTC) - stage_time < timedelta(seconds=10)
        refused = own.get("/api/v1/chats")

    assert datetime.now(UTC) >= soon
    assert first == 200
    assert (refused.status_code, refused.json()["detail"]) == (401, f"The API key {named!r} has expired.")
    assert client.patch(f"{API}/{key['id']}", json={"expires_at": None}).status_code == 200
    assert comes_in(stage, secret) == 200


def test_revoked_key_is_out_at_once_with_its_sessions_and_stays_listed(
    stage: Stage, client: httpx.Client, nobody: httpx.Client, named: str
) -> None:
    key, secret = make(client, named)
    sign_in(nobody, secret)
    assert nobody.get("/api/v1/chats").status_code == 200

    assert client.delete(f"{API}/{key['id']}").status_code == 204
    assert client.delete(f"{API}/{key['id']}").status_code == 204

    assert comes_in(stage, secret) == 401
    assert nobody.get("/api/v1/chats").status_code == 401
    assert client.get(f"{API}/{key['id']}").json()["revoked_at"]
    listed = [
        {one["id"] for one in client.get(API, params=params).json()["items"]}
        for params in ({}, {"revoked": True})
    ]
    assert [key["id"] in ids for ids in listed] == [False, True]
    assert client.patch(f"{API}/{key['id']}", json={"name": "again"}).status_code == 409
    assert client.post(f"{API}/{key['id']}/rotate", json={}).status_code == 409


@pytest.fixture
def lost_answer(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The gateway fails between the commit of a key's change and its answer."""

    async def fail() -> None:
        raise ConnectionError("cut off")

    with monkeypatch.context() as patch:
        patch.setattr("services.gateway.key_changes.tell_change", fail)
        yield patch


def test_key_whose_answer_was_lost_is_not_made_again(
    client: httpx.Client, lost_answer: pytest.MonkeyPatch, named: str
) -> None:
    again, body = {"Idempotency-Key": str(uuid4())}, {"name": named, "scopes": ["read"]}
    assert client.post(API, json=body, headers=again).status_code >= 500
    lost_answer.undo()

    second = client.post(API, json=body, headers=again)

    assert (second.status_code, second.json()["text"], second.json()["key"]["name"]) == (201, None, named)
    listed = client.get(API, params={"limit": 200}).json()["items"]
    assert [one["id"] for one in listed if one["name"] == named] == [second.json()["key"]["id"]]


def test_rotation_whose_answer_was_lost_is_not_done_again(
    stage: Stage, client: httpx.Client, lost_answer: pytest.MonkeyPatch
) -> None:
    key_id = uuid4()
    old = add_key(stage, "read", key_id=key_id)
    again, path = {"Idempotency-Key": str(uuid4())}, f"{API}/{key_id}/rotate"
    assert client.post(path, json={"grace_hours": 1}, headers=again).status_code >= 500
    lost_answer.undo()

    second = client.post(path, json={"grace_hours": 1}, headers=again)

    assert (second.status_code, second.json()["text"]) == (200, None)
    stage.app.state.key_ring.forget()
    # A second rotation would have ended the text that everybody still has.
    assert comes_in(stage, old) == 200


def test_rotated_key_has_two_texts_for_a_while(stage: Stage, client: httpx.Client, named: str) -> None:
    key, old = make(client, named)
    rotated = client.post(f"{API}/{key['id']}/rotate", json={"grace_hours": 1}).json()

    until = datetime.fromisoformat(rotated["key"]["previous_until"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < until < timedelta(minutes=61)
    assert rotated["key"]["prefix"] != key["prefix"]
    assert [comes_in(stage, one) for one in (old, rotated["text"])] == [200, 200]

    again = client.post(f"{API}/{key['id']}/rotate", json={}).json()
    assert [comes_in(stage, one) for one in (old, rotated["text"], again["text"])] == [401, 200, 200]

    execute(
        stage,
        update(ApiKeyRow)
        .where(ApiKeyRow.id == UUID(key["id"]))
        .values(previous_until=datetime.now(UTC) - timedelta(seconds=1)),
    )
    stage.app.state.key_ring.forget()
    assert [comes_in(stage, one) for one in (rotated["text"], again["text"])] == [401, 200]
    with stage.client(key=rotated["text"]) as late:
        assert "use its new text" in late.get("/api/v1/chats").json()["detail"]
    assert client.get(f"{API}/{key['id']}").json()["previous_until"] is None


def test_rotation_without_grace_ends_the_old_text_and_its_sessions_at_once(
    stage: Stage, client: httpx.Client, nobody: httpx.Client, named: str
) -> None:
    key, old = make(client, named)
    sign_in(nobody, old)
    new = client.post(f"{API}/{key['id']}/rotate", json={"grace_hours": 0}).json()["text"]

    assert [comes_in(stage, one) for one in (old, new)] == [401, 200]
    assert nobody.get("/api/v1/chats").status_code == 401


@pytest.mark.parametrize("hours", [-1, 169, "a"])
def test_grace_is_a_week_at_the_most(client: httpx.Client, named: str, hours: object) -> None:
    key, _ = make(client, named)

    assert client.post(f"{API}/{key['id']}/rotate", json={"grace_hours": hours}).status_code == 422


def test_nobody_can_lock_everybody_out(client: httpx.Client, named: str) -> None:
    own = client.get(f"{API}/me").json()
    later = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    make(client, named, "admin", expires_at=later)

    def refusals() -> list[int]:
        return [
            client.delete(f"{API}/{own['id']}").status_code,
            client.patch(f"{API}/{own['id']}", json={"scopes": ["read", "write"]}).status_code,
            client.patch(f"{API}/{own['id']}", json={"expires_at": later}).status_code,
        ]

    others = [
        key["id"]
        for key in client.get(API, params={"limit": 200}).json()["items"]
        if "admin" in key["scopes"] and key["expires_at"] is None and key["id"] != own["id"]
    ]
    for other in others:
        assert client.delete(f"{API}/{other}").status_code == 204
    assert refusals() == [409, 409, 409]
    assert client.get(f"{API}/me").json()["scopes"] == ["admin"]

    second, _ = make(client, f"{named} 2", "admin")
    assert client.delete(f"{API}/{second['id']}").status_code == 204


def test_of_two_admins_that_revoke_each_other_one_stays(
    stage: Stage, client: httpx.Client, named: str
) -> None:
    first, second = (make(client, f"{named} {number}", "admin") for number in (1, 2))
    own = client.get(f"{API}/me").json()["id"]

    async def revoke_at_once() -> list[int]:
        async with httpx.AsyncClient(base_url=stage.url, trust_env=False, timeout=20) as many:
            answers = await asyncio.gather(
                *(
                    many.delete(f"{API}/{key['id']}", headers={"Authorization": f"Bearer {secret}"})
                    for (key, _), (_, secret) in ((second, first), (first, second))
                )
            )
            return sorted(answer.status_code for answer in answers)

    # The stage's own key would be a third admin: it takes a rest.
    execute(stage, update(ApiKeyRow).where(ApiKeyRow.id == UUID(own)).values(scopes=["read"]))
    stage.app.state.key_ring.forget()
    try:
        statuses = stage.run(revoke_at_once())
    finally:
        execute(stage, update(ApiKeyRow).where(ApiKeyRow.id == UUID(own)).values(scopes=["admin"]))
        stage.app.state.key_ring.forget()
    assert statuses[0] == 204
    assert statuses[1] in {401, 409}
    for key, _ in (first, second):
        client.delete(f"{API}/{key['id']}")


def test_whoever_asks_learns_about_the_own_key(stage: Stage) -> None:
    secret = add_key(stage, "write")
    with stage.client(key=secret) as own:
        mine = own.get(f"{API}/me")
        assert own.get(API).status_code == 403

    assert (mine.status_code, mine.json()["name"]) == (200, secret[:20])


def test_last_use_is_kept_once_a_minute_and_by_no_request(
    stage: Stage, client: httpx.Client, named: str
) -> None:
    key, secret = make(client, named)
    with stage.client(key=secret) as own:
        for _ in range(3):
            own.get("/api/v1/chats")
    assert client.get(f"{API}/{key['id']}").json()["last_used_at"] is None

    stage.run(keep_once(stage.app.state.key_ring, stage.app.state.door))
    used = datetime.fromisoformat(client.get(f"{API}/{key['id']}").json()["last_used_at"])
    assert abs(datetime.now(UTC) - used) < timedelta(minutes=1)


@pytest.mark.parametrize("way", ["get", "patch", "delete", "rotate"])
def test_key_that_there_is_not(client: httpx.Client, way: str) -> None:
    path = f"{API}/{uuid4()}"
    answer = {
        "get": lambda: client.get(path),
        "patch": lambda: client.patch(path, json={}),
        "delete": lambda: client.delete(path),
        "rotate": lambda: client.post(f"{path}/rotate", json={}),
    }[way]()

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_first_key_is_one_of_them(client: httpx.Client) -> None:
    mine = client.get(f"{API}/me").json()

    assert (mine["name"], mine["prefix"], mine["scopes"]) == ("first key", None, ["admin"])
    assert KEY not in client.get(API).text
