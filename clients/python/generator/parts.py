"""The module with all parts of the API, and the packages' own."""

from collections.abc import Iterable, Mapping

from clients.python.generator.naming import class_of, module_of
from clients.python.generator.resources import PACKAGE

WRITTEN_BY_HAND: Mapping[str, tuple[str, str]] = {
    "imports": ("tasktracker.uploads", "Imports"),
    "proposals": ("tasktracker.exports", "Proposals"),
}
"""Parts of which something is written by hand: where their class is, and what it is called."""

_SAID = '"""Every part of the API, by its name."""'


def parts_module(parts: Iterable[str]) -> str:
    """The text of the module with a class whose attributes are the parts."""
    names = sorted({*parts, *WRITTEN_BY_HAND})
    groups = sorted({name.partition(".")[0] for name in names if "." in name})
    imports = ["from tasktracker.transport import Transport"]
    for name in names:
        module, kind = WRITTEN_BY_HAND.get(name, (f"{PACKAGE}.{module_of(name)}", class_of(name)))
        imports.append(f"from {module} import {kind}")
    classes = [
        _class(class_of(group), f"What concerns {class_of(group)} itself.", names, f"{group}.")
        for group in groups
    ]
    top = [name for name in names if "." not in name] + groups
    whole = _class("Parts", "Every part of the API.", sorted(top), "")
    return "\n\n\n".join([f"{_SAID}\n\n" + "\n".join(imports), *classes, whole]) + "\n"


def _class(name: str, said: str, parts: Iterable[str], prefix: str) -> str:
    lines = [
        f"        self.{part.removeprefix(prefix)} = {class_of(part)}(transport)"
        for part in parts
        if part.startswith(prefix)
    ]
    head = [
        f"class {name}:",
        f'    """{said}',
        "",
        "    Args:",
        "        transport: Sends the requests.",
        '    """',
        "",
        "    def __init__(self, transport: Transport) -> None:",
    ]
    return "\n".join([*head, *lines])


def packages() -> dict[str, str]:
    """The text of the packages that hold generated modules."""
    return {
        "tasktracker.records": '"""What the API answers, a module a part; `common` is of several."""\n',
        "tasktracker.resources": '"""What the API does, a module a part of it."""\n',
    }
