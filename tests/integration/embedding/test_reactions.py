"""Reactions: an event elsewhere becomes a command here, once for all replicas."""

import asyncio
import time
from uuid import UUID

import msgspec
from sqlalchemy import text

from shared.contracts.analysis import AgentChanged, ProviderChanged
from shared.contracts.embedding import ReviewVectorSpaces
from shared.messaging.connection import bound_namespace, connection
from shared.messaging.names import event_subject
from shared.messaging.transaction import transaction
from shared.service import Reaction
from shared.service.reactions import listen
from tests.conftest import Database
from tests.integration.bound import bound

_DEADLINE = 10.0


async def sent() -> list[str]:
    """The actors whose commands were sent, in order."""
    async with transaction() as tx:
        rows = await tx.execute(text("SELECT payload FROM outbox ORDER BY id"))
        return [msgspec.json.decode(row.payload)["actor_name"] for row in rows]


def test_event_becomes_a_command_once_for_all_replicas(
    database: Database, nats_url: str, namespace: str
) -> None:
    reactions = [
        Reaction(AgentChanged, lambda _event: ReviewVectorSpaces()),
        Reaction(ProviderChanged, lambda _event: ReviewVectorSpaces()),
    ]

    async def scenario() -> list[str]:
        async with bound("embedding", database.url("embedding"), nats_url, namespace):
            for _ in range(3):
                await listen("embedding", reactions)
            client = await connection()
            events = [AgentChanged(agent_id=UUID(int=1)), ProviderChanged(provider_id=UUID(int=2))]
            subjects = [event_subject(bound_namespace(), type(event).event_name) for event in events]
            await client.publish(subjects[0], b"no JSON")
            for subject, event in zip(subjects, events, strict=True):
                await client.publish(subject, msgspec.json.encode(event))
            await client.flush()
            deadline = time.monotonic() + _DEADLINE
            while len(await sent()) < 2:
                assert time.monotonic() < deadline, "the events are not reacted to"
                await asyncio.sleep(0.02)
            await client.flush()
            return await sent()

    assert asyncio.run(scenario()) == [ReviewVectorSpaces.actor_name] * 2
