from pathlib import Path

import pytest

from deploy.docker.engine import Engine
from deploy.docker.images import Image
from tests.deploy.containers.engine import built_images, open_engine


@pytest.fixture(scope="session")
def engine() -> Engine:
    return open_engine()


@pytest.fixture(scope="session")
def images(engine: Engine, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> dict[str, Image]:
    base = tmp_path_factory.getbasetemp()
    # With several test processes, each has a folder of its own below that of the run.
    shared: Path = base if worker_id == "master" else base.parent
    return built_images(engine, shared)
