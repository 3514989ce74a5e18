"""A process of its own that asks questions, given the stage's addresses and a name for each question."""

import asyncio
import sys

from tests.fakes.llm import LlmServer
from tests.integration.llm.stage import Stage, judge


def main() -> None:
    """Ask one question a name, all at once, of a provider with two places."""
    url, database_url, nats_url, namespace, names = sys.argv[1:]
    stage = Stage(LlmServer(url=url), database_url, nats_url, namespace)

    async def scenario() -> None:
        provider = stage.provider(max_concurrency=2, document_model=None, timeout_seconds=1.0)
        chat = stage.session(provider=provider).chat
        await asyncio.gather(*(chat.ask(judge(name)) for name in names.split(",")))

    stage.run(scenario)


if __name__ == "__main__":
    main()
