from enum import Enum
from typing import Annotated, Literal

import msgspec
import pytest
from msgspec import Meta

from services.gateway.choices import choices_of


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Inner(msgspec.Struct):
    size: Literal["small", "large"]


class Outer(msgspec.Struct, rename="camel"):
    first_colour: Colour | None = None
    inner: list[Inner] = []
    named: Annotated[Literal["a", "b"], Meta(description="…")] = "a"
    free: str = ""


@pytest.mark.parametrize(
    ("annotation", "path", "values"),
    [
        (Literal["noise", "signal"], "", ["noise", "signal"]),
        (list[Literal["noise", "signal"]] | None, "", ["noise", "signal"]),
        (Outer, "firstColour", ["blue", "red"]),
        (Outer, "named", ["a", "b"]),
        (Outer, "inner.size", ["large", "small"]),
        (Outer, "free", []),
        (Outer, "unknown", []),
        (int, "", []),
        (object(), "", []),
    ],
)
def test_values_of_a_fixed_set_are_found(annotation: object, path: str, values: list[str]) -> None:
    assert choices_of(annotation, path) == values
