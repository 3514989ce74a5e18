"""The OpenAPI document, as the gateway makes it, and what the client has to know of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec

from services.gateway.app import create_app
from services.gateway.settings import GatewaySettings

Schema = Mapping[str, Any]

_PREFIX = "#/components/schemas/"
_JSON = "application/json"
_METHODS = ("get", "post", "put", "patch", "delete")


def read_document() -> dict[str, Any]:
    """The document, as plain JSON."""
    document = create_app(GatewaySettings()).openapi_schema.to_schema()
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    return plain


@dataclass(frozen=True)
class Operation:
    """One operation of the document.

    Attributes:
        method: In capitals.
        path: With its parameters in braces.
        described: The operation object.
        document: All of the document.
    """

    method: str
    path: str
    described: Schema
    document: Schema

    def parameters(self, place: str) -> list[Schema]:
        """Its parameters in the path, the query or the headers."""
        return [each for each in self.described.get("parameters", []) if each["in"] == place]

    @property
    def body(self) -> Schema | None:
        """The schema of its JSON body, null left out; None when it has none."""
        content = self.described.get("requestBody", {}).get("content", {})
        schema = content.get(_JSON, {}).get("schema")
        return None if schema is None else resolve(self.document, not_null(schema))

    @property
    def body_may_be_absent(self) -> bool:
        """Whether it may be sent without a body."""
        schema = self.described["requestBody"]["content"][_JSON]["schema"]
        return any(each.get("type") == "null" for each in schema.get("oneOf", []))

    @property
    def answers(self) -> dict[int, Mapping[str, Schema]]:
        """Its good answers: status -> media type -> schema. Without a body the inner mapping is empty."""
        return {
            int(status): {
                media: each["schema"] for media, each in answer.get("content", {}).items() if _is_a_body(each)
            }
            for status, answer in self.described["responses"].items()
            if int(status) < HTTPStatus.MULTIPLE_CHOICES
        }

    @property
    def is_file(self) -> bool:
        """Whether it is answered with a file, which is no JSON."""
        media = {each for answer in self.answers.values() for each in answer}
        return bool(media) and _JSON not in media

    @property
    def answer(self) -> Schema | None:
        """The schema of its good answers in JSON; None when there is no body, or it is a file.

        Raises:
            ValueError: When they differ, or are no JSON.
        """
        if self.is_file:
            return None
        found = {
            msgspec.json.encode(schema.get(_JSON, {})): schema for schema in self.answers.values() if schema
        }
        if len(found) > 1 or any(list(schema) != [_JSON] for schema in found.values()):
            raise ValueError(
                f"{self.method} {self.path} answers in more than one way: name it in naming.BY_HAND"
            )
        return next((schema[_JSON] for schema in found.values()), None)

    @property
    def is_tagged(self) -> bool:
        """Whether its good answers have an ETag, by which a late change is refused."""
        return any(
            "ETag" in answer.get("headers", {})
            for status, answer in self.described["responses"].items()
            if int(status) < HTTPStatus.MULTIPLE_CHOICES
        )

    @property
    def also(self) -> list[int]:
        """Statuses of failure that are answered with the same record as success, as those of health are."""
        return [
            int(status)
            for status, answer in self.described["responses"].items()
            if int(status) >= HTTPStatus.BAD_REQUEST
            and self.answer is not None
            and answer.get("content", {}).get(_JSON, {}).get("schema") == self.answer
        ]


def operations(document: Schema) -> list[Operation]:
    """All operations, by path; one handler of several paths has them in no order."""
    return [
        Operation(method.upper(), path, item[method], document)
        for path, item in sorted(document["paths"].items())
        for method in _METHODS
        if method in item
    ]


def reference(schema: Schema) -> str | None:
    """The name of the record that a schema refers to; None when it describes something itself."""
    found: str | None = schema.get("$ref")
    return found.removeprefix(_PREFIX) if found else None


def resolve(document: Schema, schema: Schema) -> Schema:
    """The schema itself, behind a reference."""
    name = reference(schema)
    found: Schema = document["components"]["schemas"][name] if name else schema
    return found


def _is_a_body(content: Schema) -> bool:
    """Whether there is something to read; of an answer without a body some say that it is null."""
    return bool(content.get("schema", {}).get("type") != "null")


def not_null(schema: Schema) -> Schema:
    """The schema of a value that is there.

    Raises:
        ValueError: When it may be of several types: the client has none of those so far.
    """
    if "oneOf" not in schema:
        return schema
    kinds = [each for each in schema["oneOf"] if each.get("type") != "null"]
    # A time may also be sent as a number of seconds: one way is enough.
    kinds = [each for each in kinds if each.get("format") == "date-time"] or kinds
    if len(kinds) != 1:
        raise ValueError(f"A value of several types: {schema}")
    described = {name: value for name, value in schema.items() if name != "oneOf"}
    return {**kinds[0], **described}


def is_nullable(schema: Schema) -> bool:
    """Whether null is a value of it."""
    kinds = schema.get("type")
    return (isinstance(kinds, list) and "null" in kinds) or any(
        each.get("type") == "null" for each in schema.get("oneOf", [])
    )


def references(document: Schema, schema: Schema) -> Iterator[str]:
    """The names of all records that a schema reaches."""
    waiting, seen = [schema], set[str]()
    while waiting:
        node = waiting.pop()
        name = reference(node)
        if name and name not in seen:
            seen.add(name)
            yield name
            waiting.append(document["components"]["schemas"][name])
        for value in node.values():
            parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
            waiting.extend(part for part in parts if isinstance(part, dict))
            if isinstance(value, dict):
                waiting.append(value)
