"""Tells every replica when a key or a session has changed, so that none believes what it knew before."""

import asyncio
from collections.abc import Callable

from loguru import logger
from nats.errors import Error as NatsError

from shared.contracts.errors import QueryError
from shared.messaging.connection import bound_namespace, connection, open_connection
from shared.messaging.names import gateway_subject

_AGAIN_SECONDS = 1.0


async def tell_change() -> None:
    """Tell it. While NATS is away nobody hears: the others notice within ten seconds by themselves."""
    client = open_connection()
    if client is None:
        return
    try:
        await client.publish(_subject())
        await client.flush(timeout=1)
    except (NatsError, TimeoutError) as error:
        logger.warning("the other gateways notice a changed key some seconds later: {!r}", error)


async def hear_changes(act: Callable[[], None]) -> None:
    """Call `act` at each change that any replica tells of, for ever; over reconnects, too."""
    while True:
        try:
            client = await connection()
            subscription = await client.subscribe(_subject())
            async for _ in subscription.messages:
                act()
        except (NatsError, QueryError) as error:
            logger.debug("changes of keys are not heard: {!r}", error)
        await asyncio.sleep(_AGAIN_SECONDS)


def _subject() -> str:
    return gateway_subject(bound_namespace(), "keys.changed")
