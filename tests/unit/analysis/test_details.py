"""Schemas of details: what is none is refused with the place, and what does not fit one is told with it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analysis.details import DEEPEST, LARGEST_SCHEMA, MOST_PROBLEMS, check_schema, problems_of
from shared.contracts.errors import QueryError

DUE: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "due": {"type": "string", "format": "date"},
        "effort": {"enum": ["S", "M", "L"]},
        "who": {"$ref": "#/$defs/person"},
        "$ref": {"type": "string"},
    },
    "required": ["due"],
    "additionalProperties": False,
    "$defs": {"person": {"type": "object", "properties": {"name": {"type": "string"}}}},
}


def an_object(**properties: Any) -> dict[str, Any]:
    """A schema of an object with these properties."""
    return {"type": "object", "properties": properties}


def nested(levels: int) -> dict[str, Any]:
    """A schema of that many objects within each other."""
    schema: dict[str, Any] = {"type": "object"}
    while levels > 1:
        schema, levels = {"type": "object", "not": schema}, levels - 1
    return schema


def refused(schema: dict[str, Any]) -> tuple[str, str]:
    """The place and the words with which a schema is refused."""
    with pytest.raises(QueryError) as caught:
        check_schema(schema)
    assert caught.value.code == "invalid"
    return caught.value.body.field or "", caught.value.body.message


@pytest.mark.parametrize(
    "schema",
    [
        DUE,
        {"type": "object"},
        an_object(steps={"type": "array", "items": {"type": "string"}}),
        an_object(next={"$ref": "#"}),
        an_object(kind={"const": {"$ref": "https://example.com"}}),
        an_object(kind={"$ref": "#kind"}) | {"$defs": {"k": {"$anchor": "kind", "type": "string"}}},
        {"$id": "https://example.com/due", **an_object(a={"$ref": "#/$defs/b"}), "$defs": {"b": {}}},
        nested(DEEPEST),
    ],
)
def test_schema_of_an_object_is_taken(schema: dict[str, Any]) -> None:
    check_schema(schema)


@pytest.mark.parametrize(
    ("schema", "place", "words"),
    [
        (an_object(due={"type": "text"}), ".properties.due.type", "'text' is not one of"),
        (an_object(due={"type": ["null", "text"]}), ".properties.due.type[1]", "'text' is not one of"),
        (an_object(due=5), ".properties.due", "5 is not of type"),
        (an_object(due={"pattern": "("}), ".properties.due.pattern", "'(' is not a 'regex'"),
        (
            an_object(due={"anyOf": [{}, {"minLength": -1}]}),
            ".properties.due.anyOf[1].minLength",
            "less than",
        ),
        ({"type": "object", "required": "due"}, ".required", "is not of type 'array'"),
        ({"type": "object", "required": ["a", "a"]}, ".required", "non-unique"),
        ({}, ".type", 'has to be "object"'),
        ({"type": "array"}, ".type", 'has to be "object"'),
        ({"type": ["object", "null"]}, ".type", 'has to be "object"'),
        (
            {"type": "object", "$schema": "http://json-schema.org/draft-07/schema#"},
            ".$schema",
            "draft/2020-12",
        ),
        (an_object(a={"$ref": "https://example.com/a.json"}), ".properties.a.$ref", "another document"),
        (an_object(a={"$ref": "other.json#/a"}), ".properties.a.$ref", "another document"),
        (an_object(a={"$dynamicRef": "file:///etc/passwd"}), ".properties.a.$dynamicRef", "another document"),
        (an_object(default={"$ref": "https://example.com"}), ".properties.default.$ref", "another document"),
        (an_object(a={"$ref": "#/$defs/none"}), ".properties.a.$ref", "not in the schema"),
        (an_object(a={"$id": "https://example.com/a", "$ref": "#/b"}), ".properties.a.$id", "whole schema"),
        (an_object(a={"title": "a\x00"}), ".properties.a.title", "zero byte"),
        (an_object(**{"a\x00": {}}), ".properties.a\x00", "zero byte"),
    ],
)
def test_what_is_no_schema_is_refused_with_the_place(schema: dict[str, Any], place: str, words: str) -> None:
    field, message = refused(schema)
    assert field == f"details_schema{place}"
    assert words in message
    assert message.startswith(f"`details_schema{place}` ")


def test_schema_has_bounds() -> None:
    field, message = refused({"type": "object", "title": "ї" * (LARGEST_SCHEMA // 2)})
    assert (field, "32,768 are allowed" in message) == ("details_schema", True)
    assert "deeper than 20" in refused(nested(DEEPEST + 1))[1]
    assert "deeper than 20" in refused(nested(400))[1]


def test_details_that_fit_have_no_problems() -> None:
    assert problems_of(DUE, {"due": "2026-05-01", "effort": "M", "who": {"name": "Олена"}}) == []


def test_what_does_not_fit_is_told_with_its_place() -> None:
    found = problems_of(DUE, {"due": "soon", "effort": "XL", "who": {"name": 5}, "more": 1})

    assert found == [
        "`details`: Additional properties are not allowed ('more' was unexpected)",
        "`details.due`: 'soon' is not a 'date'",
        "`details.effort`: 'XL' is not one of ['S', 'M', 'L']",
        "`details.who.name`: 5 is not of type 'string'",
    ]
    assert problems_of(DUE, {}) == ["`details`: 'due' is a required property"]
    assert problems_of(DUE, "due") == ["`details`: 'due' is not of type 'object'"]


def test_details_that_fit_none_of_several_ways_are_told_as_a_whole() -> None:
    schema = an_object(who={"anyOf": [{"properties": {"name": {"type": "string"}}}, {"type": "null"}]})

    (problem,) = problems_of(schema, {"who": {"name": 5}})
    assert problem == "`details.who`: {'name': 5} is not valid under any of the given schemas"


def test_problems_are_bounded_in_number_and_length() -> None:
    schema = an_object(steps={"type": "array", "items": {"type": "string", "maxLength": 1}})

    found = problems_of(schema, {"steps": ["x" * 5000] * 50})
    assert len(found) == MOST_PROBLEMS
    assert found[0].startswith("`details.steps[0]`: 'xxx")
    assert all(len(each) < 400 for each in found)


def test_schema_that_was_not_checked_asks_no_other_server() -> None:
    schema = an_object(a={"$ref": "https://example.com/a.json"})

    assert problems_of(schema, {"a": 1}) == [
        "`details` cannot be checked: the schema refers to https://example.com/a.json, which is not in it."
    ]


def test_schema_that_refers_to_itself_without_end_is_told() -> None:
    schema = an_object(a={"$ref": "#/properties/a"})
    check_schema(schema)

    assert problems_of(schema, {"a": 1}) == [
        "`details` cannot be checked: the schema refers to itself without end."
    ]
    assert problems_of(schema, {}) == []


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "properties", "items", "$ref", "$id", "enum", "a"]), inner, max_size=3
        )
    ),
    max_leaves=12,
)


def complaint(schema: dict[str, Any]) -> QueryError | None:
    """Why a schema is refused; None when it is not."""
    try:
        check_schema(schema)
    except QueryError as error:
        return error
    return None


@given(
    st.dictionaries(st.sampled_from(["type", "properties", "$defs", "allOf", "$ref", "$id"]), json)
    | st.dictionaries(st.text(max_size=3), json, max_size=3).map(lambda given: an_object(**given)),
    json,
)
def test_anything_is_either_refused_or_can_be_checked_by(schema: dict[str, Any], details: Any) -> None:
    refusal = complaint(schema)

    if refusal is None:
        given_all = dict.fromkeys(schema.get("properties", {}), details)
        assert all(isinstance(problem, str) for problem in problems_of(schema, given_all))
    else:
        assert refusal.code == "invalid"
        assert (refusal.body.field or "").startswith("details_schema")
