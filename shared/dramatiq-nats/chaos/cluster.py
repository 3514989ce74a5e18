"""A cluster of three servers that replicate."""

import asyncio
import contextlib
import json
import socket
import subprocess
import time
from pathlib import Path

import nats
from nats_server import SERVER

CONFIG = """
host: 127.0.0.1
port: {port}
server_name: n{number}
authorization {{ user: test, password: secret }}
jetstream {{ store_dir: "{store}" }}
cluster {{ name: chaos, host: 127.0.0.1, port: {route}, routes: [{routes}] }}
"""


def _free_ports(number: int) -> list[int]:
    probes = [socket.socket() for _ in range(number)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


class Node:
    """One server of the cluster."""

    def __init__(self, directory: Path, number: int, ports: list[int], routes: list[int]) -> None:
        self.port = ports[number]
        self._log = directory / f"n{number}.log"
        self._config = directory / f"n{number}.conf"
        addresses = ", ".join(f"nats://127.0.0.1:{route}" for route in routes)
        store, route = directory / f"n{number}", routes[number]
        self._config.write_text(
            CONFIG.format(port=self.port, number=number, store=store, route=route, routes=addresses)
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([str(SERVER), "-c", str(self._config)], stdout=log, stderr=log)

    def kill(self) -> None:
        """Kill it with SIGKILL, if it runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class Cluster:
    """Three servers that replicate.

    Attributes:
      url: All three, with commas between.
    """

    def __init__(self, directory: Path) -> None:
        ports, routes = _free_ports(3), _free_ports(3)
        self._nodes = [Node(directory, number, ports, routes) for number in range(3)]
        self.url = ",".join(f"nats://test:secret@127.0.0.1:{port}" for port in ports)

    def start(self) -> None:
        """Start all and wait until they have agreed on a leader."""
        for node in self._nodes:
            node.start()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(Exception):
                asyncio.run(self._ask("$JS.API.INFO"))
                return
            time.sleep(0.5)
        raise TimeoutError("the cluster did not agree on a leader")

    def leader(self, stream: str) -> Node:
        """Return the node that leads a stream."""
        info = asyncio.run(self._ask(f"$JS.API.STREAM.INFO.{stream}"))
        return self._nodes[int(info["cluster"]["leader"].removeprefix("n"))]

    def kill(self) -> None:
        """Kill all."""
        for node in self._nodes:
            node.kill()

    async def _ask(self, subject: str) -> dict[str, dict[str, str]]:
        servers = self.url.split(",")
        client = await asyncio.wait_for(nats.connect(servers, max_reconnect_attempts=1, error_cb=_ignore), 5)
        try:
            answer = await client.request(subject, b"", timeout=3)
        finally:
            await client.close()
        found: dict[str, dict[str, str]] = json.loads(answer.data)
        if "error" in found:
            raise RuntimeError(found["error"])
        return found


async def _ignore(_error: Exception) -> None:
    """Say nothing of a node that is down: it was killed on purpose."""
