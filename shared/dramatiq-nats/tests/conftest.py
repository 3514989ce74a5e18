"""A real server a test process, a namespace a test."""

import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import dramatiq
import pytest
from dramatiq import Worker

from dramatiq_nats import NatsBroker

# pytest's importlib mode leaves the folder of the tests out.
sys.path.insert(0, str(Path(__file__).parent))

from nats_server import Server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that the tests of this process share; not to be killed."""
    server = Server(tmp_path_factory.mktemp("nats"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server of the test's own, to be killed and started again."""
    server = Server(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def namespace() -> str:
    return f"t{uuid.uuid4().hex[:10]}"


@pytest.fixture
def make_broker() -> Iterator[Callable[..., NatsBroker]]:
    """Make brokers that are closed at the end."""
    made: list[NatsBroker] = []

    def make(**settings: object) -> NatsBroker:
        made.append(NatsBroker(**settings))  # type: ignore[arg-type]  # the tests name them rightly
        dramatiq.set_broker(made[-1])
        return made[-1]

    yield make
    for broker in made:
        broker.close()


@pytest.fixture
def broker(server: Server, namespace: str, make_broker: Callable[..., NatsBroker]) -> NatsBroker:
    return make_broker(servers=server.url, namespace=namespace)


@pytest.fixture
def run_worker() -> Iterator[Callable[..., Worker]]:
    """Start workers that are stopped at the end."""
    started: list[Worker] = []

    def run(broker: NatsBroker, *, threads: int = 2, queues: set[str] | None = None) -> Worker:
        worker = Worker(broker, worker_timeout=100, worker_threads=threads, queues=queues)
        worker.start()
        started.append(worker)
        return worker

    yield run
    for worker in started:
        worker.stop(timeout=5_000)
