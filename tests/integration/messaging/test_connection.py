"""The connection goes on hearing, whatever was given up or went wrong on it."""

import asyncio

import pytest
from nats.aio.client import Client
from nats.errors import FlushTimeoutError

from shared.messaging.connection import bind_nats, close_connection, connection

DEADLINE = 20.0


async def hears(client: Client) -> bool:
    """Whether an answer of the server's reaches it."""
    try:
        await client.flush(timeout=2)
        await client.jetstream().account_info()
    except (TimeoutError, RuntimeError, OSError):
        return False
    return True


def test_answer_to_a_flush_that_was_given_up_harms_nothing(nats_url: str, namespace: str) -> None:
    async def scenario() -> None:
        bind_nats(nats_url, namespace)
        try:
            client = await connection()
            # What `flush` leaves behind when its time is over: the answer comes all the same.
            given_up = asyncio.get_running_loop().create_future()
            given_up.cancel()
            await client._send_ping(given_up)
            assert await hears(client)
        finally:
            await close_connection()

    asyncio.run(scenario())


def test_reading_that_failed_begins_anew(
    nats_url: str, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        bind_nats(nats_url, namespace)
        try:
            client = await connection()

            async def fail(_data: bytes) -> None:
                monkeypatch.undo()
                raise RuntimeError("a defect in reading")

            monkeypatch.setattr(client._ps, "parse", fail)
            await client.publish("x", b"")
            with pytest.raises(FlushTimeoutError):
                await client.flush(timeout=1)
            async with asyncio.timeout(DEADLINE):
                while not await hears(client):  # noqa: ASYNC110 - it reconnects by itself
                    await asyncio.sleep(0.02)
        finally:
            await close_connection()

    asyncio.run(scenario())
