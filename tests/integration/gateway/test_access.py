"""Each way into the application, tried with each kind of key: what comes of it stands in docs/access.md."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from litestar.routes import HTTPRoute

from services.gateway.access.table import WEBSOCKET, Way, ways_in
from tests.integration.gateway.key_rows import add_key, sign_in
from tests.integration.gateway.stage import Stage

YESTERDAY = datetime.now(UTC) - timedelta(days=1)
REFUSED = {401, 403}
LETS = {
    "read": {"read", "known", "public"},
    "write": {"write", "known", "public"},
    "admin": {"read", "write", "admin", "known", "public"},
}


@pytest.fixture
def ways(stage: Stage) -> list[Way]:
    """All but those that look by themselves who comes."""
    return [way for way in ways_in(stage.app) if way.needs != "itself"]


@pytest.fixture
def nobody(stage: Stage) -> Iterator[httpx.Client]:
    with stage.client(key=None) as client:
        yield client


def address(stage: Stage, way: Way) -> str:
    """The way's path with something that fits into each of its holes, and is nothing that there is."""
    route = next(route for route in stage.app.routes if route.path_format == way.path)
    assert isinstance(route, HTTPRoute)
    fits = {
        "int": "987654321",
        "UUID": str(uuid4()),
        "str": "nothing",
        "Path": "page.js",
    }
    kinds = {name: parameter.type.__name__ for name, parameter in route.path_parameters.items()}
    return re.sub(r"\{(\w+)\}", lambda hole: fits[kinds[hole[1]]], way.path)


def ask(client: httpx.Client, stage: Stage, way: Way, headers: dict[str, str] | None = None) -> int:
    body = None if way.method in {"GET", "HEAD", "DELETE"} else dict[str, str]()
    answer = client.request(way.method, address(stage, way), headers=headers, json=body)
    if answer.status_code in REFUSED:
        assert way.method == "HEAD" or answer.json()["detail"]
    return answer.status_code


@pytest.mark.parametrize(
    "shown", ["nothing", "a wrong key", "an expired key", "a revoked key", "a wrong cookie"]
)
def test_nobody_comes_in_but_where_everybody_may(
    stage: Stage, nobody: httpx.Client, ways: list[Way], shown: str
) -> None:
    headers: dict[str, dict[str, str]] = {
        "nothing": {},
        "a wrong key": bearer("tt_00000000_wrong"),
        "an expired key": bearer(add_key(stage, "admin", expires_at=YESTERDAY)),
        "a revoked key": bearer(add_key(stage, "admin", revoked_at=YESTERDAY)),
        "a wrong cookie": {"Cookie": "task-tracker-session=wrong"},
    }

    found = {way: ask(nobody, stage, way, headers[shown]) for way in ways}

    assert {way for way, status in found.items() if (status == 401) != (way.needs != "public")} == set()
    assert {way for way, status in found.items() if status == 403} == set()


@pytest.mark.parametrize("scope", ["read", "write", "admin"])
def test_key_comes_in_where_its_scope_lets_it(stage: Stage, ways: list[Way], scope: str) -> None:
    with stage.client(key=add_key(stage, scope)) as client:
        found = {way: ask(client, stage, way) for way in ways}

    assert {way for way, status in found.items() if status == 401} == set()
    assert {way for way, status in found.items() if (status != 403) != (way.needs in LETS[scope])} == set()


def test_session_changes_nothing_without_its_token(
    stage: Stage, nobody: httpx.Client, ways: list[Way]
) -> None:
    sign_in(nobody, add_key(stage, "admin"))

    found = {way: ask(nobody, stage, way) for way in ways if way.path != "/api/v1/session"}

    def is_kept_out(way: Way) -> bool:
        return way.method not in {"GET", "HEAD"}

    assert {way for way, status in found.items() if (status == 403) != is_kept_out(way)} == set()
    assert {way for way, status in found.items() if status == 401} == set()


def test_session_with_its_token_does_what_its_key_may(
    stage: Stage, nobody: httpx.Client, ways: list[Way]
) -> None:
    headers = {"X-CSRF-Token": sign_in(nobody, add_key(stage, "write"))}

    found = {way: ask(nobody, stage, way, headers) for way in ways if way.path != "/api/v1/session"}

    assert {way for way, status in found.items() if status == 401} == set()
    assert {way for way, status in found.items() if (status != 403) != (way.needs in LETS["write"])} == set()


def test_every_way_was_tried(stage: Stage, ways: list[Way]) -> None:
    tried = {(way.method, way.path) for way in ways}
    there = {
        (method, route.path_format)
        for route in stage.app.routes
        for method in (route.methods if isinstance(route, HTTPRoute) else {WEBSOCKET})
        if method != "OPTIONS"
    }

    assert there - tried == {("POST", "/webhook/telegram"), (WEBSOCKET, "/ws")}


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}
