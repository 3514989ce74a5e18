"""JSON schemas of answers, in the strict form of OpenAI's `response_format`.

Strict mode knows objects with every property required and none beside, arrays, enumerations, `anyOf` and
plain types. Constraints are refused by some models and servers, so they are not sent as keywords but said in
the descriptions, and enforced on decoding.
(https://platform.openai.com/docs/guides/structured-outputs#supported-schemas)
"""

import inspect
import re
from functools import cache
from typing import Any

import msgspec

JsonSchema = dict[str, Any]

_SAID = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "matching {}",
    "format": "{}",
}
_SHAPES = {"type", "enum", "const", "anyOf", "items", "properties"}
_DROPPED = {"title", "default", "discriminator", "description", "required", "additionalProperties", "$defs"}
_ATTRIBUTE = re.compile(r"^(\w+): ", re.MULTILINE)


@cache
def strict_schema(answer: type[msgspec.Struct]) -> JsonSchema:
    """The schema of an answer, without references. What is returned is shared: it is not to be changed.

    Raises:
        TypeError: When the Struct has what strict mode cannot express: recursion, dictionaries, tuples, Any.
    """
    made = msgspec.json.schema(answer)
    schema = _strict(made, made.get("$defs", {}), ())
    if schema.get("type") != "object":
        raise TypeError(f"{answer.__name__}: an answer has to be one object.")
    return schema


def _strict(schema: JsonSchema, defs: JsonSchema, within: tuple[str, ...]) -> JsonSchema:
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        if name in within:
            raise TypeError(f"{name} contains itself: such an answer cannot be asked for.")
        return _strict(defs[name], defs, (*within, name))
    made = _shape(schema, defs, within)
    unknown = set(schema) - _SHAPES - _DROPPED - set(_SAID)
    if unknown or not made:
        what = ", ".join(sorted(unknown)) or "a field of any content"
        raise TypeError(f"{'.'.join(within)}: {what} cannot be asked for in strict form.")
    return made | _described(_summary(schema.get("description", "")), schema)


def _shape(schema: JsonSchema, defs: JsonSchema, within: tuple[str, ...]) -> JsonSchema:
    """The part of a schema that says what a value is; empty when it does not say enough."""
    kind = schema.get("type")
    if "anyOf" in schema:
        return {"anyOf": [_strict(each, defs, within) for each in schema["anyOf"]]}
    if "enum" in schema or "const" in schema:
        return _enumeration(schema.get("enum") or [schema["const"]])
    if kind == "object":
        return {"type": kind, **_object(schema, defs, within)} if "properties" in schema else {}
    if kind == "array":
        items = schema.get("items")
        return {"type": kind, "items": _strict(items, defs, within)} if items else {}
    return {"type": kind} if kind else {}


def _enumeration(values: list[Any]) -> JsonSchema:
    return {"type": "string" if isinstance(values[0], str) else "integer", "enum": values}


def _object(schema: JsonSchema, defs: JsonSchema, within: tuple[str, ...]) -> JsonSchema:
    meanings = _attributes(schema.get("description", ""))
    properties: JsonSchema = {}
    for name, value in schema["properties"].items():
        inner = _strict(value, defs, within)
        meaning = " ".join(part for part in (meanings.get(name), inner.pop("description", None)) if part)
        properties[name] = inner | ({"description": meaning} if meaning else {})
    return {"properties": properties, "required": list(properties), "additionalProperties": False}


def _described(text: str, schema: JsonSchema) -> JsonSchema:
    bounds = ", ".join(_say(keyword, schema[keyword]) for keyword in _SAID if keyword in schema)
    sentences = [text, f"{bounds[0].upper()}{bounds[1:]}." if bounds else ""]
    description = " ".join(sentence for sentence in sentences if sentence)
    return {"description": description} if description else {}


def _say(keyword: str, value: Any) -> str:
    if value == 1 and keyword in ("minLength", "minItems"):
        return "not empty"
    return _SAID[keyword].format(value)


def _summary(docstring: str) -> str:
    return " ".join(inspect.cleandoc(docstring).partition("\nAttributes:")[0].split())


def _attributes(docstring: str) -> dict[str, str]:
    """What a docstring's `Attributes:` says of each field."""
    section = inspect.cleandoc(inspect.cleandoc(docstring).partition("\nAttributes:\n")[2])
    parts = _ATTRIBUTE.split(section)[1:]
    return {name: " ".join(text.split()) for name, text in zip(parts[::2], parts[1::2], strict=True)}
