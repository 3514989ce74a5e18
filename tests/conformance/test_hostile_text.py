"""SQL, markup and odd letters in every text that the API takes: kept as they are, or refused."""

import copy
import unicodedata
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.conformance.furnishing import Furnished

TEXTS = {
    "sql": "'; DROP TABLE messages; --",
    "sql of a pattern": "%' OR '1'='1' /* \\",
    "markup": "<img src=x onerror=alert(1)><script>alert(1)</script>",
    "template": "{{7*7}} ${7*7} %s %(a)s {0} #{7*7}",
    "directions": "\u202eab\u200b\u2066 ﷽ Z͑ͫ̓ͪ̂ͫ 👨‍👩‍👧‍👦",
    "control": "a\x01\x1b[2Jb\x7f\x85c",
    "null": "a\x00b",
    "formula": "=cmd|' /C calc'!A0",
    "path": "../../../../etc/passwd",
    "header": "a\r\nSet-Cookie: b=c",
}
SPARED = (
    "/api/v1/telegram",  # sends what it is given to Telegram
    "/api/v1/keys/{key_id}",  # could take away the key that asks
    "/api/v1/session",  # text that opens nothing is no key: 401
    "/api/v1/tasks",  # has texts of the catalogue alone
)


@pytest.fixture(scope="module")
def document(furnished: Furnished) -> dict[str, Any]:
    found: dict[str, Any] = furnished.system.client.get("/schema/openapi.json").raise_for_status().json()
    return found


def bodies(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Method and path of what takes a JSON object, its schema, and an example of it."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            media = operation.get("requestBody", {"content": {}})["content"].get("application/json", {})
            name = media.get("schema", {}).get("$ref", "").rpartition("/")[2]
            if name and not path.startswith(SPARED):
                schema = document["components"]["schemas"][name]
                yield method, path, schema, schema["examples"][0]


def is_text(schema: dict[str, Any]) -> bool:
    """Whether any text will do."""
    choices = schema.get("oneOf", [schema])
    return any(
        choice.get("type") == "string" and "enum" not in choice and "format" not in choice
        for choice in choices
    )


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_text_is_kept_as_it_is_or_refused(text: str, furnished: Furnished, document: dict[str, Any]) -> None:
    system = furnished.system
    tried = kept = 0
    wrong: list[Any] = []
    for method, path, schema, example in bodies(document):
        for field, described in schema["properties"].items():
            if not is_text(described):
                continue
            body = copy.deepcopy(example) | {field: text}
            answer = system.client.request(method, filled(path, furnished.ids), json=body)
            tried += 1
            kept += answer.is_success
            changed = answer.is_success and folded(answer.json().get(field)) not in {folded(text), ""}
            if changed or answer.status_code >= 500:
                wrong.append((method, path, field, answer.text[:300]))
    assert not wrong, wrong
    assert tried > 30
    assert (kept > 5) == ("\x00" not in text)
    stands(system.client)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_text_in_a_query_finds_nothing_it_should_not(
    text: str, furnished: Furnished, document: dict[str, Any]
) -> None:
    client = furnished.system.client
    tried = 0
    wrong: list[Any] = []
    for path, operations in document["paths"].items():
        for parameter in operations.get("get", {}).get("parameters", []):
            if parameter["in"] != "query" or not is_text(parameter["schema"]) or path.startswith(SPARED):
                continue
            needed = {"q": "реліз"} if path == "/api/v1/search" else {}
            answer = client.get(filled(path, furnished.ids), params=needed | {parameter["name"]: text})
            tried += 1
            if answer.status_code >= 500:
                wrong.append((path, parameter["name"], answer.text[:300]))
    assert not wrong, wrong
    assert tried > 10
    stands(client)


def test_what_is_kept_is_never_served_as_markup(furnished: Furnished) -> None:
    client = furnished.system.client
    name = f"{TEXTS['markup']} 2"
    made = client.post("/api/v1/projects", json={"name": name}).raise_for_status()

    shown = client.get(made.headers["location"]).raise_for_status()

    assert shown.json()["name"] == name
    assert shown.headers["content-type"].startswith("application/json")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "script-src 'self'" in client.get("/").headers["content-security-policy"]


def folded(text: str | None) -> str:
    """What of a text can be seen: a name stands on one line, without what would turn it round."""
    return "".join(
        letter for letter in text or "" if not letter.isspace() and unicodedata.category(letter)[0] != "C"
    )


def filled(path: str, ids: dict[str, list[int | str]]) -> str:
    """The path to something that is there, or could be."""
    for name, known in ids.items():
        path = path.replace(f"{{{name}}}", str(known[-1]))
    return "/".join("1" if part.startswith("{") else part for part in path.split("/"))


def stands(client: httpx.Client) -> None:
    """Assert that nothing of what people had made is gone."""
    for path in ("messages", "topics", "atoms", "projects", "runs"):
        assert client.get(f"/api/v1/{path}").raise_for_status().json()["items"], path
