"""Bounds in the API's description: of what lists and dictionaries hold, and of ids, too large for floats."""

from typing import Any, Final

from litestar.openapi.spec import OpenAPIType, Reference, Schema
from msgspec import inspect

_LARGEST_ID: Final = 2**63 - 1
_NUMBERS: Final = {"ge": "minimum", "gt": "exclusive_minimum", "le": "maximum", "lt": "exclusive_maximum"}
_TEXTS: Final = {"min_length": "min_length", "max_length": "max_length", "pattern": "pattern"}
_ITEMS: Final = {"min_length": "min_items", "max_length": "max_items"}
_ENTRIES: Final = {"min_length": "min_properties", "max_length": "max_properties"}
_BOUNDS: Final[dict[type[inspect.Type], tuple[OpenAPIType, dict[str, str]]]] = {
    inspect.IntType: (OpenAPIType.INTEGER, _NUMBERS),
    inspect.FloatType: (OpenAPIType.NUMBER, _NUMBERS),
    inspect.StrType: (OpenAPIType.STRING, _TEXTS),
    inspect.ListType: (OpenAPIType.ARRAY, _ITEMS),
    inspect.DictType: (OpenAPIType.OBJECT, _ENTRIES),
}


def whole_bounds(schema: Schema | Reference) -> None:
    """Write the bounds of whole numbers as such: a float cannot hold the largest id, and is above it."""
    if not isinstance(schema, Schema):
        return
    if schema.type == OpenAPIType.INTEGER:
        for bound in _NUMBERS.values():
            value = getattr(schema, bound)
            if isinstance(value, float) and value.is_integer():
                setattr(schema, bound, max(-_LARGEST_ID, min(int(value), _LARGEST_ID)))
    inner = [*(schema.one_of or ()), *(schema.any_of or ()), *(schema.all_of or ())]
    for each in [*inner, *_held(schema)]:
        whole_bounds(each)


def inner_bounds(schema: Schema | Reference, described: inspect.Type) -> None:
    """Write the bounds that a type has at any depth: Litestar writes the outermost alone.

    Args:
        schema: As Litestar describes it.
        described: As msgspec, which checks it, does.
    """
    if not isinstance(schema, Schema):
        return
    if isinstance(described, inspect.Metadata):
        inner_bounds(schema, described.type)
    elif isinstance(described, inspect.UnionType):
        for each in described.types:
            inner_bounds(schema, each)
    elif schema.one_of or schema.any_of:
        for choice in schema.one_of or schema.any_of or ():
            inner_bounds(choice, described)
    elif type(described) in _BOUNDS:
        kind, names = _BOUNDS[type(described)]
        if schema.type == kind:
            _write(schema, described, names)
            _go_on(schema, described)


def _write(schema: Schema, described: inspect.Type, names: dict[str, str]) -> None:
    for ours, theirs in names.items():
        value: Any = getattr(described, ours)
        if value is not None and getattr(schema, theirs) is None:
            setattr(schema, theirs, value)


def _go_on(schema: Schema, described: inspect.Type) -> None:
    """The same for what a list or a dictionary holds."""
    held = getattr(described, "item_type", getattr(described, "value_type", None))
    if held is not None:
        for each in _held(schema):
            inner_bounds(each, held)
    if isinstance(described, inspect.DictType) and isinstance(described.key_type, inspect.StrType):
        schema.property_names = Schema(type=OpenAPIType.STRING)
        inner_bounds(schema.property_names, described.key_type)


def _held(schema: Schema) -> list[Schema | Reference]:
    found = [schema.items, schema.additional_properties]
    return [each for each in found if isinstance(each, Schema | Reference)]
