"""Looking at what there is: tables, states, and what was sent and told."""

from typing import Any

import msgspec
from sqlalchemy import text

from shared.contracts.base import Command
from shared.messaging.transaction import transaction


async def sent(kind: type[Command]) -> list[tuple[Command, dict[str, str]]]:
    """The commands of a kind that were sent, with the headers of their chains, in order."""
    async with transaction() as tx:
        payloads = (await tx.execute(text("SELECT payload FROM outbox ORDER BY id"))).scalars().all()
    messages = [msgspec.json.decode(payload) for payload in payloads]
    return [
        (msgspec.convert(message["kwargs"], kind), message["options"].get("headers", {}))
        for message in messages
        if message.get("actor_name") == kind.actor_name
    ]


async def rows(statement: str, **given: Any) -> list[tuple[Any, ...]]:
    """What the database says."""
    async with transaction() as tx:
        return [tuple(row) for row in await tx.execute(text(statement), given)]


async def value(statement: str, **given: Any) -> Any:
    """One value of the database."""
    return (await rows(statement, **given))[0][0]


async def states() -> dict[str, int]:
    """How many messages are in each state."""
    found = await rows("SELECT state, count(*) FROM knowledge.pending_messages GROUP BY state")
    return {str(state): int(count) for state, count in found}


async def events(name: str) -> list[Any]:
    """The events of a name that were published, in order."""
    found = await rows(
        "SELECT payload FROM outbox WHERE subject LIKE :subject ORDER BY id", subject=f"%events.{name}"
    )
    return [msgspec.json.decode(payload) for (payload,) in found]
