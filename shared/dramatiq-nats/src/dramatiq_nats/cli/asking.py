"""Asking the person at the terminal."""

import asyncio
import sys

from dramatiq_nats.cli.connecting import CommandError


async def confirm(question: str, *, yes: bool) -> None:
    """Return when the person says yes, or `yes` was given on the command line.

    Raises:
      CommandError: When the answer is another, or there is nobody to ask.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandError("nothing was done: give --yes when there is nobody to ask")
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    # On the loop, so that Ctrl-C ends it and the server's pings are answered meanwhile.
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[str] = loop.create_future()

    def read() -> None:
        if not answered.done():
            answered.set_result(sys.stdin.readline())

    loop.add_reader(sys.stdin, read)
    try:
        answer = await answered
    finally:
        loop.remove_reader(sys.stdin)
    if answer.strip().lower() not in {"y", "yes"}:
        raise CommandError("nothing was done")
