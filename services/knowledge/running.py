"""The run of an extraction: one worker's at a time, kept alive, accounted for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from services.knowledge.leaks import Secrets
from services.knowledge.models import PROMPTS
from services.knowledge.repository.extractions import update_mine
from services.knowledge.settings import KnowledgeSettings
from shared.llm import (
    AgentSession,
    BudgetExceededError,
    LlmError,
    ProviderUnavailableError,
    Question,
    Reply,
)
from shared.messaging.transaction import Transaction, transaction

Answer = TypeVar("Answer", bound=msgspec.Struct)

_BEATS = 5
"""Signs of life in the time after which an extraction counts as dead."""

_PATIENCE_GROWS = 3


class NotMineError(Exception):
    """The extraction was cancelled, given up for dead or taken over: whoever hears this stops."""


@dataclass(slots=True)
class Run:
    """One worker's work on an extraction.

    Attributes:
        runner: Names this worker's turn: who takes the extraction over has another.
        secrets: What answers are not to repeat.
        calls: Questions that were put to a provider so far; `cached_calls` those that the cache answered.
    """

    id: UUID
    runner: UUID
    session: AgentSession
    secrets: Secrets
    settings: KnowledgeSettings
    calls: int
    cached_calls: int

    @property
    def basic_mode(self) -> bool:
        """Whether rules answer instead of a model."""
        return self.session.provider.basic_mode

    async def ask(self, task: str, data: msgspec.Struct, answer: type[Answer]) -> Answer:
        """Ask the agent, patiently, and keep what it took.

        Raises:
            NotMineError: The extraction is somebody else's, or over.
            LlmError: As `shared.llm.Chat.ask` says.
        """
        await self.say_alive()
        question = Question(task, data, answer, PROMPTS)
        for tried in range(self.settings.provider_tries + 1):
            try:
                reply = await self.session.chat.ask(question)
            except ProviderUnavailableError as error:
                await self._account(None)
                if tried == self.settings.provider_tries:
                    raise
                pause = self.settings.provider_pause * _PATIENCE_GROWS**tried
                logger.warning("{} is asked again in {:.0f} s: {}", task, pause, error)
                await asyncio.sleep(pause)
            except BudgetExceededError as error:
                # The cap may be reached by an answer that was paid for and has to be repaired.
                if error.usage.attempts:
                    await self._account(None)
                raise
            except LlmError:
                await self._account(None)
                raise
            else:
                await self._account(reply)
                return reply.answer
        raise AssertionError

    async def say_alive(self) -> None:
        """Say that this worker is at it.

        Raises:
            NotMineError: The extraction is somebody else's, or over.
        """
        async with transaction() as tx:
            await self.hold(tx)

    async def hold(self, tx: Transaction) -> None:
        """Lock the extraction, so that it stays one's own until the transaction ends.

        Raises:
            NotMineError: It is somebody else's, or over.
        """
        if not await update_mine(tx, self.id, self.runner):
            raise NotMineError

    async def _account(self, reply: "Reply[Answer] | None") -> None:
        """Keep what was spent so far: set, not added, so that it is right however often it is done."""
        cached = reply is not None and reply.usage.cached
        self.calls += not cached
        self.cached_calls += cached
        spent = self.session.chat.spent
        values: dict[str, Any] = {
            "calls": self.calls,
            "cached_calls": self.cached_calls,
            "input_tokens": spent.input_tokens,
            "output_tokens": spent.output_tokens,
            "cost": spent.cost,
        }
        if reply is not None and reply.prompt.startswith("extract"):
            values |= {"model": reply.model, "prompt": reply.prompt}
        async with transaction() as tx:
            if not await update_mine(tx, self.id, self.runner, **values):
                raise NotMineError


@asynccontextmanager
async def kept_alive(run: Run) -> AsyncIterator[None]:
    """Say that a run is alive, again and again, however long an answer takes."""
    beating = asyncio.create_task(_beat(run))
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)


async def _beat(run: Run) -> None:
    while True:
        await asyncio.sleep(run.settings.dead_after / _BEATS)
        try:
            await run.say_alive()
        except NotMineError:
            return  # whoever asks or saves next finds out
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            logger.warning("extraction {} could not say that it is alive: {!r}", run.id, error)
