"""What waits in an outbox is told by whoever looks, whether or not anybody sends it."""

import asyncio

from prometheus_client import REGISTRY

from shared.messaging.outbox_figures import watch_outbox
from shared.messaging.relay import Relay
from tests.conftest import Database
from tests.integration.bound import bound
from tests.integration.messaging.test_relay import all_is_said, say, until


def figure(name: str) -> float | None:
    return REGISTRY.get_sample_value(f"tt_outbox_{name}", {"schema": "scoring"})


def test_rows_that_nobody_sends_are_told_of(database: Database, nats_url: str, namespace: str) -> None:
    async def waiting(rows: float) -> None:
        async def is_told() -> bool:
            return figure("waiting") == rows

        looking = asyncio.create_task(watch_outbox("scoring"))
        await until(is_told)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)

    async def scenario() -> None:
        async with bound("scoring", database.url("scoring"), nats_url, namespace):
            await say(1, 2, 3)
            await waiting(3)
            assert (figure("oldest_seconds") or 0.0) > 0
            relay = asyncio.create_task(Relay("scoring").run())
            await until(all_is_said)
            relay.cancel()
            await asyncio.gather(relay, return_exceptions=True)
            await waiting(0)
            assert figure("oldest_seconds") == 0.0

    asyncio.run(scenario())
