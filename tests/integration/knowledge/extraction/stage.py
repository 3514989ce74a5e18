"""Knowledge at work in a test: the other services as far as it asks them, and a language model's server."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import text

from services.knowledge import actors
from shared.contracts.atoms import CheckCitations
from shared.contracts.base import Command
from shared.contracts.extraction import ExtractKnowledge, ReviewPending
from shared.llm import Patience, bind_llm, close_llm, new_encryption_key
from shared.messaging.queries import serve
from shared.messaging.transaction import transaction
from shared.service.actors import Actor
from shared.telemetry import resume_run
from tests.fakes.llm import LlmServer
from tests.integration.bound import bound
from tests.integration.knowledge.extraction.looking import sent, value
from tests.integration.knowledge.extraction.world import World

T = TypeVar("T")
ENCRYPTION_KEY = new_encryption_key()
QUICK = Patience(attempts=2, first_pause=0.01, longest_pause=0.2, place=10.0, total=30.0)
_ACTORS: dict[str, Actor] = {
    each.command.actor_name: each for each in vars(actors).values() if isinstance(each, Actor)
}


@dataclass(frozen=True)
class Stage:
    """Where a test plays."""

    world: World
    llm: LlmServer
    database_url: str
    nats_url: str
    namespace: str

    def run(self, scenario: Callable[[], Awaitable[T]]) -> T:
        """Be knowledge while this runs, beside the other services."""

        async def within() -> T:
            async with bound("knowledge", self.database_url, self.nats_url, self.namespace):
                served = [await serve(name, answers) for name, answers in self.world.handlers().items()]
                try:
                    return await scenario()
                finally:
                    await close_llm()
                    for each in served:
                        await each.stop()

        bind_llm(
            encryption_keys=ENCRYPTION_KEY,
            local_embeddings_url=self.llm.url,
            nats_url=self.nats_url,
            namespace=self.namespace,
            patience=QUICK,
        )
        return asyncio.run(within())


async def do(command: Command) -> Any:
    """Run a command's actor."""
    return await _ACTORS[command.actor_name](
        **{name: getattr(command, name) for name in command.__struct_fields__}
    )


async def eventually(look: Callable[[], Awaitable[T]], seconds: float = 30.0) -> T:
    """What is found once something is; fails when nothing is in time."""
    async with asyncio.timeout(seconds):
        while True:
            found = await look()
            if found:
                return found
            await asyncio.sleep(0.02)


async def asked(stage: Stage) -> int:
    """How many questions the language model has got."""
    return len(stage.llm.chat.requests)


async def review() -> None:
    """Run the periodic look."""
    await do(ReviewPending())


async def do_sent(*kinds: type[Command]) -> int:
    """Run what was sent to knowledge and not run yet, each within its chain; returns how many.

    What is sent meanwhile stays for the next time; what fails can be run again.
    """
    last = await value("SELECT coalesce(max(id), 0) FROM outbox")
    done = 0
    for kind in kinds or (ExtractKnowledge, CheckCitations):
        for command, headers in await sent(kind):
            with resume_run(headers):
                await do(command)
            done += 1
    async with transaction() as tx:
        commands = "convert_from(payload, 'UTF8') LIKE '%\"actor_name\"%'"
        await tx.execute(text(f"DELETE FROM outbox WHERE id <= :last AND {commands}"), {"last": last})  # noqa: S608
    return done
