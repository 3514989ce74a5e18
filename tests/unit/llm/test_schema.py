"""Schemas of answers, as strict mode takes them."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta

from services.knowledge.answers import Extraction
from shared.llm.schema import strict_schema
from tests.fakes.llm.strict import fault_of


class Part(msgspec.Struct):
    """A part.

    Attributes:
        name: What it is called,
            in two lines.
    """

    name: Annotated[str, Meta(min_length=1, max_length=20)]
    kind: Literal["a", "b"]
    level: Literal[1, 2] = 1
    since: datetime | None = None


class Whole(msgspec.Struct):
    """All of it."""

    parts: Annotated[list[Part], Meta(max_length=3)]
    best: Part | None = None
    share: Annotated[float, Meta(ge=0, lt=1)] = 0.5
    tags: list[str] = []


class Circle(msgspec.Struct, tag=True):
    radius: float


class Square(msgspec.Struct, tag=True):
    side: float


class Drawing(msgspec.Struct):
    shapes: list[Circle | Square]


@pytest.mark.parametrize("answer", [Extraction, Whole, Drawing])
def test_schema_has_nothing_that_strict_mode_refuses(answer: type[msgspec.Struct]) -> None:
    schema = strict_schema(answer)
    assert fault_of(schema) is None
    assert "$ref" not in json.dumps(schema)


def test_constraints_are_said_in_words_and_meanings_stand_at_their_fields() -> None:
    whole = strict_schema(Whole)["properties"]
    assert whole["parts"]["description"] == "At most 3 items."
    assert whole["share"]["description"] == "At least 0, less than 1."
    part = whole["parts"]["items"]
    assert part["description"] == "A part."
    name = part["properties"]["name"]
    assert name["description"] == "What it is called, in two lines. Not empty, at most 20 characters."


def test_field_with_a_default_is_required_and_may_be_null_only_where_its_type_says_so() -> None:
    part = strict_schema(Whole)["properties"]["parts"]["items"]
    assert part["required"] == ["name", "kind", "level", "since"]
    assert part["properties"]["since"]["anyOf"][1] == {"type": "null"}
    assert part["properties"]["level"] == {"type": "integer", "enum": [1, 2]}


def test_union_keeps_the_tags_by_which_it_is_told_apart() -> None:
    shapes = strict_schema(Drawing)["properties"]["shapes"]["items"]["anyOf"]
    assert [shape["properties"]["type"]["enum"] for shape in shapes] == [["Circle"], ["Square"]]


class Endless(msgspec.Struct):
    inner: "Endless | None" = None


class Free(msgspec.Struct):
    counts: dict[str, int]


class Anything(msgspec.Struct):
    value: Any


class AnyList(msgspec.Struct):
    values: list[Any]


class Pair(msgspec.Struct):
    pair: tuple[int, str]


class Listed(msgspec.Struct, array_like=True):
    value: int


@pytest.mark.parametrize("answer", [Endless, Free, Anything, AnyList, Pair, Listed])
def test_what_strict_mode_cannot_express_is_refused_when_the_program_is_written(
    answer: type[msgspec.Struct],
) -> None:
    with pytest.raises(TypeError, match=r"asked for|object|list"):
        strict_schema(answer)
