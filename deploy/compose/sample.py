"""Imports the sample chat into a new installation, shows what became of it, and says where to look.

`python -m deploy.compose.sample`, in a container beside the gateway; `… key` prints the link to the page with
its key, and `… ollama` has the services use Ollama.
"""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

from deploy.compose.ollama import use_ollama
from deploy.local.chat import first_minute
from deploy.local.door import Door
from deploy.local.summary import gateway_client
from deploy.local.terminal import Terminal


def door_of(environment: Mapping[str, str]) -> Door:
    """Where the gateway is, as the container reaches it and as people do.

    Raises:
        OSError: When the file with the key cannot be read.
    """
    public = environment["PUBLIC_URL"].rstrip("/")
    return Door(
        url=environment["GATEWAY_URL"],
        api_key=Path(environment["API_KEY_FILE"]).read_text().strip(),
        public_url=public,
        page=f"{public}  (`docker compose run --rm key` prints the link with its key)",
        logs="docker compose logs -f",
        goodbye="`docker compose down` stops everything; the data stay for the next `docker compose up`.",
    )


async def _with_ollama(door: Door, terminal: Terminal, *, address: str, model: str) -> int:
    async with gateway_client(door) as client:
        return await use_ollama(client, terminal, address=address, model=model)


def main(arguments: Sequence[str] = tuple(sys.argv[1:]), environment: Mapping[str, str] = os.environ) -> int:
    """Do what the command line says; returns the exit code."""
    door, terminal = door_of(environment), Terminal(environment)
    match list(arguments):
        case []:
            asyncio.run(first_minute(door, terminal, None))
        case ["key"]:
            sys.stdout.write(f"{door.public_url}/#key={door.api_key}\n")
        case ["ollama"]:
            try:
                address, model = environment["OLLAMA_URL"], environment["OLLAMA_MODEL"]
                return asyncio.run(_with_ollama(door, terminal, address=address, model=model))
            except httpx.HTTPError as error:
                terminal.say(f"The gateway does not answer: {error!r}.", level="ERROR")
                return 1
        case _:
            sys.stderr.write("usage: python -m deploy.compose.sample [key | ollama]\n")
            return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
