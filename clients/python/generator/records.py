"""The modules of records: those that one part alone answers are with it, the others in `common`."""

from collections.abc import Mapping

from clients.python.generator.document import (
    Operation,
    Schema,
    is_nullable,
    not_null,
    operations,
    reference,
    references,
)
from clients.python.generator.naming import BY_HAND, LEFT_OUT, module_of, part_of, snake
from clients.python.generator.types import Imports, Types
from clients.python.generator.words import docstring, first_and_rest, with_choices

PACKAGE = "tasktracker.records"
_COMMON = f"{PACKAGE}.common"


def modules_of_records(document: Schema) -> dict[str, str]:
    """Which module each record is in, by its name."""
    users: dict[str, set[str]] = {}
    for operation in operations(document):
        if (operation.method, operation.path) in LEFT_OUT:
            continue
        for name in _records_of(operation):
            users.setdefault(name, set()).add(module_of(part_of(operation.path)))
    return {
        name: f"{PACKAGE}.{next(iter(parts))}" if len(parts) == 1 else _COMMON
        for name, parts in users.items()
    }


def _records_of(operation: Operation) -> set[str]:
    """The records that an operation answers, and those inside the bodies that it takes."""
    document = operation.document
    if (operation.method, operation.path) in BY_HAND:
        schemas = [schema for answer in operation.answers.values() for schema in answer.values()]
    else:
        schemas = [operation.answer] if operation.answer else []
    found = {name for schema in schemas for name in references(document, schema)}
    if operation.body is not None:
        found.update(references(document, operation.body))
    return found


def record_modules(document: Schema, modules: Mapping[str, str]) -> dict[str, str]:
    """The text of each module of records, by its name."""
    tagged = {reference(each.answer) for each in operations(document) if each.is_tagged and each.answer}
    texts = {}
    for module in sorted(set(modules.values())):
        imports = Imports()
        own = {name for name, place in modules.items() if place == module}
        types = Types(imports, modules, module, sent=False)
        bases = {
            name: imports.take("tasktracker.record", "TaggedRecord" if name in tagged else "Record")
            for name in own
        }
        records = [_record(document, name, bases[name], types) for name in _ordered(document, own)]
        said = (
            "several parts of the API" if module == _COMMON else module.rpartition(".")[2].replace("_", " ")
        )
        texts[module] = "\n\n\n".join([f'"""Records of {said}."""\n\n{imports.lines()}', *records]) + "\n"
    return texts


def _ordered(document: Schema, names: set[str]) -> list[str]:
    """Names, each after those that it refers to, else by the alphabet."""
    done: list[str] = []

    def place(name: str) -> None:
        if name in done or name not in names:
            return
        for other in sorted(set(references(document, document["components"]["schemas"][name])) - {name}):
            place(other)
        if name not in done:
            done.append(name)

    for name in sorted(names):
        place(name)
    return done


def _record(document: Schema, name: str, base: str, types: Types) -> str:
    schema = document["components"]["schemas"][name]
    properties: Mapping[str, Schema] = schema.get("properties", {})
    words = {
        snake(field): said
        for field, each in properties.items()
        if (said := with_choices(not_null(each), each.get("description", "")))
    }
    summary, more = first_and_rest(schema["description"])
    # What may be null may as well be left out: a server that does so is understood.
    required = schema.get("required", [])
    fields = [
        _field(document, field, each, types, required=field in required and not is_nullable(each))
        for field, each in properties.items()
    ]
    text = docstring(summary, more, {"Attributes": words}, indent=4)
    return "\n".join([f"class {name}({base}, frozen=True, kw_only=True):", text, "", *fields])


def _field(document: Schema, name: str, schema: Schema, types: Types, *, required: bool) -> str:
    kind = types.of(schema)
    python = snake(name)
    default = None if required else _default(document, schema, types)
    if default == "None" and not kind.endswith("| None") and kind != "Any":
        kind = f"{kind} | None"
    if python == name:
        return f"    {python}: {kind}" + (f" = {default}" if default else "")
    arguments = [f'name="{name}"', *([f"default={default}"] if default else [])]
    return f"    {python}: {kind} = {types.imports.take('msgspec', 'field')}({', '.join(arguments)})"


def _default(document: Schema, schema: Schema, types: Types) -> str:
    """What stands for a field that is absent."""
    value = not_null(schema)
    other = reference(value)
    if is_nullable(schema):
        return "None"
    if other and not document["components"]["schemas"][other].get("required"):
        return f"{types.imports.take('msgspec', 'field')}(default_factory={other})"
    if "default" in value and not isinstance(value["default"], dict | list):
        return repr(value["default"])
    factory = {"array": "list", "object": "dict"}.get(str(value.get("type")))
    return f"{types.imports.take('msgspec', 'field')}(default_factory={factory})" if factory else "None"
