"""All generated modules, in the form that the linter's formatter gives them."""

import subprocess
import sys
import tempfile
from pathlib import Path

from clients.python.generator.document import Schema
from clients.python.generator.parts import packages, parts_module
from clients.python.generator.records import modules_of_records, record_modules
from clients.python.generator.resources import parts_of, resource_modules

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ROOT / "clients" / "python" / "src"
_PACKAGES = ("tasktracker/records", "tasktracker/resources")
_PARTS = "tasktracker.resources.parts"


def generate(document: Schema) -> dict[Path, str]:
    """The text of each generated module, by its path below `SOURCES`."""
    modules = modules_of_records(document)
    texts = {
        **record_modules(document, modules),
        **resource_modules(document, modules),
        _PARTS: parts_module(parts_of(document)),
    }
    files = {Path(*name.split(".")).with_suffix(".py"): text for name, text in texts.items()}
    files |= {Path(*name.split("."), "__init__.py"): text for name, text in packages().items()}
    return _formatted(files)


def written() -> dict[Path, str]:
    """The generated modules as they stand, by their path below `SOURCES`."""
    return {
        path.relative_to(SOURCES): path.read_text(encoding="utf-8")
        for package in _PACKAGES
        for path in sorted((SOURCES / package).glob("*.py"))
    }


def write(files: dict[Path, str]) -> list[str]:
    """Bring the modules on disk up to date; returns what was done, in lines."""
    before = written()
    done = []
    for path in sorted(before.keys() - files.keys()):
        (SOURCES / path).unlink()
        done.append(f"removed {path}")
    for path, text in sorted(files.items()):
        if before.get(path) != text:
            (SOURCES / path).parent.mkdir(parents=True, exist_ok=True)
            (SOURCES / path).write_text(text, encoding="utf-8")
            done.append(f"wrote {path}")
    return done


def _formatted(files: dict[Path, str]) -> dict[Path, str]:
    """Texts with their imports sorted and their lines wrapped."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        ruff = [sys.executable, "-m", "ruff"]
        ours = ["--quiet", "--no-cache", "--config", str(ROOT / "pyproject.toml"), folder]
        subprocess.run([*ruff, "format", *ours], check=True)
        subprocess.run([*ruff, "check", "--select", "I", "--fix", *ours], check=True)
        subprocess.run([*ruff, "format", *ours], check=True)
        return {path: (Path(folder) / path).read_text(encoding="utf-8") for path in files}
