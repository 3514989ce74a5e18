"""The task catalogue: the commands that can be given by hand, by the names of their actors."""

import inspect
from collections.abc import Mapping
from typing import Any

import msgspec

from services.gateway.problems import FieldProblem, ProblemError, field_at_fault
from shared.contracts import (
    analysis,
    atoms,
    embedding,
    experiments,
    extraction,
    ingestion,
    knowledge,
    projects,
    proposals,
    revisions,
    runs,
    scoring,
    telegram,
    topics,
)
from shared.contracts.base import COMMANDS, Command

# A command is in COMMANDS once the module of its domain was imported.
DOMAINS = (
    analysis,
    atoms,
    embedding,
    experiments,
    extraction,
    ingestion,
    knowledge,
    projects,
    proposals,
    revisions,
    runs,
    scoring,
    telegram,
    topics,
)

_INTERNAL: frozenset[type[Command]] = frozenset({analysis.RecordLlmCalls})
"""Accounts that services give of what they did: made up by hand they would be false ones."""

_COPIES: Mapping[type[Command], str] = {
    embedding.IndexMessages: "messages",
    extraction.ConsiderMessages: "messages",
    scoring.ScoreMessage: "message",
}
"""Fields that spare a service a question. By hand the ids do: a copy could say what nobody has said."""


class CatalogueEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One task that can be enqueued.

    Attributes:
        actor: Its name, as it shows in traces, metrics and dead letters.
        queue: The queue of the service that runs it.
        description: What it does, and what makes a second run harmless.
        arguments: JSON schema of its arguments.
    """

    actor: str
    queue: str
    description: str
    arguments: dict[str, Any]


def catalogue() -> list[CatalogueEntry]:
    """Every task that can be started by hand, by queue and name."""
    entries = [
        CatalogueEntry(
            actor=name,
            queue=command.queue_name,
            description=inspect.getdoc(command) or "",
            arguments=_schema(command),
        )
        for name, command in COMMANDS.items()
        if command not in _INTERNAL
    ]
    return sorted(entries, key=lambda entry: (entry.queue, entry.actor))


def read_command(actor: str, arguments: Mapping[str, Any]) -> Command:
    """The command of an actor with these arguments.

    Raises:
        ProblemError: 422 with the field at fault: no such actor, an unknown, missing or wrong argument.
    """
    command = COMMANDS.get(actor)
    if command is None or command in _INTERNAL:
        raise _invalid(
            FieldProblem(field="actor", message=f"No task {actor!r} can be started.", source="body")
        )
    unknown = sorted(set(arguments) - _arguments(command))
    if unknown:
        raise _invalid(
            *(
                FieldProblem(
                    field=f"arguments.{name}", message=f"{actor} takes no such argument.", source="body"
                )
                for name in unknown
            )
        )
    try:
        made = msgspec.convert(dict(arguments), command)
        msgspec.json.encode(made)
    except msgspec.ValidationError as error:
        raise _invalid(field_at_fault(error, prefix="arguments")) from error
    except OverflowError as error:
        raise _invalid(
            FieldProblem(field="arguments", message="A number is beyond 64 bits.", source="body")
        ) from error
    return made


def _invalid(*problems: FieldProblem) -> ProblemError:
    return ProblemError(422, "The task's arguments are not valid.", errors=list(problems))


def _schema(command: type[Command]) -> dict[str, Any]:
    (_,), components = msgspec.json.schema_components([command], ref_template="#/$defs/{name}")
    schema = dict(components.pop(command.__name__))
    schema.pop("description", None)
    schema["properties"] = {
        name: argument for name, argument in schema["properties"].items() if name in _arguments(command)
    }
    schema["additionalProperties"] = False
    if components and b'"$ref"' in msgspec.json.encode(schema):
        schema["$defs"] = components
    return schema


def _arguments(command: type[Command]) -> set[str]:
    """The fields that are given by hand."""
    return set(command.__struct_fields__) - {_COPIES.get(command)}
