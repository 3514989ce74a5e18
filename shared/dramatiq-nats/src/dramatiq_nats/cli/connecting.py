"""The command's connection, and what a person is told when there is none."""

import argparse
import contextlib
import ssl
from collections.abc import AsyncIterator

from nats.aio.client import Client
from nats.errors import Error as NatsError

from dramatiq_nats.client import TapClient
from dramatiq_nats.settings import check_options, check_servers

_CONNECT_TIMEOUT = 5


class CommandError(Exception):
    """What a person is told instead of a traceback."""


def _tls(options: argparse.Namespace) -> ssl.SSLContext | None:
    if not (options.tls_ca or options.tls_cert):
        return None
    try:
        context = ssl.create_default_context(cafile=options.tls_ca)
        if options.tls_cert:
            context.load_cert_chain(options.tls_cert, options.tls_key)
    except (OSError, ValueError) as error:
        names = ", ".join(filter(None, (options.tls_ca, options.tls_cert, options.tls_key)))
        raise CommandError(f"cannot read the certificates of {names}: {error}") from None
    return context


@contextlib.asynccontextmanager
async def connected(options: argparse.Namespace) -> AsyncIterator[Client]:
    """Connect as the options say, and close again.

    Raises:
      CommandError: When that fails; says why.
    """
    client, errors = TapClient(), list[Exception]()

    async def note(error: Exception) -> None:
        errors.append(error)

    settings = {"user_credentials": options.creds, "nkeys_seed": options.nkey, "tls": _tls(options)}
    try:
        servers = check_servers(options.server)
        check_options(settings)
    except ValueError as error:
        raise CommandError(str(error)) from None
    try:
        await client.connect(
            servers,
            name="dramatiq-nats command",
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            connect_timeout=_CONNECT_TIMEOUT,
            error_cb=note,
            **settings,
        )
    except Exception as error:  # noqa: BLE001 - what reads credentials raises whatever it meets in them
        # nats-py leaves its socket open when the server refused it.
        await client.end()
        raise CommandError(_why(servers, errors[0] if errors else error)) from None
    try:
        yield client
    finally:
        await client.end()


def _why(servers: list[str], error: Exception) -> str:
    shown = ", ".join(server.rpartition("@")[2] for server in servers)
    if isinstance(error, ssl.SSLError):
        advice = "Does --tls-ca name who signed its certificate, and --tls-cert ours?"
    elif isinstance(error, NatsError) and "uthorization" in str(error):
        advice = "Are the user and password in --server, --creds or --nkey right?"
    elif isinstance(error, OSError | NatsError):
        advice = "Is --server (or NATS_URL) right?"
    else:
        advice = "Do --creds or --nkey name the right file?"
    return f"cannot connect to {shown}: {error or repr(error)}. {advice}"
