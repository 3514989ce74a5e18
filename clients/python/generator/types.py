"""The Python type of a schema: exact in what is sent, open to newer servers in what is answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from clients.python.generator.document import Schema, is_nullable, not_null, reference

_PLAIN = {"integer": "int", "number": "float", "boolean": "bool", "string": "str"}


@dataclass
class Imports:
    """What a module has to import, gathered while its text is made."""

    names: dict[str, set[str]] = field(default_factory=dict)

    def take(self, module: str, name: str) -> str:
        """Import a name, and return it."""
        self.names.setdefault(module, set()).add(name)
        return name

    def lines(self) -> str:
        """The import statements."""
        return "\n".join(
            f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(self.names.items())
        )


@dataclass(frozen=True)
class Types:
    """Writes types for one module.

    Attributes:
        imports: Where what they need is noted.
        modules: Which module each record is in.
        own: The module that is written.
        sent: Whether the values are sent, and not read.
    """

    imports: Imports
    modules: Mapping[str, str]
    own: str
    sent: bool

    def of(self, schema: Schema) -> str:
        """The type of a schema, `| None` included where null is a value."""
        written = self._of(not_null(schema))
        return f"{written} | None" if is_nullable(schema) and written != "Any" else written

    def _of(self, schema: Schema) -> str:
        name = reference(schema)
        if name:
            return name if self.modules[name] == self.own else self.imports.take(self.modules[name], name)
        if "enum" in schema and self.sent:
            values = ", ".join(f'"{value}"' for value in schema["enum"] if value is not None)
            return f"{self.imports.take('typing', 'Literal')}[{values}]"
        kinds = schema.get("type")
        kind = next(each for each in kinds if each != "null") if isinstance(kinds, list) else kinds
        if kind == "array":
            return self._array(schema)
        if kind == "object":
            inner = self.of(schema.get("additionalProperties") or {})
            mapping = self.imports.take("collections.abc", "Mapping") if self.sent else "dict"
            return f"{mapping}[str, {inner}]"
        if kind == "string" and schema.get("format") in {"uuid", "date-time"}:
            return self._special(schema["format"])
        return _PLAIN[kind] if kind else self.imports.take("typing", "Any")

    def _array(self, schema: Schema) -> str:
        if "prefixItems" in schema:
            return f"tuple[{', '.join(map(self.of, schema['prefixItems']))}]"
        inner = self.of(schema.get("items") or {})
        if "prefixItems" in (schema.get("items") or {}):
            inner = self._array(schema["items"])
        sequence = self.imports.take("collections.abc", "Sequence") if self.sent else "list"
        return f"{sequence}[{inner}]"

    def _special(self, form: str) -> str:
        if form == "date-time":
            return self.imports.take("datetime", "datetime")
        uuid = self.imports.take("uuid", "UUID")
        return f"{uuid} | str" if self.sent else uuid
