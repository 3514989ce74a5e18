"""The audit log: no change without an entry, written before it is done; how it ended is added afterwards."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from loguru import logger

from services.gateway import metrics
from services.gateway.audit_records import Ending, Entry
from services.gateway.keyring import DATABASE_ERRORS
from services.gateway.stores import audit as audit_store
from shared.contracts.errors import unavailable
from shared.messaging.together import Piece, Together
from shared.messaging.transaction import Transaction, transaction

ENTRY: Final = "tt_audit_entry"
"""In a request's state: the id of its entry."""

_MOST_WAITING: Final = 20_000
_AT_ONCE: Final = 500
_AGAIN_SECONDS: Final = 1.0


@dataclass
class _Writing:
    entry: Entry
    entry_id: int = 0


class AuditLog:
    """Writes entries, those of the same moment in one transaction, and their endings behind them."""

    def __init__(self) -> None:
        """Begin with none."""
        self._together: Together[_Writing] = Together(_write)
        self._endings: list[Ending] = []
        self._ended = asyncio.Event()

    async def begin(self, entry: Entry) -> int:
        """Write an entry; returns its id once it is committed.

        Raises:
            QueryError: `unavailable`, when it cannot be written: then the change must not be made.
        """
        writing = _Writing(entry)
        try:
            await self._together.do(writing)
        except DATABASE_ERRORS as error:
            raise unavailable(
                "The database does not answer, so that this cannot be written to the audit log, and was not "
                "done; try again."
            ) from error
        return writing.entry_id

    def end(self, entry_id: int, status: int, run_id: UUID | None) -> None:
        """Have the ending of an entry written, soon."""
        if len(self._endings) >= _MOST_WAITING:
            metrics.AUDIT_ENDINGS_LOST.inc()
            return
        ending = Ending(entry_id=entry_id, status=status, run_id=run_id, ended_at=datetime.now(UTC))
        self._endings.append(ending)
        self._ended.set()

    async def run(self) -> None:
        """Write endings as they come, for ever; at the end those that still wait."""
        try:
            while True:
                await self._ended.wait()
                self._ended.clear()
                while self._endings:
                    if not await self._keep_endings():
                        await asyncio.sleep(_AGAIN_SECONDS)
        finally:
            with suppress(asyncio.CancelledError):
                while self._endings and await self._keep_endings():
                    pass

    async def _keep_endings(self) -> bool:
        some = self._endings[:_AT_ONCE]
        try:
            async with transaction() as tx:
                await audit_store.end_entries(tx.connection, some)
        except DATABASE_ERRORS as error:
            logger.warning("{} answers wait to be written to the audit log: {!r}", len(self._endings), error)
            return False
        del self._endings[: len(some)]
        return True


async def _write(tx: Transaction, pieces: Sequence[Piece[_Writing]]) -> None:
    ids = await audit_store.add_entries(tx.connection, [piece.item.entry for piece in pieces])
    for piece, entry_id in zip(pieces, ids, strict=True):
        piece.item.entry_id = entry_id
