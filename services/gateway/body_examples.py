"""An example of each body that the API takes, made of its own description."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import inspect

from services.gateway.routes.parameters import EXAMPLE_RUN

_WORDS: Final = "Реліз у четвер"
_MOMENT: Final = "2026-03-12T09:41:07Z"
_LEFT_OUT: Final = frozenset({"version"})
"""Fields that an example does better without: which version there is, nobody can know."""


def example_of(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """What a client could send: what has to be there, and what has an example of its own.

    Where nothing has to be there, as in a change of something, the first field stands for all.

    Args:
        struct: A body.
    """
    found = inspect.type_info(struct)
    fields = found.fields if isinstance(found, inspect.StructType) else ()
    shown = {
        field.encode_name: _value(field.type)
        for field in fields
        if field.required or _own(field.type) is not None
    }
    first = next((field for field in fields if field.name not in _LEFT_OUT), None)
    return shown or ({} if first is None else {first.encode_name: _value(first.type)})


def _own(described: inspect.Type) -> Any:
    """The example that is given beside a type."""
    if isinstance(described, inspect.Metadata):
        examples = (described.extra_json_schema or {}).get("examples")
        return examples[0] if examples else _own(described.type)
    if isinstance(described, inspect.UnionType):
        return next((own for each in described.types if (own := _own(each)) is not None), None)
    return None


def _value(described: inspect.Type) -> Any:
    own = _own(described)
    if own is not None:
        return own
    if isinstance(described, inspect.Metadata):
        return _value(described.type)
    if isinstance(described, inspect.UnionType):
        return _value(next(each for each in described.types if not isinstance(each, inspect.NoneType)))
    make = _OF_TYPES.get(type(described))
    return {} if make is None else make(described)


def _number(described: Any) -> float:
    least = described.ge if described.ge is not None else 1
    return least if described.le is None else min(max(least, 1), described.le)


def _text(described: Any) -> str:
    return _WORDS[: described.max_length] if described.max_length else _WORDS


_OF_TYPES: Final[dict[type[inspect.Type], Callable[[Any], Any]]] = {
    inspect.BoolType: lambda _: True,
    inspect.IntType: lambda described: int(_number(described)),
    inspect.FloatType: _number,
    inspect.StrType: _text,
    inspect.UUIDType: lambda _: str(EXAMPLE_RUN),
    inspect.DateTimeType: lambda _: _MOMENT,
    inspect.LiteralType: lambda described: described.values[0],
    inspect.ListType: lambda described: [_value(described.item_type)],
    inspect.StructType: lambda described: example_of(described.cls),
}
