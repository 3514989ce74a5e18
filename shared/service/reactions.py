"""Reactions: commands that a service sends itself when something happened elsewhere.

One replica of the service hears of each event and sends the command by the outbox. What happens while none
listens is not heard of: a reaction makes something sooner, and a periodic command makes it certain.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec
from loguru import logger
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from opentelemetry.trace import SpanKind
from sqlalchemy.exc import SQLAlchemyError

from shared.contracts.errors import QueryError
from shared.messaging.connection import bound_namespace, connection
from shared.messaging.names import event_subject
from shared.messaging.spans import messaging_attributes
from shared.messaging.transaction import transaction
from shared.service.service import Reaction
from shared.telemetry import begun, resume_run

_PAUSE = 0.5


async def listen(service: str, reactions: Sequence[Reaction]) -> None:
    """Begin to listen, as soon as NATS is there; ends with the connection.

    Args:
        service: Its name: of several replicas one reacts to each event.
        reactions: What to send when.
    """
    left = list(reactions)
    while left:
        subject = left[0].event.event_name
        try:
            client = await connection()
            await client.subscribe(
                event_subject(bound_namespace(), subject), queue=f"{service}-reactions", cb=_sender(left[0])
            )
        except (OSError, TimeoutError, NatsError, QueryError) as error:
            logger.debug("{} cannot be listened for yet: {!r}", subject, error)
            await asyncio.sleep(_PAUSE)
        else:
            del left[0]


def _sender(reaction: Reaction) -> Callable[[Msg], Awaitable[None]]:
    decoder = msgspec.json.Decoder(reaction.event)
    name = f"process {reaction.event.event_name}"
    about = messaging_attributes("process", reaction.event.event_name)

    async def send(message: Msg) -> None:
        try:
            command = reaction.command(decoder.decode(message.data))
            with (
                resume_run(message.headers or {}) as parent,
                begun(name, SpanKind.CONSUMER, about, parent=parent),
            ):
                async with transaction() as tx:
                    tx.send(command)
        except (msgspec.MsgspecError, SQLAlchemyError, OSError, TimeoutError) as error:
            logger.warning("{} was not reacted to: {!r}", reaction.event.event_name, error)

    return send
