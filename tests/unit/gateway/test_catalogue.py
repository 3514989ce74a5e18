"""The task catalogue: every actor is in it, and its schema takes what its contract takes."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services.gateway.catalogue import catalogue, read_command
from shared.contracts.base import COMMANDS
from shared.service.actors import actors_in

DOMAINS = ("analysis", "embedding", "ingestion", "knowledge", "scoring")
ACCOUNTS = {"record_llm_calls_task"}
"""What no hand starts."""
ENTRIES = {entry.actor: entry for entry in catalogue()}
EXAMPLES: dict[str, list[dict[str, Any]]] = json.loads(
    Path("tests/unit/contracts/examples.json").read_text()
)["command"]


def by_hand(actor: str, example: dict[str, Any]) -> dict[str, Any]:
    """An example without the copy that only a service sends."""
    known = ENTRIES[actor].arguments["properties"]
    return {name: value for name, value in example.items() if name in known}


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_actor_of_a_service_is_listed_with_its_queue(domain: str) -> None:
    actors = {
        declared.command.actor_name: declared.command.queue_name
        for declared in actors_in(importlib.import_module(f"services.{domain}.actors"))
    }
    assert actors
    listed = {name: ENTRIES[name].queue for name in actors if name in ENTRIES}
    assert listed == {name: queue for name, queue in actors.items() if name not in ACCOUNTS}
    assert set(actors.values()) == {domain}


def test_nothing_is_listed_that_no_service_runs() -> None:
    run = {
        declared.command.actor_name
        for domain in DOMAINS
        for declared in actors_in(importlib.import_module(f"services.{domain}.actors"))
    }
    assert ENTRIES.keys() <= run
    assert set(COMMANDS) - ENTRIES.keys() == ACCOUNTS


@pytest.mark.parametrize("actor", ENTRIES)
def test_schema_takes_what_was_once_sent_and_nothing_unknown(actor: str) -> None:
    entry = ENTRIES[actor]
    Draft202012Validator.check_schema(entry.arguments)
    schema = Draft202012Validator(entry.arguments)
    for example in EXAMPLES[actor]:
        arguments = by_hand(actor, example)
        assert [error.message for error in schema.iter_errors(arguments)] == []
        assert type(read_command(actor, arguments)) is COMMANDS[actor]
    assert list(schema.iter_errors({"a_field_of_nobody": 1}))


@pytest.mark.parametrize("actor", ENTRIES)
def test_each_says_what_it_does(actor: str) -> None:
    assert len(ENTRIES[actor].description.splitlines()[0]) > 20
