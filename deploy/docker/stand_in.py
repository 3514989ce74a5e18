"""A base image made of Debian's packages, where no registry of images can be reached.

It has what the recipe asks of its base, a Debian with Python and venv: the same recipe is built on it.
"""

import os
import subprocess
import tempfile
from pathlib import Path

from deploy.docker.engine import Engine, EngineError, sandboxed_engine

SUITE = "bookworm"
_PACKAGES = "usr-is-merged,python3,python3-venv,ca-certificates"
_HOOK = "/usr/share/mmdebstrap/hooks/merged-usr"
# As the public slim images leave it out.
_LEFT_OUT = ("doc", "man", "locale", "info")
NAME = f"localhost/task-tracker-stand-in:{SUITE}"


def cache_folder() -> Path:
    """Where images and the base are kept: `TASK_TRACKER_IMAGES`, or a folder of the user's cache."""
    given = os.environ.get("TASK_TRACKER_IMAGES")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(given) if given else cache / "task-tracker" / "images"


def stand_in_engine(folder: Path) -> Engine:
    """An engine of its own, with the base in it, made now unless it is there.

    Raises:
        EngineError: The base cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    engine = sandboxed_engine(folder)
    # What later builds have replaced, unless it was made lately: that is their cache.
    engine.ask("image", "prune", "--force", "--filter", "until=24h")
    if NAME not in engine.ask("images", "--format", "{{.Repository}}:{{.Tag}}").split():
        _make(engine)
    return Engine(engine.command, (*engine.build, "--build-arg", f"BASE={NAME}"), engine.run)


def _make(engine: Engine) -> None:
    with tempfile.TemporaryDirectory() as folder:
        archive = str(Path(folder) / "base.tar")
        excluded = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in _LEFT_OUT]
        command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--hook-dir={_HOOK}"]
        command += [*excluded, f"--include={_PACKAGES}", SUITE, archive]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise EngineError(f"mmdebstrap could not make the base:\n{done.stderr[-2000:]}")
        engine.ask("import", archive, NAME)
