"""A worker's turn at a long piece of work: one worker's at a time, patient, kept alive, accounted for.

The work is a row that knows whose turn it is. Whoever takes it over has a turn of his own, and the one before
finds out with the next thing that it wants to keep.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from shared.llm.access import AgentSession
from shared.llm.errors import BudgetExceededError, LlmError, ProviderUnavailableError
from shared.llm.interface import Question, Reply
from shared.messaging.transaction import Transaction, transaction

Answer = TypeVar("Answer", bound=msgspec.Struct)

BEATS = 5
"""Signs of life in the time after which a piece of work counts as dead."""

_PATIENCE_GROWS = 3


class NotMineError(Exception):
    """The work was cancelled, given up for dead or taken over: whoever hears this stops."""


UpdateMine = Callable[..., Awaitable[bool]]
"""Keeps the work's row: `(tx, id, runner, **columns)` sets columns, says that it is alive, and locks it.

Returns False when it is the runner's no more.
"""


@dataclass(frozen=True, slots=True)
class Patience:
    """How a provider that is away is borne with, and when silence means death.

    Attributes:
        tries: How often it is waited for.
        pause: Seconds of the first wait; each further one is three times as long.
        dead_after: Seconds without a sign of life after which others take the work for dead.
    """

    tries: int
    pause: float
    dead_after: float


@dataclass(slots=True)
class Turn:
    """One worker's turn.

    Attributes:
        id: Of the work.
        runner: Names this turn: who takes the work over has another.
        update_mine: Keeps its row.
        calls: Questions that were put to a provider so far; `cached_calls` those that the cache answered.
    """

    id: UUID
    runner: UUID
    session: AgentSession
    update_mine: UpdateMine
    patience: Patience
    calls: int
    cached_calls: int
    _accounting: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)

    @property
    def basic_mode(self) -> bool:
        """Whether rules answer instead of a model."""
        return self.session.provider.basic_mode

    async def put(self, question: Question[Answer]) -> Reply[Answer]:
        """Put a question to the agent, patiently, and keep what it took.

        Raises:
            NotMineError: The work is somebody else's, or over.
            LlmError: As `shared.llm.Chat.ask` says.
        """
        await self.say_alive()
        for tried in range(self.patience.tries + 1):
            try:
                reply = await self.session.chat.ask(question)
            except ProviderUnavailableError as error:
                await self._account(None)
                if tried == self.patience.tries:
                    raise
                pause = self.patience.pause * _PATIENCE_GROWS**tried
                logger.warning("{} is asked again in {:.0f} s: {}", question.task, pause, error)
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
                return reply
        raise AssertionError

    async def say_alive(self) -> None:
        """Say that this worker is at it.

        Raises:
            NotMineError: The work is somebody else's, or over.
        """
        async with transaction() as tx:
            await self.hold(tx)

    async def hold(self, tx: Transaction) -> None:
        """Lock the work's row, so that it stays one's own until the transaction ends.

        Raises:
            NotMineError: It is somebody else's, or over.
        """
        if not await self.update_mine(tx, self.id, self.runner):
            raise NotMineError

    def noted_of(self, reply: Reply[Any]) -> dict[str, Any]:
        """Further columns that an answer sets."""
        del reply
        return {}

    async def _account(self, reply: Reply[Any] | None) -> None:
        """Keep what was spent so far: set, not added, so that it is right however often it is done.

        One at a time, as a smaller sum that is written later would take the place of a greater one.
        """
        async with self._accounting:
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
            if reply is not None:
                values |= self.noted_of(reply)
            async with transaction() as tx:
                if not await self.update_mine(tx, self.id, self.runner, **values):
                    raise NotMineError


@asynccontextmanager
async def kept_alive(turn: Turn) -> AsyncIterator[None]:
    """Say that the work is alive, again and again, however long an answer takes."""
    beating = asyncio.create_task(_beat(turn))
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)


async def _beat(turn: Turn) -> None:
    while True:
        await asyncio.sleep(turn.patience.dead_after / BEATS)
        try:
            await turn.say_alive()
        except NotMineError:
            return  # whoever asks or saves next finds out
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            logger.warning("{} could not say that it is alive: {!r}", turn.id, error)
