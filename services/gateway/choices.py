"""Which values a field takes, so that a refusal of another one can name them."""

from collections.abc import Iterator
from typing import Any

from msgspec import inspect


def choices_of(annotation: Any, path: str = "") -> list[str]:
    """The values of a field that takes one of a fixed set, sorted; none where any will do.

    Args:
        annotation: The type of a parameter or of a body.
        path: Where the field stands in it, dotted; a list's place is left out, as in `items.type`.
    """
    try:
        found = [inspect.type_info(annotation)]
    except (TypeError, NotImplementedError):  # a type that msgspec does not describe
        return []
    for name in filter(None, path.split(".")):
        found = [field for described in found for field in _fields(described, name)]
    return sorted({str(value) for described in found for value in _values(described)})


def _fields(described: inspect.Type, name: str) -> Iterator[inspect.Type]:
    for plain in _plain(described):
        if isinstance(plain, inspect.StructType):
            yield from (field.type for field in plain.fields if field.encode_name == name)


def _values(described: inspect.Type) -> Iterator[Any]:
    for plain in _plain(described):
        if isinstance(plain, inspect.LiteralType):
            yield from plain.values
        elif isinstance(plain, inspect.EnumType):
            yield from (member.value for member in plain.cls)


def _plain(described: inspect.Type) -> Iterator[inspect.Type]:
    """The types behind what is said about them: each of a union, those of a list's items."""
    if isinstance(described, inspect.Metadata):
        yield from _plain(described.type)
    elif isinstance(described, inspect.UnionType):
        for each in described.types:
            yield from _plain(each)
    elif isinstance(described, inspect.CollectionType):
        yield from _plain(described.item_type)
    else:
        yield described
