"""Heartbeats: how the service plane knows that the worker processes of its container take work.

Each worker process touches a file of its own from within its event loop, once a second. All processes of one
container have the same parent, whose pid names the folder.
"""

import os
import tempfile
import time
from pathlib import Path

BEAT_EVERY = 1.0
STALE_AFTER = 15.0


def heartbeat_folder(service: str, runtime_dir: str | None) -> Path:
    """The folder of this container's heartbeats; `TT_RUNTIME_DIR` or the temporary folder holds it."""
    base = Path(runtime_dir or tempfile.gettempdir())
    return base / f"task-tracker-{os.getuid()}-{service}-{os.getppid()}"


def beat(folder: Path) -> None:
    """Say that this process is alive."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / str(os.getpid())).touch()


def forget(folder: Path) -> None:
    """Say that this process ends in good order; the last one removes the folder."""
    (folder / str(os.getpid())).unlink(missing_ok=True)
    try:
        folder.rmdir()
    except OSError:
        return


def forget_earlier(folder: Path) -> None:
    """Remove what a container left that was killed, when this one's parent has the same pid as its had.

    To be called as the container begins: who is silent by then has never been one of its workers.
    """
    for pid, age in ages(folder).items():
        if age > STALE_AFTER:
            (folder / str(pid)).unlink(missing_ok=True)


def ages(folder: Path) -> dict[int, float]:
    """Seconds since each worker process was last heard of, by its pid."""
    now = time.time()
    found: dict[int, float] = {}
    for file in folder.iterdir() if folder.is_dir() else ():
        try:
            found[int(file.name)] = now - file.stat().st_mtime
        except (ValueError, FileNotFoundError):
            continue
    return found
