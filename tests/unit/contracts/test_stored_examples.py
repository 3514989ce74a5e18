"""Contracts only grow: what earlier versions wrote is read by this one, and nothing of it is lost.

`examples.json` holds what was once sent, by kind and address. A changed contract gets another example beside
the earlier ones, which are never edited: they lie in queues, streams and outboxes somewhere.
"""

import importlib
import json
import pkgutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

import shared.contracts
from shared.contracts.base import COMMANDS, EVENTS, QUERIES

for _module in pkgutil.iter_modules(shared.contracts.__path__, "shared.contracts."):
    importlib.import_module(_module.name)

TYPES: dict[str, dict[str, Any]] = {
    "command": dict(COMMANDS),
    "query": dict(QUERIES),
    "event": dict(EVENTS),
    "answer": {subject: query.answer_type for subject, query in QUERIES.items()},
}
EXAMPLES: dict[str, dict[str, list[Any]]] = json.loads(Path(__file__).with_name("examples.json").read_text())


@pytest.mark.parametrize("kind", TYPES)
def test_every_contract_has_an_example(kind: str) -> None:
    assert set(EXAMPLES[kind]) == set(TYPES[kind])


@pytest.mark.parametrize(
    ("kind", "address", "example"),
    [
        (kind, address, example)
        for kind, contracts in EXAMPLES.items()
        for address, examples in contracts.items()
        for example in examples
    ],
)
def test_stored_example_is_read_and_written_again(kind: str, address: str, example: Any) -> None:
    contract = TYPES[kind][address]
    read = msgspec.json.decode(json.dumps(example).encode(), type=contract)
    again = json.loads(msgspec.json.encode(read))
    assert holds(again, example)
    assert msgspec.json.decode(msgspec.json.encode(read), type=contract) == read


@pytest.mark.parametrize("kind", ["command", "event", "query"])
def test_field_of_a_later_version_is_passed_over(kind: str) -> None:
    for address, examples in EXAMPLES[kind].items():
        later = {**examples[0], "a_field_of_the_future": {"x": 1}}
        assert msgspec.convert(later, TYPES[kind][address]) == msgspec.convert(
            examples[0], TYPES[kind][address]
        )


def holds(found: Any, expected: Any) -> bool:
    """Whether everything of `expected` is in `found`, which may have more; defaults may be left out."""
    if isinstance(expected, dict):
        return all(
            holds(found[key], value) if key in found else is_default(value) for key, value in expected.items()
        )
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(holds, found, expected))
    return bool(found == expected)


def is_default(value: object) -> bool:
    return value in (None, False, 0, [], {})
