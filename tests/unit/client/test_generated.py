"""The Python client is what the OpenAPI document says: every operation, every field, every answer."""

import importlib
import inspect
import typing
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from clients.python.generator.document import Operation, operations, read_document
from clients.python.generator.naming import BY_HAND, LEFT_OUT, METHODS, method_of, part_of
from clients.python.generator.writing import generate, written
from tasktracker import Client
from tasktracker.resource import Resource


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return read_document()


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with Client("http://127.0.0.1:1", "a-key") as made:
        yield made


def method(client: Client, operation: Operation) -> Any:
    found: Any = client
    for name in part_of(operation.path).split("."):
        found = getattr(found, name)
    return getattr(found, method_of(operation))


def test_what_is_committed_is_what_the_document_gives(document: dict[str, Any]) -> None:
    expected, found = generate(document), written()
    assert found.keys() == expected.keys(), "run `make client`"
    assert [str(path) for path in expected if found[path] != expected[path]] == [], "run `make client`"


def test_every_operation_has_a_method_that_takes_what_it_takes(
    document: dict[str, Any], client: Client
) -> None:
    seen = 0
    for operation in operations(document):
        if (operation.method, operation.path) in {**LEFT_OUT, **BY_HAND}:
            continue
        taken = set(inspect.signature(method(client, operation)).parameters)
        wanted = {each["name"] for place in ("path", "query") for each in operation.parameters(place)}
        wanted |= set((operation.body or {}).get("properties", {}))
        missing = {name for name in wanted if not {name, f"{name}_"} & taken}
        assert not missing, (operation.method, operation.path, missing)
        seen += 1
    assert seen > 100


def test_every_example_of_an_answer_is_read_whole(document: dict[str, Any], client: Client) -> None:
    read = 0
    for operation in operations(document):
        if (operation.method, operation.path) in {**LEFT_OUT, **BY_HAND}:
            continue
        kind = typing.get_type_hints(method(client, operation))["return"]
        for example in examples(operation):
            record = msgspec.convert(example, kind, strict=False)
            assert lost(example, msgspec.to_builtins(record)) == [], (operation.method, operation.path)
            read += 1
    assert read > 50


def examples(operation: Operation) -> list[Any]:
    """The examples of an operation's good answers."""
    return [
        example["value"]
        for status, answer in operation.described["responses"].items()
        if int(status) < 300
        for content in answer.get("content", {}).values()
        for example in content.get("examples", {}).values()
    ]


def lost(said: Any, read: Any, place: str = "") -> list[str]:
    """The fields of an example that the record has not."""
    if isinstance(said, dict) and isinstance(read, dict):
        return [
            each
            for name, value in said.items()
            for each in (lost(value, read[name], f"{place}.{name}") if name in read else [f"{place}.{name}"])
        ]
    if isinstance(said, list) and isinstance(read, list):
        return [each for one, other in zip(said, read, strict=True) for each in lost(one, other, place)]
    return []


def test_methods_written_by_hand_are_there() -> None:
    for place in BY_HAND.values():
        module, kind, name = place.rsplit(".", 2)
        part = getattr(importlib.import_module(module), kind)
        assert issubclass(part, Resource)
        assert callable(getattr(part, name))


def test_no_name_is_kept_for_what_is_no_more(document: dict[str, Any]) -> None:
    known = {(operation.method, operation.path) for operation in operations(document)}
    assert LEFT_OUT.keys() <= known
    assert BY_HAND.keys() <= known
    assert METHODS.keys() <= known


def test_every_exception_has_a_reason() -> None:
    assert all(reason.strip() for reason in LEFT_OUT.values())
