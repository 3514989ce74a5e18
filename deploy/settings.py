"""The page of all settings, docs/settings.md, made from the services' Structs and what passes them on."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from msgspec import inspect as types

from deploy.kubernetes.rendered import Manifest, overlay
from deploy.local.house import PASSED_ON, PASSED_TO_GATEWAY, PASSED_TO_INGESTION
from deploy.topology.services import SERVICES
from shared.service.settings import PREFIX, ServiceSettings

_LOCALLY: Final = {*PASSED_ON, *PASSED_TO_GATEWAY, *PASSED_TO_INGESTION}
_ATTRIBUTE: Final = re.compile(r"^    (\w+): ", re.MULTILINE)
_HEAD: Final = """\
# Settings

Every setting of every service, as its code has it. Written by `make manifests`; a test says when it is out of
date.

A setting is a variable of the environment, read once at the start; an empty value counts as absent. One with
the prefix `TT_` that the service does not know ends the start with an error that names the nearest, and so
does a value that does not fit.

*Of*: the services that know it. *Unless set*: what it is then. *Passed on by*: `make run` where a local run
takes it from your environment ([local.md](local.md) has what else it settles), and, of the production overlay
in `deploy/kubernetes`, the ConfigMap or Secret that holds it. Set others by an entry of `settings` (every
service) or `<service>-settings` in an overlay of your own: [cluster.md](cluster.md).

| variable | of | what | unless set | meaning | passed on by |
|---|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of one service, or of several that share it.

    Attributes:
        name: Of the field.
        owner: The Struct that declares it.
        meaning: As its docstring says it.
        field: Its type and default.
    """

    name: str
    owner: type
    meaning: str
    field: types.Field

    @property
    def variable(self) -> str:
        """The variable of the environment."""
        return f"{PREFIX}{self.name.upper()}"


def settings_of(service: str) -> type[ServiceSettings]:
    """The Struct of a service's settings."""
    module = import_module(f"services.{service}.settings")
    return next(
        kind
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, ServiceSettings) and kind.__module__ == module.__name__
    )


def declared(kind: type[ServiceSettings]) -> Iterator[Setting]:
    """The settings of a Struct, those that it inherits first.

    Raises:
        ValueError: When one has no line under `Attributes:`.
    """
    info = types.type_info(kind)
    assert isinstance(info, types.StructType)  # noqa: S101 - that is what it is
    fields = {field.name: field for field in info.fields}
    for owner in reversed(kind.__mro__):
        if not issubclass(owner, ServiceSettings):
            continue
        meanings = _meanings(owner)
        for name in [name for name in owner.__annotations__ if name in fields]:
            if name not in meanings:
                raise ValueError(f"{owner.__name__}: say under Attributes what {name} means")
            yield Setting(name, owner, meanings[name], fields[name])


def settings_page() -> str:
    """The whole page."""
    known: dict[tuple[str, type], tuple[Setting, list[str]]] = {}
    for service in SERVICES:
        for setting in declared(settings_of(service.name)):
            known.setdefault((setting.name, setting.owner), (setting, []))[1].append(service.name)
    passed = _passed_on(overlay("production"))
    rows = [_row(setting, services, passed) for setting, services in known.values()]
    return _HEAD + "".join(sorted(rows, key=lambda row: (" | all | " not in row, row)))


def _meanings(owner: type) -> dict[str, str]:
    _, _, attributes = inspect.cleandoc(owner.__doc__ or "").partition("Attributes:\n")
    parts = _ATTRIBUTE.split(attributes)[1:]
    return {name: " ".join(text.split()) for name, text in zip(parts[::2], parts[1::2], strict=True)}


def _row(setting: Setting, services: list[str], passed: dict[tuple[str, str], str]) -> str:
    whose = "all" if len(services) == len(SERVICES) else ", ".join(services)
    by = ["`make run`"] if setting.variable in _LOCALLY else []
    by += sorted(
        {passed[service, setting.variable] for service in services if (service, setting.variable) in passed}
    )
    cells = [
        f"`{setting.variable}`",
        whose,
        _kind(setting.field.type),
        _default(setting.field.default),
        setting.meaning.replace("|", "\\|"),
        ", ".join(by) or "–",
    ]
    return f"| {' | '.join(cells)} |\n"


def _default(value: Any) -> str:
    if value is None:
        return "absent"
    return "empty" if value == "" else f"`{value}`"


def _kind(kind: types.Type) -> str:
    match kind:
        case types.UnionType(types=several):
            return " or ".join(_kind(one) for one in several if not isinstance(one, types.NoneType))
        case types.LiteralType(values=values):
            return ", ".join(f"`{value}`" for value in values)
        case types.IntType() | types.FloatType():
            noun = "whole number" if isinstance(kind, types.IntType) else "number"
            return noun + _limits(kind)
        case _:
            return "text"


def _limits(kind: types.IntType | types.FloatType) -> str:
    words = (("from", kind.ge), ("above", kind.gt), ("to", kind.le), ("below", kind.lt))
    said = [f"{word} {limit:,}" for word, limit in words if limit is not None]
    return f" {' '.join(said)}" if said else ""


def _passed_on(manifests: tuple[Manifest, ...]) -> dict[tuple[str, str], str]:
    """By service and variable, what of the overlay holds it."""
    maps = {m["metadata"]["name"]: m["data"] for m in manifests if m["kind"] == "ConfigMap"}
    found: dict[tuple[str, str], str] = {}
    for manifest in manifests:
        if manifest["kind"] != "Deployment" or manifest["metadata"]["name"] not in {s.name for s in SERVICES}:
            continue
        service = manifest["metadata"]["name"]
        container = manifest["spec"]["template"]["spec"]["containers"][0]
        for reference in container["envFrom"]:
            name = reference["configMapRef"]["name"]
            # Without the hash of its contents.
            label = f"`{name.rpartition('-')[0]}`"
            found |= {(service, variable): label for variable in maps[name]}
        for entry in container["env"]:
            source = entry.get("valueFrom", {}).get("secretKeyRef")
            found[service, entry["name"]] = f"Secret `{source['name']}`" if source else "its Deployment"
    return found
