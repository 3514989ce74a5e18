"""A real server a test process, a namespace a test."""

import socket
import subprocess
import sysconfig
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import dramatiq
import pytest
from dramatiq import Worker

from dramatiq_nats import NatsBroker

SERVER = Path(sysconfig.get_path("scripts")) / "nats-server"

CONFIG = """
host: 127.0.0.1
port: {port}
server_name: test
authorization {{ user: test, password: secret }}
jetstream {{ store_dir: "{store}", sync_interval: always }}
"""


class Server:
    """One nats-server on a free port, that can be killed and started again with its data."""

    def __init__(self, directory: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"nats://test:secret@127.0.0.1:{self.port}"
        self._directory = directory
        self._config = directory / "nats.conf"
        self._config.write_text(CONFIG.format(port=self.port, store=directory / "js"))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self._directory / "nats.log").open("ab") as log:
            self._process = subprocess.Popen([str(SERVER), "-c", str(self._config)], stdout=log, stderr=log)
        eventually(self._answers, 20)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 0.2) as sock:
                return sock.recv(4) == b"INFO"
        except OSError:
            return False

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(10)


def eventually(condition: Callable[[], object], seconds: float = 10) -> None:
    """Wait until a condition holds; fail when it does not within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{condition} did not come true in {seconds} s"
        time.sleep(0.01)


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
        worker.stop()
