"""The servers of the benchmark, each on a free port with data of its own, all durable by their defaults."""

import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

_ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(_ROOT / "chaos"), str(_ROOT / "tests")]

from cluster import Cluster


class Unavailable(Exception):  # noqa: N818 - not an error: the benchmark goes on without it
    """Why a contender cannot take part."""


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def installed(program: str, package: str) -> str:
    """Return the path of a program, installed from the distribution when that may be done.

    Raises:
      Unavailable: When it is not there and cannot be installed.
    """
    places = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/lib/rabbitmq/bin"
    found = shutil.which(program, path=places)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (["update"], ["install", "-y", "--no-install-recommends", package]):
            subprocess.run(["apt-get", "-qq", *arguments], env=environment, check=False, **quiet)  # type: ignore[call-overload]  # noqa: S607
        found = shutil.which(program, path=places)
    if found is None:
        raise Unavailable(f"{package} is not installed (as root, apt-get install {package})")
    return found


class Server:
    """One server process.

    Attributes:
      url: Where it listens.
    """

    def __init__(self, command: list[str], port: int, url: str, log: Path, **environment: str) -> None:
        self.url = url
        self._port = port
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command, stdout=output, stderr=output, env=os.environ | environment, start_new_session=True
            )

    def wait(self, seconds: float = 60) -> None:
        """Wait until it answers.

        Raises:
          Unavailable: When it does not in time.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket() as probe:
                probe.settimeout(0.2)
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.1)
        self.stop()
        raise Unavailable("its server did not start")

    def stop(self) -> None:
        """Stop it."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()


def start_nats(directory: Path) -> Server:
    """Start a nats-server with JetStream on files."""
    port = free_port()
    program = str(Path(sysconfig.get_path("scripts")) / "nats-server")
    command = [program, "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(directory / "js")]
    return Server(command, port, f"nats://127.0.0.1:{port}", directory / "log")


def start_nats_sync(directory: Path) -> Server:
    """Start a nats-server that flushes to disk before it confirms."""
    config, port = directory / "nats.conf", free_port()
    config.write_text(
        f'host: 127.0.0.1\nport: {port}\njetstream {{ store_dir: "{directory}", sync_interval: always }}\n'
    )
    program = str(Path(sysconfig.get_path("scripts")) / "nats-server")
    return Server([program, "-c", str(config)], port, f"nats://127.0.0.1:{port}", directory / "log")


class ClusterOfThree:
    """Three nats-servers, on this one machine.

    Attributes:
      url: All three, with commas between.
    """

    def __init__(self, directory: Path) -> None:
        self._cluster = Cluster(directory)
        self.url = self._cluster.url

    def wait(self) -> None:
        """Start them and wait until they agree."""
        self._cluster.start()

    def stop(self) -> None:
        """Kill them."""
        self._cluster.kill()


def start_redis(directory: Path) -> Server:
    """Start a Redis that appends to a file once a second."""
    port = free_port()
    command = [installed("redis-server", "redis-server"), "--bind", "127.0.0.1", "--port", str(port)]
    command += ["--dir", str(directory), "--appendonly", "yes"]
    return Server(command, port, f"redis://127.0.0.1:{port}/0", directory / "log")


def start_rabbitmq(directory: Path) -> Server:
    """Start a RabbitMQ node; queues of Dramatiq's broker are durable."""
    program = installed("rabbitmq-server", "rabbitmq-server")
    own = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    port, distribution = free_port(), free_port()
    return Server(
        [str(own) if own.exists() else program],
        port,
        f"amqp://guest:guest@127.0.0.1:{port}",
        directory / "log",
        HOME=str(directory),
        RABBITMQ_NODENAME=f"bench{port}@localhost",
        RABBITMQ_NODE_IP_ADDRESS="127.0.0.1",
        RABBITMQ_NODE_PORT=str(port),
        RABBITMQ_DIST_PORT=str(distribution),
        RABBITMQ_MNESIA_BASE=str(directory / "mnesia"),
        RABBITMQ_LOG_BASE=str(directory / "logs"),
        RABBITMQ_PID_FILE=str(directory / "pid"),
        RABBITMQ_ENABLED_PLUGINS_FILE=str(directory / "plugins"),
    )
