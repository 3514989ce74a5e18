"""The API's description stands alone: every operation with its answers, problems and examples."""

from typing import Any

import jsonschema
import pytest

from services.gateway.app import create_app
from services.gateway.settings import GatewaySettings

OPEN = {
    ("/health", "get"),
    ("/health/ready", "get"),
    ("/health/live", "get"),
    ("/health/services", "get"),
    ("/webhook/telegram", "post"),
    ("/api/v1/session", "post"),
}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    found: dict[str, Any] = create_app(GatewaySettings()).openapi_schema.to_schema()
    return found


def operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, item in schema["paths"].items()
        for method, operation in item.items()
    ]


def test_every_operation_has_words_and_a_tag(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        assert operation["summary"], (path, method)
        assert operation["description"], (path, method)
        assert operation["tags"], (path, method)


def test_every_error_is_problem_json_with_an_example(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        for status, answer in operation["responses"].items():
            if int(status) < 400 or (path.startswith("/health") and status == "503"):
                continue
            content = answer["content"]
            assert list(content) == ["application/problem+json"], (path, method, status)
            assert content["application/problem+json"]["examples"], (path, method, status)


def test_every_closed_operation_asks_for_a_key_and_says_what_follows(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        if (path, method) in OPEN:
            assert operation.get("security") in (None, [], [{}]), path
            continue
        assert operation["security"] == [{"api_key": []}], (path, method)
        assert {"401", "403", "422", "500", "503"} <= set(operation["responses"]), (path, method)
    assert schema["components"]["securitySchemes"]["api_key"]["scheme"] == "bearer"


def test_every_reference_leads_somewhere(schema: dict[str, Any]) -> None:
    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [found for value in node.values() for found in references(value)]
        return [found for value in node for found in references(value)] if isinstance(node, list) else []

    found = references(schema)
    assert found
    for reference in found:
        node: Any = schema
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def test_upload_is_described(schema: dict[str, Any]) -> None:
    body = schema["paths"]["/api/v1/ingestion/imports"]["post"]["requestBody"]

    assert set(body["content"]) == {"application/json", "application/octet-stream", "multipart/form-data"}


NOT_ONCE = {
    "/webhook/telegram",  # Telegram numbers its updates, and a message is saved once
    "/api/v1/ws/tickets",  # a ticket is for one use
    "/api/v1/session",  # signing in twice is two sessions
}
"""POSTs that take no Idempotency-Key, with the reason."""


def test_every_post_can_be_repeated_under_a_key(schema: dict[str, Any]) -> None:
    without = {
        path
        for path, method, operation in operations(schema)
        if method == "post"
        and "Idempotency-Key" not in {each["name"] for each in operation.get("parameters", [])}
    }
    assert without == NOT_ONCE


def test_every_parameter_and_body_has_an_example(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        for parameter in operation.get("parameters", []):
            assert parameter["examples"], (path, method, parameter["name"])
        for media_type, media in operation.get("requestBody", {"content": {}})["content"].items():
            first = media["schema"].get("oneOf", [media["schema"]])[0]
            name = first.get("$ref", "").rpartition("/")[2]
            described = schema["components"]["schemas"][name] if name else first
            is_file = media_type in {"application/octet-stream", "multipart/form-data"}
            assert is_file or media.get("examples") or described["examples"], (path, method)


def test_examples_of_bodies_are_bodies(schema: dict[str, Any]) -> None:
    checked = 0
    for name, described in schema["components"]["schemas"].items():
        if described.get("additionalProperties") is False:
            jsonschema.validate(described["examples"][0], described | {"components": schema["components"]})
            checked += 1
        del name
    assert checked > 20


def test_what_a_body_does_not_know_is_refused_and_said_to_be(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        for media in operation.get("requestBody", {"content": {}})["content"].values():
            name = media["schema"].get("$ref", "").rpartition("/")[2]
            if name:
                assert schema["components"]["schemas"][name]["additionalProperties"] is False, (path, method)


def test_an_address_with_an_id_may_lead_nowhere_and_a_body_may_be_none(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        statuses = set(operation["responses"])
        assert "{" not in path or "404" in statuses, (path, method)
        # Of what Telegram sends nothing is refused: it would be sent again for ever.
        if "requestBody" in operation and path != "/webhook/telegram":
            assert {"400", "413", "415"} <= statuses, (path, method)


def test_ids_are_bounded_as_the_database_bounds_them(schema: dict[str, Any]) -> None:
    def floats(node: Any) -> list[float]:
        if isinstance(node, dict):
            inner = [found for value in node.values() for found in floats(value)]
            whole = node.get("type") == "integer"
            return inner + [
                node[bound]
                for bound in ("minimum", "maximum")
                if whole and bound in node and not isinstance(node[bound], int)
            ]
        return [found for value in node for found in floats(value)] if isinstance(node, list) else []

    assert floats(schema) == []
    ids = schema["components"]["schemas"]["NewExtraction"]["properties"]["message_ids"]["oneOf"][0]["items"]
    assert (ids["minimum"], ids["maximum"]) == (1, 2**63 - 1)


def test_what_can_be_edited_has_a_tag(schema: dict[str, Any]) -> None:
    tagged = {
        path
        for path, method, operation in operations(schema)
        if method == "get" and "304" in operation["responses"]
    }
    patched = {path for path, method, _ in operations(schema) if method == "patch"}
    # A rule and a key are not shown alone, or change by nobody's hand but one's own.
    assert patched - tagged == {"/api/v1/automation-rules/{rule_id}", "/api/v1/keys/{key_id}"}
