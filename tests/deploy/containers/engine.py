"""Podman with images of its own, and the images, built once for all processes that the tests run in."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pytest

from deploy.docker.engine import Engine, missing_programs
from deploy.docker.images import Image, build
from deploy.docker.stand_in import cache_folder, stand_in_engine
from tests.conftest import SERVICES


def open_engine() -> Engine:
    """The engine; where it cannot be, skips on a developer's machine and fails in CI."""
    missing = missing_programs()
    why = f"images need {', '.join(missing)}" if missing else "images are built and run as root"
    if missing or os.geteuid() != 0:
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    with _alone():
        return stand_in_engine(cache_folder())


def built_images(engine: Engine, shared: Path) -> dict[str, Image]:
    """Every service's image by its name; `shared` is a folder that all processes of the run know."""
    made = shared / "images.json"
    with _alone():
        if not made.exists():
            images = [build(engine, service) for service in SERVICES]
            made.write_text(json.dumps([asdict(image) for image in images]))
    return {image["service"]: Image(**image) for image in json.loads(made.read_text())}


@contextmanager
def _alone() -> Iterator[None]:
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
