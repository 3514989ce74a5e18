"""The command's connection, and what a person is told when there is none."""

import argparse
import contextlib
import ssl
from collections.abc import AsyncIterator

from nats.aio.client import Client
from nats.errors import Error as NatsError

_CONNECT_TIMEOUT = 5


class CommandError(Exception):
    """What a person is told instead of a traceback."""


def _tls(options: argparse.Namespace) -> ssl.SSLContext | None:
    if not (options.tls_ca or options.tls_cert):
        return None
    context = ssl.create_default_context(cafile=options.tls_ca)
    if options.tls_cert:
        context.load_cert_chain(options.tls_cert, options.tls_key)
    return context


@contextlib.asynccontextmanager
async def connected(options: argparse.Namespace) -> AsyncIterator[Client]:
    """Connect as the options say, and close again.

    Raises:
      CommandError: When that fails; says why.
    """
    servers = options.server.split(",")
    errors: list[Exception] = []

    async def note(error: Exception) -> None:
        errors.append(error)

    client = Client()
    try:
        await client.connect(
            servers,
            name="dramatiq-nats command",
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            connect_timeout=_CONNECT_TIMEOUT,
            user_credentials=options.creds,
            nkeys_seed=options.nkey,
            error_cb=note,
            tls=_tls(options),
        )
    except ModuleNotFoundError as error:
        raise CommandError(f"{error}: pip install 'dramatiq-nats[nkeys]' for credentials and NKEYs") from None
    except (NatsError, OSError, ValueError) as error:
        # nats-py leaves its socket open when the server refused it.
        await client.close()
        shown = ", ".join(server.rpartition("@")[2] for server in servers)
        why = str(errors[0] if errors else error) or repr(error)
        raise CommandError(f"cannot connect to {shown}: {why}. Is --server (or NATS_URL) right?") from None
    try:
        yield client
    finally:
        await client.close()
