"""The gateway as a process of its own, beside a stage or alone."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

from tests.integration.gateway.listening import BEARER
from tests.integration.gateway.stage import DEADLINE, KEY, Stage, free_port, wait_for

ROOT = Path(__file__).parents[3]


@dataclass
class Replica:
    """A running gateway."""

    url: str
    process: subprocess.Popen[bytes]

    def connect(
        self, query: str = "", *, headers: dict[str, str] | None = BEARER, **more: Any
    ) -> ClientConnection:
        address = self.url.replace("http", "ws", 1) + "/ws" + query
        client: ClientConnection = connect(address, additional_headers=headers, **more)
        return client

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)


@contextmanager
def running_gateway(log: Path, *, stage: Stage | None = None, **settings: str) -> Iterator[Replica]:
    """A gateway that listens; of a stage's database, server and namespace when there is one."""
    given = dict(settings)
    if stage is not None:
        theirs = stage.app.state.settings
        given |= {
            "database_url": theirs.database_url,
            "nats_url": theirs.nats_url,
            "namespace": theirs.namespace,
        }
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TT_")}
    given |= {"gateway_port": str(port), "bootstrap_api_key": KEY}
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.gateway"],
            cwd=ROOT,
            env=kept | {f"TT_{name.upper()}": value for name, value in given.items()},
            stdout=output,
            stderr=output,
        )
    replica = Replica(f"http://127.0.0.1:{port}", process)
    try:
        wait_for(lambda: process.poll() is not None or _is_well(replica.url), "the gateway is well")
        assert process.poll() is None, log.read_text()
        yield replica
    finally:
        process.kill()
        process.wait(DEADLINE)


def _is_well(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", trust_env=False, timeout=DEADLINE).is_success
    except httpx.TransportError:
        return False
