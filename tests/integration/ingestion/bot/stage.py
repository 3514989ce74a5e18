"""Ingestion beside Telegram's Bot API: a scenario runs within the service's own loop."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from sqlalchemy import text

from services.ingestion.bot.queries import set_bot
from shared.contracts.telegram import BotRecord, SetBot
from shared.messaging.transaction import transaction
from shared.sealing import bind_keys, new_encryption_key, seal
from tests.fakes.bot_api import BotApiServer

Scenario = Callable[[], Awaitable[Any]]
Within = Callable[[Scenario], Any]
ENCRYPTION_KEY = new_encryption_key()
DEADLINE = 20.0


async def until(condition: Callable[[], Awaitable[Any]], what: str) -> Any:
    """Wait for a condition, and return what it was."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + DEADLINE
    while not (found := await condition()):
        assert loop.time() < deadline, f"not within {DEADLINE:g} s: {what}"
        await asyncio.sleep(0.02)
    return found


@contextmanager
def encryption(key: str = ENCRYPTION_KEY) -> Iterator[None]:
    """This process seals and opens with a key."""
    bind_keys(key)
    try:
        yield
    finally:
        bind_keys("")


async def connect(telegram: BotApiServer, token: str | None = None) -> BotRecord:
    """Connect the bot, as the gateway has it done."""
    return await set_bot(SetBot(sealed_token=seal(token or telegram.token), set_by="a test"))


async def sent(actor: str) -> list[dict[str, Any]]:
    """The arguments of each command to an actor that the outbox holds, the oldest first."""
    async with transaction() as tx:
        rows = await tx.execute(text("SELECT payload FROM ingestion.outbox ORDER BY id"))
    messages = [msgspec.json.decode(row.payload) for row in rows]
    return [message["kwargs"] for message in messages if message.get("actor_name") == actor]


async def value(statement: str) -> Any:
    """What a statement with one value answers."""
    async with transaction() as tx:
        return (await tx.execute(text(statement))).scalar()
