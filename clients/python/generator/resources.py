"""The modules of operations: a class a part of the API, a method an operation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clients.python.generator.document import Operation, Schema, is_nullable, not_null, operations, reference
from clients.python.generator.naming import (
    BY_HAND,
    HEADERS_LEFT_OUT,
    LEFT_OUT,
    class_of,
    method_of,
    module_of,
    part_of,
    snake,
)
from clients.python.generator.types import Imports, Types
from clients.python.generator.words import docstring, first_and_rest, sentence

PACKAGE = "tasktracker.resources"
IDEMPOTENCY_KEY = "Idempotency-Key"
_ITERATE = "iterate"
_REPEATED = "A key of your own making, so that the server does it once even if you ask again within a day."
_UNCHANGED = "The `etag` of the record that you saw: when there is a later one, PreconditionFailed is raised."
_HEADERS = {IDEMPOTENCY_KEY: _REPEATED, "If-Match": _UNCHANGED}


@dataclass(frozen=True)
class Argument:
    """An argument of a method.

    Attributes:
        name: Its name in Python.
        sent_as: Its name in the API.
        place: `path`, `query`, `header` or `body`.
        kind: Its type.
        default: Its default; None when it is required.
        said: What is said of it.
    """

    name: str
    sent_as: str
    place: str
    kind: str
    default: str | None
    said: str

    @property
    def declared(self) -> str:
        """As it stands in a signature."""
        return f"{self.name}: {self.kind}" + (f" = {self.default}" if self.default else "")


def parts_of(document: Schema) -> dict[str, list[Operation]]:
    """The operations that get a method, by part, in order."""
    parts: dict[str, list[Operation]] = {}
    for operation in operations(document):
        key = (operation.method, operation.path)
        if key not in LEFT_OUT and key not in BY_HAND:
            parts.setdefault(part_of(operation.path), []).append(operation)
    return parts


def resource_modules(document: Schema, modules: Mapping[str, str]) -> dict[str, str]:
    """The text of each module of operations, by its name.

    Raises:
        ValueError: When two operations of a part would have the same name.
    """
    tags = {tag["name"]: tag["description"] for tag in document.get("tags", [])}
    texts = {}
    for part, members in parts_of(document).items():
        names = [method_of(operation) for operation in members]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"{part} has several methods {sorted(twice)}: name them in naming.METHODS")
        module = f"{PACKAGE}.{module_of(part)}"
        said = tags.get(members[0].described["tags"][0], "").split("\n")[0] or f"{class_of(part)}."
        texts[module] = _module(part, said, members, modules)
    return texts


def _module(part: str, said: str, members: Sequence[Operation], modules: Mapping[str, str]) -> str:
    imports = Imports()
    imports.take("tasktracker.resource", "Resource")
    methods = [text for operation in members for text in _methods(operation, imports, modules)]
    summary, more = first_and_rest(said)
    head = docstring(summary, more, indent=4)
    body = "\n\n".join(methods)
    title = docstring(f"{class_of(part)} of the API, by `client.{part}`.", indent=0)
    return f"{title}\n\n{imports.lines()}\n\n\nclass {class_of(part)}(Resource):\n{head}\n\n{body}\n"


def _methods(operation: Operation, imports: Imports, modules: Mapping[str, str]) -> list[str]:
    types = Types(imports, modules, "", sent=True)
    arguments = [
        *_parameters(operation, types, "path", "query"),
        *_fields(operation, types, imports),
        *_parameters(operation, types, "header"),
    ]
    name = method_of(operation)
    texts = [_method(operation, name, arguments, imports, modules)]
    item = _item_of_pages(operation)
    if item is not None:
        read = Types(imports, modules, "", sent=False)
        texts.append(_iteration(name, arguments, read.of(item), imports))
    return texts


def _parameters(operation: Operation, types: Types, *places: str) -> list[Argument]:
    found = []
    for place in places:
        for each in operation.parameters(place):
            if each["name"] in HEADERS_LEFT_OUT:
                continue
            schema, required = each["schema"], each.get("required", False)
            kind = types.of(schema)
            if not required:
                kind = f"{kind.removesuffix(' | None')} | None"
            said = _HEADERS.get(each["name"]) or each.get("description", "")
            found.append(
                Argument(
                    name=snake(each["name"]),
                    sent_as=each["name"],
                    place=place,
                    kind=kind,
                    default=None if required else "None",
                    said=said,
                )
            )
    return found


def _fields(operation: Operation, types: Types, imports: Imports) -> list[Argument]:
    """An argument for each field of the body."""
    body = operation.body
    if body is None:
        return []
    required = [] if operation.body_may_be_absent else body.get("required", [])
    return [
        _field(name, schema, types, imports, required=name in required, change=operation.method == "PATCH")
        for name, schema in body["properties"].items()
    ]


def _field(  # noqa: PLR0913 - what one has to know of a field
    name: str, schema: Schema, types: Types, imports: Imports, *, required: bool, change: bool
) -> Argument:
    kind, default = types.of(schema), None
    if not required:
        # None can be told from "not given" only where it means something else than leaving the field out.
        means_something = change or (is_nullable(schema) and schema.get("default") is not None)
        default = imports.take("msgspec", "UNSET") if means_something else "None"
        kind = _or_unset(kind, imports) if means_something else _or_none(kind)
    said = schema.get("description", "") or not_null(schema).get("description", "")
    return Argument(snake(name), name, "body", kind, default, said)


def _or_unset(kind: str, imports: Imports) -> str:
    unset = imports.take("msgspec", "UnsetType")
    plain = kind.removesuffix(" | None")
    return f"{plain} | {unset}" + (" | None" if plain != kind else "")


def _or_none(kind: str) -> str:
    return kind if kind.endswith("| None") or kind == "Any" else f"{kind} | None"


def _signature(arguments: Sequence[Argument], answer: str, name: str) -> str:
    path = [each.declared for each in arguments if each.place == "path"]
    needed = [each for each in arguments if each.place != "path" and each.default is None]
    first = [each.declared for each in needed] if len(needed) == 1 else []
    named = [each.declared for each in arguments if each.place != "path" and each.declared not in first]
    named.sort(key=lambda declared: " = " in declared)
    every = ["self", *path, *first, *(["*", *named] if named else [])]
    return f"    def {name}({', '.join(every)}) -> {answer}:"


def _method(
    operation: Operation,
    name: str,
    arguments: Sequence[Argument],
    imports: Imports,
    modules: Mapping[str, str],
) -> str:
    schema = operation.answer
    answer = Types(imports, modules, "", sent=False).of(schema) if schema is not None else "None"
    described = operation.described
    words = {each.name: each.said for each in arguments if each.said}
    text = docstring(
        sentence(described["summary"]), described.get("description", ""), {"Args": words}, indent=8
    )
    call = [f'"{operation.method}"', _path(operation, imports), *([answer] if schema is not None else [])]
    query = [each for each in arguments if each.place == "query"]
    headers = [each for each in arguments if each.place == "header"]
    if query:
        call.append(f"query={{{_items(query)}}}")
    if operation.body is not None:
        call.append(f"body={_body(operation, arguments, imports)}")
    if headers:
        call.append(f"headers={{{_items(headers)}}}")
    if any(each.sent_as == IDEMPOTENCY_KEY for each in headers):
        call.append("once=True")
    if operation.also:
        call.append(f"also=({', '.join(map(str, operation.also))},)")
    verb = "return self._ask" if schema is not None else "self._tell"
    if operation.is_file:
        answer, verb, call = "bytes", "return self._bytes", call[1:]
    return f"{_signature(arguments, answer, name)}\n{text}\n        {verb}({', '.join(call)})"


def _body(operation: Operation, arguments: Sequence[Argument], imports: Imports) -> str:
    fields = [each for each in arguments if each.place == "body"]
    by_unset = any(each.default == "UNSET" for each in fields)
    if by_unset and any(each.default == "None" for each in fields):
        raise ValueError(
            f"{operation.method} {operation.path} mixes fields that are UNSET with some that are None"
        )
    chosen = imports.take("tasktracker.resource", "changed" if by_unset else "given")
    return f"{chosen}({{{_items(fields)}}})" + (" or None" if operation.body_may_be_absent else "")


def _items(arguments: Sequence[Argument]) -> str:
    return ", ".join(f'"{each.sent_as}": {each.name}' for each in arguments)


def _path(operation: Operation, imports: Imports) -> str:
    written = operation.path
    for each in operation.parameters("path"):
        name = snake(each["name"])
        plain = each["schema"].get("type") == "integer"
        value = name if plain else f"{imports.take('tasktracker.resource', 'segment')}({name})"
        written = written.replace(f"{{{each['name']}}}", f"{{{value}}}")
    return f'f"{written}"' if "{" in written else f'"{written}"'


def _item_of_pages(operation: Operation) -> Schema | None:
    """The schema of what a list has page after page; None when the operation is no such list."""
    if (
        not any(each["name"] == "cursor" for each in operation.parameters("query"))
        or operation.answer is None
    ):
        return None
    page = operation.document["components"]["schemas"][reference(operation.answer) or ""]
    found: Schema = page["properties"]["items"]["items"]
    return found


def _iteration(name: str, arguments: Sequence[Argument], item: str, imports: Imports) -> str:
    iterator = imports.take("collections.abc", "Iterator")
    every = imports.take("tasktracker.resource", "every")
    own = [each for each in arguments if each.sent_as != "cursor"]
    called = "self" if name == "__call__" else f"self.{name}"
    passed = ", ".join(
        [each.name for each in own if each.place == "path"]
        + [f"{each.name}={each.name}" for each in own if each.place != "path"]
    )
    comma = ", " if passed else ""
    iteration = _ITERATE if name in {"list", "__call__"} else f"{_ITERATE}_{name}"
    what = "the search" if name == "__call__" else f"`{name}`"
    text = docstring(
        f"All items of {what}, page after page, each page asked for when it is needed.", indent=8
    )
    return (
        f"{_signature(own, f'{iterator}[{item}]', iteration)}\n{text}\n"
        f"        return {every}(lambda cursor: {called}({passed}{comma}cursor=cursor))"
    )
