"""The words of records in the OpenAPI document: what their docstrings say of them and of each field."""

import inspect
import re
from typing import Any

from litestar._openapi.schema_generation.plugins.struct import StructSchemaPlugin
from litestar.openapi.spec import Reference, Schema
from litestar.typing import FieldDefinition
from msgspec import Struct
from msgspec.inspect import Field, StructType, type_info

from services.gateway.body_examples import example_of
from services.gateway.bounds import inner_bounds, whole_bounds

_SECTION = re.compile(r"^(Attributes|Args|Raises|Returns):\s*$", re.MULTILINE)
_FIELD = re.compile(r"^ {4}(\w+): (.*(?:\n {6,}\S.*)*)", re.MULTILINE)
_MARK_UP = re.compile(r"\s*\n\s*")


class DescribedStructs(StructSchemaPlugin):
    """Describes Structs as Litestar does, with the words of their docstrings."""

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        """The schema of a Struct, with a description of it and of those of its fields that have one."""
        schema = super().to_openapi_schema(field_definition, schema_creator)
        struct: type[Struct] = field_definition.type_
        schema.description = schema.description or summary_of(struct)
        if struct.__struct_config__.forbid_unknown_fields:
            # A body: what is not known in it is refused.
            schema.additional_properties = False
            schema.examples = schema.examples or [example_of(struct)]
        words = words_of_fields(struct)
        types = {field.encode_name: field.type for field in struct_fields(struct)}
        for name, field in (schema.properties or {}).items():
            if isinstance(field, Schema | Reference) and field.description is None:
                field.description = words.get(name)
            if name in types:
                inner_bounds(field, types[name])
            whole_bounds(field)
        return schema


def struct_fields(struct: type[Struct]) -> tuple[Field, ...]:
    """The fields of a Struct as msgspec checks them."""
    found = type_info(struct)
    return found.fields if isinstance(found, StructType) else ()


def summary_of(struct: type[Struct]) -> str | None:
    """What the docstring of a Struct says before its sections; None without a docstring of its own."""
    own = struct.__dict__.get("__doc__")
    if not own:
        return None
    text = inspect.cleandoc(own)
    section = _SECTION.search(text)
    return text[: section.start() if section else None].strip() or None


def words_of_fields(struct: type[Struct]) -> dict[str, str]:
    """What the section `Attributes` says of each field, those that were inherited included."""
    words: dict[str, str] = {}
    for ancestor in reversed(struct.__mro__):
        text = inspect.cleandoc(ancestor.__dict__.get("__doc__") or "")
        _, _, attributes = text.partition("Attributes:\n")
        for name, said in _FIELD.findall(attributes):
            words[name] = _MARK_UP.sub(" ", said).strip()
    return words
