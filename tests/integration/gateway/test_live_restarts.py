"""What WebSocket clients see of servers that stop, are killed and come again."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import nats
from websockets.sync.client import ClientConnection

from deploy.local.command import spawn
from deploy.local.nats import is_ready, nats_url, prepare_nats
from tests.conftest import make_database
from tests.integration.gateway.listening import closed, frame
from tests.integration.gateway.processes import running_gateway
from tests.integration.gateway.stage import DEADLINE, Stage, free_port, wait_for


def publish(url: str, *numbers: int) -> None:
    """Put events into the stream."""

    async def work() -> None:
        client = await nats.connect(url, connect_timeout=2)
        try:
            for number in numbers:
                data = json.dumps({"n": number}).encode()
                await client.jetstream().publish("events.scoring.message_scored", data)
        finally:
            await client.close()

    asyncio.run(work())


def told(client: ClientConnection, count: int) -> list[int]:
    return [frame(client)["data"]["n"] for _ in range(count)]


def test_nats_killed_and_come_again_costs_a_client_nothing(postgres_url: str, tmp_path: Path) -> None:
    port, monitor_port = free_port(), free_port()
    command = prepare_nats(tmp_path / "nats", port=port, monitor_port=monitor_port, password="x")
    url = nats_url(port, "x")
    database_url = make_database(postgres_url).url("gateway")

    @contextmanager
    def running() -> Iterator[None]:
        server = spawn(command, tmp_path / "nats.log")
        try:
            wait_for(lambda: is_ready(monitor_port), "NATS is ready")
            yield
        finally:
            server.kill()
            server.wait(DEADLINE)

    with ExitStack() as stack:
        with running():
            gateway = stack.enter_context(
                running_gateway(tmp_path / "log", database_url=database_url, nats_url=url)
            )
            client = stack.enter_context(gateway.connect())
            assert frame(client)["type"] == "hello"
            publish(url, 1, 2)
            assert told(client, 2) == [1, 2]
        with running():
            publish(url, 3, 4)
            assert told(client, 2) == [3, 4]


def test_process_bounds_what_it_is_sent_and_tells_its_clients_when_it_stops(
    stage: Stage, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with running_gateway(log, stage=stage) as gateway:
        with gateway.connect() as client, gateway.connect() as loud:
            assert frame(client)["type"] == "hello"
            loud.send("x" * (65 * 1024))
            assert closed(loud).code == 1009
            gateway.terminate()
            assert closed(client).code == 1012
        assert gateway.process.wait(DEADLINE) == 0
    assert "Traceback" not in log.read_text()
