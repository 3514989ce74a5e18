"""The manifests as `kubectl kustomize` renders them."""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).resolve().parent
OVERLAYS: Final = ("dev", "production")

Manifest = dict[str, Any]


class RenderError(RuntimeError):
    """kustomize refused the manifests; says what it said."""


def render(folder: Path) -> list[Manifest]:
    """The objects of a kustomization.

    Raises:
        RenderError: kubectl is not installed, or kustomize refuses.
    """
    kubectl = shutil.which("kubectl", path=str(Path(sys.executable).parent)) or shutil.which("kubectl")
    if kubectl is None:
        raise RenderError("kubectl is not installed: `deploy/local/venv.sh dev` installs it.")
    done = subprocess.run([kubectl, "kustomize", str(folder)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RenderError(f"{folder}: {done.stderr.strip()}")
    return [document for document in yaml.load_all(done.stdout, Loader=yaml.CSafeLoader) if document]


@cache
def overlay(name: str) -> tuple[Manifest, ...]:
    """The objects of an overlay, rendered once a process; not to be changed."""
    return tuple(render(ROOT / "overlays" / name))
