"""The command ``dramatiq-nats``: what is in the queues and what became of it."""

import argparse
import asyncio
import io
import sys
from collections.abc import Sequence

from dramatiq.errors import BrokerError
from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError

from dramatiq_nats.cli.arguments import command_parser
from dramatiq_nats.cli.connecting import CommandError, connected
from dramatiq_nats.connection import describe
from dramatiq_nats.naming import check_namespace
from dramatiq_nats.stats import STREAM_NOT_FOUND


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 0 for well, 1 for not, 2 for a wrong call."""
    options = command_parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # What it cannot write it describes, rather than fail.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return asyncio.run(_run(options))
    except CommandError as error:
        print(f"dramatiq-nats: {error}", file=sys.stderr)  # noqa: T201 - this is what a command does
        return 1
    except (BrokenPipeError, KeyboardInterrupt):
        return 1


async def _run(options: argparse.Namespace) -> int:
    try:
        check_namespace(options.namespace)
    except ValueError as error:
        raise CommandError(str(error)) from None
    async with connected(options) as client:
        try:
            code: int = await options.run(options, client)
        except NotFoundError as error:
            raise CommandError(_not_found(options, error)) from None
        except (NatsError, BrokerError) as error:
            why = client.last_error or error
            raise CommandError(describe(why) if isinstance(why, NatsError) else str(why)) from None
        return code


def _not_found(options: argparse.Namespace, error: NotFoundError) -> str:
    namespace = options.namespace
    if error.err_code == STREAM_NOT_FOUND:
        return f"namespace {namespace!r} has no streams on this server yet: is --namespace right?"
    if "number" in options:
        return f"there is no dead letter {options.number} in namespace {namespace!r}"
    return f"not found: {error.description}"
