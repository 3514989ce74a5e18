"""One of several workers that take messages in at the same moment, in a process of its own."""

import asyncio
from collections.abc import Sequence

from shared.contracts.extraction import ConsiderMessages
from shared.llm import bind_llm, close_llm
from tests.integration.bound import bound
from tests.integration.knowledge.extraction.stage import ENCRYPTION_KEY, do


def trigger(database_url: str, nats_url: str, namespace: str, commands: Sequence[ConsiderMessages]) -> None:
    """Run all of these commands at once."""

    async def run() -> None:
        async with bound("knowledge", database_url, nats_url, namespace):
            try:
                await asyncio.gather(*(do(command) for command in commands))
            finally:
                await close_llm()

    bind_llm(
        encryption_keys=ENCRYPTION_KEY,
        local_embeddings_url="http://127.0.0.1:9/v1",
        nats_url=nats_url,
        namespace=namespace,
    )
    asyncio.run(run())
