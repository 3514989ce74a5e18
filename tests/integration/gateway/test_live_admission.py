"""Who may open a WebSocket, to hear of what, and until when."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import update

from services.gateway.keys import ApiKey, hash_key
from services.gateway.tables import ApiKeyRow
from services.gateway.tickets import make_ticket
from shared.messaging.transaction import transaction
from tests.integration.gateway.key_rows import add_key, sign_in
from tests.integration.gateway.listening import (
    BEARER,
    closed,
    closing,
    frame,
    listening,
    number,
    raw_listening,
    scored,
)
from tests.integration.gateway.processes import running_gateway
from tests.integration.gateway.stage import KEY, Stage, wait_for


def a_ticket(client: httpx.Client) -> str:
    answer = client.post("/api/v1/ws/tickets")
    assert (answer.status_code, answer.json()["expires_in"]) == (201, 30)
    return f"?ticket={quote(answer.json()['ticket'])}"


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def test_ticket_opens_one_socket(stage: Stage, client: httpx.Client) -> None:
    query = a_ticket(client)

    with listening(stage, query, headers=None) as socket:
        stage.publish(scored(3))
        assert number(frame(socket)) == 3
        assert closing(stage, query, None).code == 4401
    assert closing(stage, query, None).code == 4401


def test_ticket_is_used_up_on_every_replica(stage: Stage, client: httpx.Client, tmp_path: Path) -> None:
    query = a_ticket(client)
    with running_gateway(tmp_path / "log", stage=stage) as replica:
        with replica.connect(query, headers=None) as socket:
            assert frame(socket)["type"] == "hello"
        assert closing(stage, query, None).code == 4401


def test_key_has_so_many_sockets_and_no_more_until_one_closes(
    stage: Stage, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage.app.state.standing, "_most", 2)
    with listening(stage), listening(stage, a_ticket(client), headers=None):
        refused = closing(stage, "", BEARER)
        assert refused.code == 1013
        assert "as many open sockets" in refused.reason
        # Another key has sockets of its own.
        with listening(stage, headers=bearer(add_key(stage, "read"))):
            pass
    with listening(stage):
        pass


def test_key_that_only_reads_gets_a_ticket_for_what_it_may_hear(stage: Stage) -> None:
    with stage.client(add_key(stage, "read")) as reader:
        with listening(stage, a_ticket(reader), headers=None):
            pass
        refused = closing(stage, a_ticket(reader) + "&topics=providers", None)
    assert (refused.code, "'admin'" in refused.reason) == (4403, True)


def test_without_topics_a_key_hears_of_what_it_may(stage: Stage) -> None:
    with raw_listening(stage, headers=bearer(add_key(stage, "read"))) as socket:
        topics = set(frame(socket)["data"]["topics"])
    assert {"messages", "analysis"} <= topics
    assert not {"providers", "tasks"} & topics
    with raw_listening(stage) as socket:
        assert {"messages", "providers", "tasks"} <= set(frame(socket)["data"]["topics"])


def test_unknown_topic_closes_with_the_topics_that_there_are(stage: Stage) -> None:
    refused = closing(stage, "?topics=messages,weather", BEARER)

    assert refused.code == 4400
    assert "'weather'" in refused.reason
    assert "analysis, " in refused.reason


@pytest.mark.parametrize(
    "after", ["", "7", "e:", ":7", "e:x", "e:-1", "e:7:8", "e f:7", "e:" + "9" * 40, "e:٣", "x" * 2000]
)
def test_position_that_is_none_closes(stage: Stage, after: str) -> None:
    assert closing(stage, f"?after={quote(after)}", BEARER).code == 4400


@pytest.mark.parametrize("kind", ["none", "wrong key", "rubbish", "forged", "expired", "of no key"])
def test_nobody_comes_in_without_a_key(stage: Stage, client: httpx.Client, kind: str) -> None:
    good = client.post("/api/v1/ws/tickets").json()["ticket"]
    now = datetime.now(UTC)
    mine = ApiKey(id=uuid4(), name="", key_hash=hash_key(KEY), scopes=frozenset())
    first = ApiKey(id=UUID(good.split(".")[0]), name="", key_hash=hash_key(KEY), scopes=frozenset())
    tickets = {
        "rubbish": "a.b",
        "forged": good[:-1] + ("0" if good[-1] != "0" else "1"),
        "expired": make_ticket(first, now - timedelta(seconds=31)),
        "of no key": make_ticket(mine, now),
    }
    query = f"?ticket={tickets[kind]}" if kind in tickets else ""
    refused = closing(stage, query, {"Authorization": "Bearer wrong"} if kind == "wrong key" else None)

    assert refused.code == 4401
    assert stage.app.state.hub.clients == 0


def test_session_opens_a_socket_for_our_own_pages_alone(stage: Stage) -> None:
    with stage.client(None) as browser:
        sign_in(browser, add_key(stage, "read"))
        cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}
    with listening(stage, headers={**cookie, "Origin": stage.url}) as socket:
        stage.publish(scored(4))
        assert number(frame(socket)) == 4
    for origin in ("https://elsewhere.example", stage.url + ".elsewhere.example", "null", None):
        headers = {**cookie, "Origin": origin} if origin else cookie
        assert closing(stage, "", headers).code == 4403


def test_socket_ends_with_its_session(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.gateway.standing.CHECK_SECONDS", 0.05)
    with stage.client(None) as browser:
        token = sign_in(browser, add_key(stage, "read"))
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        with listening(stage, headers={"Cookie": cookie, "Origin": stage.url}) as socket:
            assert browser.delete("/api/v1/session", headers={"X-CSRF-Token": token}).is_success
            assert closed(socket).code == 4401


def test_socket_of_a_session_stays_while_others_guess_from_its_address(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.gateway.standing.CHECK_SECONDS", 0.05)
    ring, looks = stage.app.state.key_ring, []
    find = ring.find_session

    async def look(session_id: str) -> Any:
        looks.append(session_id)
        return await find(session_id)

    with stage.client(None) as browser:
        sign_in(browser, add_key(stage, "read"))
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    with listening(stage, headers={"Cookie": cookie, "Origin": stage.url}) as socket:
        monkeypatch.setattr(stage.app.state.door.lockout, "seconds", lambda _address: 60)
        monkeypatch.setattr(stage.app.state.door.lockout, "is_welcome", lambda _address, _who: False)
        monkeypatch.setattr(ring, "find_session", look)
        wait_for(lambda: len(looks) > 1, "it was looked at again")
        stage.publish(scored(4))
        assert number(frame(socket)) == 4


@pytest.mark.parametrize("how", ["revoked", "expired", "lost a scope"])
@pytest.mark.parametrize("by", ["key", "ticket"])
def test_socket_ends_with_its_key(stage: Stage, monkeypatch: pytest.MonkeyPatch, how: str, by: str) -> None:
    monkeypatch.setattr("services.gateway.standing.CHECK_SECONDS", 0.05)
    monkeypatch.setattr("services.gateway.keyring.REMEMBERED_SECONDS", 0.0)
    key_id, now = uuid4(), datetime.now(UTC)
    text = add_key(stage, "read", "admin", key_id=key_id)
    change_of: dict[str, dict[str, Any]] = {
        "revoked": {"revoked_at": now},
        "expired": {"expires_at": now},
        "lost a scope": {"scopes": ["read"]},
    }
    values = change_of[how]

    async def change() -> None:
        async with transaction() as tx:
            await tx.execute(update(ApiKeyRow).where(ApiKeyRow.id == key_id).values(**values))

    with stage.client(text) as mine:
        query, headers = ("", bearer(text)) if by == "key" else (a_ticket(mine), None)
    with listening(stage, query, headers=headers) as socket, listening(stage) as other:
        stage.run(change())
        assert closed(socket).code == 4401
        stage.publish(scored(5))
        assert number(frame(other)) == 5
