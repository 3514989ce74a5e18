"""Group commit: pieces of work that wait at the same moment share one transaction.

Alone, a piece is done at once. Under load the pieces that come while a transaction runs make up the next one,
so that the price of a transaction is shared without anybody waiting for a clock.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass
from typing import Generic, ParamSpec, TypeVar

from loguru import logger
from opentelemetry.trace import Span

from shared.database.engine import bound_schema
from shared.messaging.spans import transaction_span
from shared.messaging.transaction import Transaction, transaction

Item = TypeVar("Item")
Given = ParamSpec("Given")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, eq=False)
class Piece(Generic[Item]):
    """One piece of work, within the chain that it belongs to."""

    item: Item
    _chain: Context
    _span: Span
    _done: "asyncio.Future[None]"

    def within(self, say: Callable[Given, Answer], *args: Given.args, **kwargs: Given.kwargs) -> Answer:
        """Send or publish something as part of this piece's chain."""
        return self._chain.run(say, *args, **kwargs)

    @property
    def is_told(self) -> bool:
        """Whether a span tells of this piece."""
        return self._span.is_recording()

    def tell(self, tx: Transaction | None, pieces: int) -> None:
        """Say on this piece's span what the transaction did that it shared with others."""
        self._span.set_attribute("tt.db.shared_by", pieces)
        if tx is not None and tx.tally is not None:
            tx.tally.put_on(self._span)

    def succeed(self) -> None:
        """Let whoever waits go on."""
        if not self._done.done():
            self._done.set_result(None)

    def fail(self, error: Exception) -> None:
        """Let whoever waits hear of it."""
        if not self._done.done():
            self._done.set_exception(error)


class Together(Generic[Item]):
    """Does pieces of work in shared transactions, of one event loop, one after the other.

    When a shared transaction fails, each of its pieces is tried alone, so that a bad one fails by itself.

    Args:
        work: Does all pieces within one transaction.
        most: Pieces a transaction at the most.
    """

    def __init__(
        self, work: Callable[[Transaction, Sequence[Piece[Item]]], Awaitable[None]], *, most: int = 100
    ) -> None:
        self._work = work
        self._most = most
        self._waiting: list[Piece[Item]] = []
        self._running: asyncio.Task[None] | None = None

    async def do(self, item: Item) -> None:
        """Do one piece; returns when it is committed, raises what its transaction raised.

        Cancelled before its transaction has begun, it is not done; after that nobody can say.
        """
        loop = asyncio.get_running_loop()
        with transaction_span(bound_schema()) as span:
            done = loop.create_future()
            piece = Piece(item, copy_context(), span, done)
            self._waiting.append(piece)
            if self._running is None or self._running.done():
                # In no chain of its own: the pieces say what they say within theirs.
                self._running = loop.create_task(self._run(), context=Context())
            try:
                await done
            except asyncio.CancelledError:
                if piece in self._waiting:
                    self._waiting.remove(piece)
                raise

    async def _run(self) -> None:
        while self._waiting:
            pieces, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            try:
                await self._commit(pieces)
            except Exception as error:  # noqa: BLE001 - every waiting piece hears of its own
                await self._each_alone(pieces, error)

    async def _commit(self, pieces: Sequence[Piece[Item]]) -> None:
        told = [piece for piece in pieces if piece.is_told]
        tx: Transaction | None = None
        try:
            async with transaction(counted=bool(told)) as tx:
                await self._work(tx, pieces)
        finally:
            for piece in told:
                piece.tell(tx, len(pieces))
        for piece in pieces:
            piece.succeed()

    async def _each_alone(self, pieces: Sequence[Piece[Item]], error: Exception) -> None:
        if len(pieces) == 1:
            pieces[0].fail(error)
            return
        logger.debug("{} pieces are tried one by one after {!r}", len(pieces), error)
        for piece in pieces:
            try:
                await self._commit([piece])
            except Exception as own:  # noqa: BLE001 - as above
                piece.fail(own)
