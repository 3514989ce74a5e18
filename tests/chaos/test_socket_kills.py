"""kill -9 of the gateway while its WebSocket clients are told of events: each is told each event once."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.websocket import ALL_BUT_THE_GATEWAY, Load, clients_of, make_stream, publish
from tests.system import System, nats_address, running_system

LOAD = Load(clients=50, rate=100, seconds=4)


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    with running_system(tmp_path / "system", without=ALL_BUT_THE_GATEWAY, TT_LOG_LEVEL="INFO") as started:
        yield started


def test_killed_gateway_costs_no_client_an_event(system: System) -> None:
    url, port = nats_address(system.house), system.house.ports["gateway"]
    asyncio.run(make_stream(url))

    def strike(published: int) -> None:
        if published == LOAD.events // 4:
            system.kill("gateway")
            system.start("gateway")

    with clients_of(port, "/ws?topics=messages", LOAD, f"--key={system.house.api_key}") as clients:
        asyncio.run(publish(url, LOAD, 1, done=strike))
        assert clients.wait_for(LOAD.events, LOAD), clients.ask("state")
        report = clients.ask("report")

    told = {name: report[name] for name in ("delivered", "missed", "doubled", "gaps", "resumed")}
    assert told == {
        "delivered": LOAD.clients * LOAD.events,
        "missed": 0,
        "doubled": 0,
        "gaps": 0,
        "resumed": LOAD.clients,
    }
