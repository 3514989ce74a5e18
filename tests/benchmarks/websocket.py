"""Thousands of WebSocket clients on one gateway: `make bench-websocket`.

The gateway is a process of its own, with Postgres and NATS beside it; its clients are another; this one
publishes to the event stream. First the load alone. Then the gateway is killed under it and started again:
each client comes back with its position, and no event may be missing or come twice. Then the same load on
Litestar's own channels, with the same clients. All share this machine's cores, so that the ratio says more
than the figures.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nats
import psutil  # type: ignore[import-untyped]  # its stubs are no dependency of ours

from deploy.local.ports import free_port
from deploy.local.services import WORKERS
from shared.messaging.connection import bind_nats, close_connection
from shared.messaging.events import ensure_event_stream
from shared.messaging.names import event_subject
from tests.benchmarks.figures import Figure, show
from tests.benchmarks.open_files import allow_many_files
from tests.system import System, nats_address, running_system

_PADDING = 180
"""Letters beside number and time in an event's data: about as much as a scored message has."""
_KILLED_AFTER = 3.0
_PATIENCE = 120.0
ALL_BUT_THE_GATEWAY = ("embeddings", *(worker.name for worker in WORKERS))
"""What the gateway does without while it only tells of events."""


@dataclass(frozen=True)
class Load:
    """What is asked of a server."""

    clients: int
    rate: float
    seconds: float

    @property
    def events(self) -> int:
        """How many there are."""
        return int(self.rate * self.seconds)


class Clients:
    """The process of the clients."""

    def __init__(self, port: int, path: str, load: Load, *more: str) -> None:
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.benchmarks.websocket_clients"),
                *("--port", str(port), "--path", path, "--clients", str(load.clients), *more),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def read(self) -> dict[str, Any]:
        """The next answer."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            sys.exit("the clients ended; what they said stands above")
        found: dict[str, Any] = json.loads(line)
        return found

    def ask(self, what: str) -> dict[str, Any]:
        """Their `state`, or a `report` of what they saw since the last one."""
        assert self.process.stdin is not None
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        return self.read()

    def wait_for(self, last: int, load: Load) -> bool:
        """Wait until every client is there and has the last event; returns whether they have it in time."""
        deadline = time.monotonic() + _PATIENCE
        while self.ask("state") != {"open": load.clients, "at": [last]}:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.2)
        return True

    def end(self) -> None:
        """Let them go."""
        self.process.kill()
        self.process.communicate()


@contextmanager
def clients_of(port: int, path: str, load: Load, *more: str) -> Iterator[Clients]:
    """All clients, connected."""
    clients = Clients(port, path, load, *more)
    try:
        clients.read()
        yield clients
    finally:
        clients.end()


async def make_stream(url: str) -> None:
    """Make the stream of events, which the services make where there are any."""
    bind_nats(url, name="benchmark")
    await ensure_event_stream()
    await close_connection()


async def publish(url: str, load: Load, first: int, *, done: Callable[[int], None] = lambda _: None) -> None:
    """Publish events to the stream at an even rate, each with its number and the time."""
    client = await nats.connect(url)
    try:
        js = client.jetstream()
        began = time.monotonic()
        for index in range(load.events):
            await asyncio.sleep(max(0.0, began + index / load.rate - time.monotonic()))
            data = {"n": first + index, "t": time.monotonic_ns(), "text": "x" * _PADDING}
            await js.publish(event_subject("", "scoring.message_scored"), json.dumps(data).encode())
            done(index + 1)
    finally:
        await client.close()


def measure_gateway(load: Load, folder: Path) -> tuple[list[Figure], dict[str, float]]:
    """Our hub: under load, and killed under load."""
    with running_system(folder, without=ALL_BUT_THE_GATEWAY, TT_LOG_LEVEL="WARNING") as system:
        gateway = system.processes()["gateway"]
        url, port = nats_address(system.house), system.house.ports["gateway"]
        asyncio.run(make_stream(url))
        empty = _memory(gateway)
        with clients_of(port, "/ws?topics=messages", load, f"--key={system.house.api_key}") as clients:
            memory, used = _memory(gateway) - empty, _cpu(gateway)
            began = time.monotonic()
            asyncio.run(publish(url, load, 1))
            used, wall = _cpu(gateway) - used, time.monotonic() - began
            clients.wait_for(load.events, load)
            steady = clients.ask("report") | {"memory": memory, "cpu": used / wall}
            steady["rate"] = steady["delivered"] / wall
            killed, back = _kill_under_load(system, clients, load, url)
    return _figures(load, steady, killed, back), steady


def _kill_under_load(
    system: System, clients: Clients, load: Load, url: str
) -> tuple[dict[str, float], float]:
    """Kill -9 and start again under load; returns the report, and seconds until all had everything."""
    is_struck = False

    def strike(published: int) -> None:
        nonlocal is_struck
        if not is_struck and published >= load.rate * _KILLED_AFTER:
            is_struck = True
            system.kill("gateway")
            system.start("gateway")

    asyncio.run(publish(url, load, load.events + 1, done=strike))
    began = time.monotonic()
    clients.wait_for(2 * load.events, load)
    return clients.ask("report"), time.monotonic() - began


def _figures(load: Load, steady: dict[str, float], killed: dict[str, float], back: float) -> list[Figure]:
    expected = load.clients * load.events
    exact = "all, once" if killed["missed"] == killed["doubled"] == killed["gaps"] == 0 else "NOT"
    return [
        Figure(
            "events to clients, gateway", steady["rate"], "deliveries/s", f"{load.clients * load.rate:,.0f}"
        ),
        Figure("missing or twice under load", steady["missed"] + steady["doubled"], "deliveries", "0"),
        Figure("memory a client, gateway", steady["memory"] / load.clients / 1024, "KiB"),
        Figure("delivered over kill -9 and restart", killed["delivered"], "deliveries", f"{expected:,}"),
        Figure(
            "clients that came back with their position", killed["resumed"], "clients", f"{load.clients:,}"
        ),
        Figure("missing over kill -9 and restart", killed["missed"], "deliveries", "0"),
        Figure("twice over kill -9 and restart", killed["doubled"], "deliveries", "0"),
        Figure(f"gaps over kill -9 and restart ({exact})", killed["gaps"], "frames", "0"),
        Figure("from the last event until all had all", back, "s"),
    ]


def measure_channels(load: Load) -> dict[str, float]:
    """Litestar's channels under the same load."""
    port = free_port()
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.benchmarks.websocket_channels"),
            *("--port", str(port), "--clients", str(load.clients), "--padding", str(_PADDING)),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        server.stdout.readline()
        empty = _memory([server.pid])
        with clients_of(port, "/ws/messages", load, "--bare") as clients:
            memory, used = _memory([server.pid]) - empty, _cpu([server.pid])
            began = time.monotonic()
            server.stdin.write(f"{load.events} {load.rate}\n")
            server.stdin.flush()
            server.stdout.readline()
            clients.wait_for(load.events, load)
            used, wall = _cpu([server.pid]) - used, time.monotonic() - began
            report = clients.ask("report") | {"memory": memory, "cpu": used / wall}
            return report | {"rate": report["delivered"] / wall}
    finally:
        server.kill()
        server.communicate()


