"""What the code of a service says to others, read from its source: whatever it reaches, of `shared` as well.

Reached is what any module of the service names; of `shared` only those functions, classes and constants that
it names, and what these name in turn. A contract that is constructed there is said; one that is only named is
heard.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CONTRACTS = "shared.contracts"
_CALL_LATER = {"partial", "Periodic"}


@dataclass(frozen=True)
class Module:
    """One module, as far as it matters here.

    Attributes:
        name: Its dotted name.
        imports: What each imported name stands for: a module, or a module's own name.
        definitions: The code behind each name of its own.
        code: All of it.
    """

    name: str
    imports: dict[str, tuple[str, str | None]]
    definitions: dict[str, ast.AST]
    code: ast.Module


@dataclass
class Said:
    """Names of contracts, by where they were met.

    Attributes:
        by_service: Constructed in the service's own code.
        by_shared: Constructed in shared code that it reaches.
        named: Named, but neither constructed nor an annotation, a decorator's or an exception's.
        reached: Every name of `shared` that is reached, as `module.name`.
    """

    by_service: set[str] = field(default_factory=set)
    by_shared: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    reached: set[str] = field(default_factory=set)


def said_by(service: str) -> Said:
    """What a service says and hears, and what it reaches."""
    said = Said()
    for path in sorted((ROOT / "services" / service).rglob("*.py")):
        module = _module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        _read(module, module.code, said, said.by_service)
    return said


def _read(module: Module, code: ast.AST, said: Said, constructed: set[str]) -> None:
    for name, is_called in _names(code):
        target = module.imports.get(name.partition(".")[0])
        if target is None:
            if module.name.startswith("shared.") and name in module.definitions:
                _reach(module.name, name, said)
            continue
        where, what = target
        what = what or name.partition(".")[2].partition(".")[0]
        if where.startswith(CONTRACTS):
            (constructed if is_called else said.named).add(what)
        elif where.startswith("shared"):
            _reach(where, what, said)


def _reach(module_name: str, name: str, said: Said) -> None:
    key = f"{module_name}.{name}"
    if key in said.reached:
        return
    said.reached.add(key)
    module = _module(module_name)
    if name in module.definitions:
        _read(module, module.definitions[name], said, said.by_shared)
    elif name in module.imports:  # told on, as a package's `__init__` does
        where, what = module.imports[name]
        if what is not None and where.startswith("shared"):
            _reach(where, what, said)


def _names(code: ast.AST) -> Iterator[tuple[str, bool]]:
    """Names and dotted names, with whether they are called, or handed to what calls them later.

    Annotations and decorators are left out: what they name is neither said nor heard.
    """
    left: list[tuple[ast.AST, bool]] = [(code, False)]
    while left:
        node, is_called = left.pop()
        if isinstance(node, ast.Name):
            yield node.id, is_called
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}", is_called
            yield node.value.id, False
        elif isinstance(node, ast.Call):
            later = isinstance(node.func, ast.Name) and node.func.id in _CALL_LATER
            left.append((node.func, True))
            left += [(argument, later) for argument in node.args]
            left += [(keyword.value, False) for keyword in node.keywords]
        else:
            told = [getattr(node, field, None) for field in ("annotation", "returns")]
            told += getattr(node, "decorator_list", [])
            left += [(child, False) for child in ast.iter_child_nodes(node) if child not in told]


@cache
def _module(name: str) -> Module:
    path = ROOT.joinpath(*name.split("."))
    file = path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py"
    tree = ast.parse(file.read_text())
    imports: dict[str, tuple[str, str | None]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("shared"):
            for alias in node.names:
                within = f"{node.module}.{alias.name}"
                is_module = _is_module(within)
                target = (within, None) if is_module else (node.module, alias.name)
                imports[alias.asname or alias.name] = target
    definitions: dict[str, ast.AST] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            definitions[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target_node in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target_node, ast.Name):
                    definitions[target_node.id] = node
    return Module(name, imports, definitions, tree)


@cache
def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()
