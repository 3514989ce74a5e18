"""The command ``dramatiq-nats``: what is in the queues and what became of it."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from nats.errors import Error as NatsError
from nats.js.errors import APIError, NotFoundError

from dramatiq_nats.cli.arguments import command_parser
from dramatiq_nats.cli.connecting import CommandError, connected
from dramatiq_nats.naming import check_namespace


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 0 for well, 1 for not, 2 for a wrong call."""
    options = command_parser().parse_args(arguments)
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
            raise CommandError(f"not found: {error.description}") from None
        except (NatsError, APIError) as error:
            raise CommandError(f"NATS says: {client.last_error or error!r}") from None
        return code
