"""The API's description stands alone: every operation with its answers, problems and examples."""

from typing import Any

import pytest

from services.gateway.app import create_app
from services.gateway.settings import GatewaySettings

OPEN = {"/health", "/health/ready", "/health/live", "/health/services", "/webhook/telegram"}


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
        if path in OPEN:
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
