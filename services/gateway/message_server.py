"""The message server as the routes use it: while it is away they answer 503."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import Error as JetStreamError

from shared.contracts.errors import unavailable
from shared.messaging.connection import bound_namespace, connection
from shared.messaging.names import broker_namespace

NATS_ERRORS: Final = (NatsError, JetStreamError, OSError, TimeoutError)
"""What the client raises when the server cannot be reached, or refuses."""


@contextmanager
def asking_nats() -> Iterator[None]:
    """Ask the message server within.

    Raises:
        QueryError: `unavailable`, when it does not answer, or refuses.
    """
    try:
        yield
    except NATS_ERRORS as error:
        raise unavailable(f"The message server does not answer ({error!r}); try again.") from error


async def jetstream() -> JetStreamContext:
    """The server's JetStream, when it is connected at this moment.

    Raises:
        QueryError: `unavailable`, when it is not: nobody waits for a server that is away.
    """
    client = await connection()
    if not client.is_connected:
        raise unavailable("The message server is away; reconnecting. Try again.")
    return client.jetstream()


def queues_namespace() -> str:
    """The namespace of the queues' streams."""
    return broker_namespace(bound_namespace())
