"""The table of docs/access.md is that of the application, and nothing is open that is not named here."""

import pytest
from litestar import Litestar

from services.gateway.access import TOPICS, may_follow, needed, topics_for
from services.gateway.access.__main__ import DOCUMENT
from services.gateway.access.table import ways_in, write_table
from services.gateway.app import create_app
from services.gateway.keys import ApiKey, Scope
from services.gateway.settings import GatewaySettings
from shared.contracts.base import EVENTS
from tests.unit.gateway.test_keys import a_key

OPEN = {
    ("GET", "/"),
    ("GET", "/assets/{file_path}"),
    ("HEAD", "/assets/{file_path}"),
    ("GET", "/health"),
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("GET", "/health/services"),
    ("GET", "/schema"),
    ("GET", "/schema/openapi.json"),
    ("GET", "/schema/openapi.yaml"),
    ("GET", "/schema/openapi.yml"),
    ("GET", "/schema/{path}"),
    ("POST", "/api/v1/session"),
}
LOOKS_BY_ITSELF = {("POST", "/webhook/telegram"), ("WS", "/ws")}
SCOPES: tuple[Scope, ...] = ("read", "write", "admin")


@pytest.fixture(scope="module")
def app() -> Litestar:
    return create_app(GatewaySettings())


def test_the_document_has_every_route_as_it_is(app: Litestar) -> None:
    document = DOCUMENT.read_text()

    assert write_table(app, document) == document, (
        "run python -m services.gateway.access, and read what changed"
    )


def test_only_what_is_named_here_is_open(app: Litestar) -> None:
    ways = ways_in(app)

    assert {(way.method, way.path) for way in ways if way.needs == "public"} == OPEN
    assert {(way.method, way.path) for way in ways if way.needs == "itself"} == LOOKS_BY_ITSELF


def test_what_decides_about_keys_and_connections_is_for_admins(app: Litestar) -> None:
    for way in ways_in(app):
        if way.path.startswith(("/api/v1/keys", "/api/v1/audit", "/api/v1/telegram")):
            assert way.needs == "admin" or way.path == "/api/v1/keys/me", way


@pytest.mark.parametrize(
    ("opt", "method", "expected"),
    [
        ({}, "GET", "read"),
        ({}, "HEAD", "read"),
        ({}, "POST", "write"),
        ({}, "DELETE", "write"),
        ({}, "UNHEARD", "write"),
        ({"scope": "admin"}, "GET", "admin"),
        ({"scope": "read"}, "POST", "read"),
        ({"scope": "admin"}, "OPTIONS", "public"),
    ],
)
def test_method_says_what_is_needed_unless_the_route_does(
    opt: dict[str, str], method: str, expected: str
) -> None:
    assert needed(opt, method) == expected


@pytest.mark.parametrize("scope", ["amin", "", "READ", 1])
def test_misspelt_scope_opens_nothing(scope: object) -> None:
    with pytest.raises(ValueError, match="must be one of"):
        needed({"scope": scope}, "GET")


def test_each_topic_has_a_scope_and_unknown_ones_are_for_admins() -> None:
    assert {event.topic for event in EVENTS.values()} <= TOPICS.keys()
    reader, admin = a_key("read"), a_key("admin")

    assert may_follow(reader, "messages")
    assert not may_follow(reader, "providers")
    assert not may_follow(reader, "something new")
    assert topics_for(admin, TOPICS) == TOPICS.keys()
    assert not topics_for(a_key("write"), TOPICS)


def test_scopes_do_not_imply_each_other() -> None:
    def may(key: ApiKey) -> list[bool]:
        return [key.may(scope) for scope in SCOPES]

    assert [may(a_key(scope)) for scope in SCOPES] == [
        [True, False, False],
        [False, True, False],
        [True, True, True],
    ]