def _compared(load: Load, ours: dict[str, float], theirs: dict[str, float]) -> list[Figure]:
    peer = "Litestar channels, in memory"
    return [
        Figure("deliveries", ours["rate"], "1/s", "", peer, theirs["rate"]),
        Figure("latency, median", ours["p50"], "ms", "", peer, theirs["p50"]),
        Figure("latency, 99 % below", ours["p99"], "ms", "", peer, theirs["p99"]),
        Figure("processor of the server", ours["cpu"] * 100, "% of a core", "", peer, theirs["cpu"] * 100),
        Figure(
            "memory a client",
            ours["memory"] / load.clients / 1024,
            "KiB",
            "",
            peer,
            theirs["memory"] / load.clients / 1024,
        ),
    ]


def _memory(pids: list[int]) -> float:
    """Bytes that processes have of their own."""
    return float(sum(psutil.Process(pid).memory_full_info().uss for pid in pids))


def _cpu(pids: list[int]) -> float:
    """Seconds of processor that processes have used."""
    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return float(sum(used.user + used.system for used in times))


def main() -> None:
    """Measure, and show the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=50.0, help="events a second, each to every client")
    parser.add_argument("--seconds", type=float, default=30.0)
    arguments = parser.parse_args()
    load = Load(arguments.clients, arguments.rate, arguments.seconds)
    allow_many_files(load.clients)
    print(f"{load.clients} clients, {load.rate:g} events/s to each of them for {load.seconds:g} s")
    with tempfile.TemporaryDirectory(prefix="task-tracker-bench-") as folder:
        figures, ours = measure_gateway(load, Path(folder) / "system")
    theirs = measure_channels(load)
    show([*figures, *_compared(load, ours, theirs)])


if __name__ == "__main__":
    main()
