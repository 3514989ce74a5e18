"""A proposal's details: the JSON Schema that a task config gives for them, and what does not fit it. Pure.

The schema is one of draft 2020-12 (https://json-schema.org/draft/2020-12) of an object. It stands for itself:
a `$ref` stays within it, so that neither checking nor proposing ever asks another server.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import msgspec
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.protocols import Validator
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from shared.contracts.errors import QueryError

LARGEST_SCHEMA = 32 * 1024
"""Bytes of a schema, as JSON."""
DEEPEST = 20
"""Objects and arrays within each other, the schema itself included."""
MOST_PROBLEMS = 20

_FIELD = "details_schema"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCES = frozenset({"$ref", "$dynamicRef"})
_DATA = frozenset({"const", "default", "enum", "examples"})
"""Under these stands any JSON, not a schema."""
_NAMES = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs"})
"""Under these stand names that people choose, also such as `default`."""
_LONGEST_MESSAGE = 300

Path = tuple[str | int, ...]


def check_schema(schema: Mapping[str, Any]) -> None:
    """Refuse what is no schema that details can be asked by.

    Raises:
        QueryError: `invalid`, with the place as the field, for example `details_schema.properties.due.type`.
    """
    _check_size(schema)
    problem = best_match(_checker(Draft202012Validator.META_SCHEMA).iter_errors(schema))
    if problem is not None:
        # `type` is one name or a list of names; people mean the one name.
        said = problem.context[0] if problem.context else problem
        raise _invalid(problem.absolute_path, f"is no JSON Schema: {_said(said)}")
    if schema.get("type") != "object":
        raise _invalid(["type"], 'has to be "object": details have named fields.')
    if schema.get("$schema", _DIALECT).rstrip("#") != _DIALECT:
        raise _invalid(["$schema"], f"has to be {_DIALECT}, or left out.")
    _check_references(schema)


def problems_of(schema: Mapping[str, Any], details: Any) -> list[str]:
    """What of details does not fit a schema that was checked, each with its place; empty when all fits.

    Formats (`date`, `email`, `uuid`, …) are asserted. At most twenty are told.
    """
    try:
        found = sorted(_checker(schema).iter_errors(details), key=lambda each: list(map(str, each.path)))
    except RecursionError:
        return ["`details` cannot be checked: the schema refers to itself without end."]
    except Unresolvable as error:
        return [f"`details` cannot be checked: the schema refers to {error.ref}, which is not in it."]
    return [f"`{_place('details', each.absolute_path)}`: {_said(each)}" for each in found[:MOST_PROBLEMS]]


def _checker(schema: Mapping[str, Any]) -> Validator:
    return Draft202012Validator(
        schema, registry=Registry(), format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def _check_size(schema: Mapping[str, Any]) -> None:
    size = len(msgspec.json.encode(schema))
    if size > LARGEST_SCHEMA:
        raise _invalid([], f"has {size:,} bytes; {LARGEST_SCHEMA:,} are allowed.")
    for path, value in _walk(schema):
        if len(path) >= DEEPEST and isinstance(value, dict | list):
            raise _invalid(path[:3], f"is nested deeper than {DEEPEST} levels.")
        if any(isinstance(each, str) and "\x00" in each for each in (path[-1], value)):
            raise _invalid(path, "holds a zero byte.")


def _check_references(schema: Mapping[str, Any]) -> None:
    resolver = Registry().resolver_with_root(DRAFT202012.create_resource(schema))
    for path, value in _walk(schema):
        if not isinstance(value, str) or _is_data(path):
            continue
        if path[-1] == "$id" and len(path) > 1:
            raise _invalid(path, "is allowed for the whole schema alone.")
        if path[-1] not in _REFERENCES:
            continue
        if not value.startswith("#"):
            raise _invalid(path, "refers to another document; only `#…`, within the schema, is followed.")
        try:
            resolver.lookup(value)
        except Unresolvable:
            raise _invalid(path, f"refers to {value}, which is not in the schema.") from None


def _walk(schema: Any) -> Iterator[tuple[Path, Any]]:
    """All that is in a schema, at whatever depth, each with its path."""
    waiting: list[tuple[Path, Any]] = [((), schema)]
    while waiting:
        path, value = waiting.pop()
        if path:
            yield path, value
        if isinstance(value, dict):
            waiting += [((*path, key), each) for key, each in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [((*path, place), each) for place, each in reversed(list(enumerate(value)))]


def _is_data(path: Path) -> bool:
    """Whether what stands there is no part of the schema; where names make that unsure, it is one."""
    return any(part in _DATA and before not in _NAMES for before, part in pairwise(("", *path)))


def _said(problem: ValidationError) -> str:
    """What is wrong, in words, and no longer than a line or two, whatever was given."""
    words = problem.message
    return words if len(words) <= _LONGEST_MESSAGE else f"{words[: _LONGEST_MESSAGE - 1]}…"


def _place(root: str, path: Iterable[str | int]) -> str:
    """`details_schema.properties.due.enum[2]`."""
    return root + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)


def _invalid(path: Iterable[str | int], problem: str) -> QueryError:
    place = _place(_FIELD, path)
    return QueryError("invalid", f"`{place}` {problem}", field=place)
