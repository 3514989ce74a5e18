"""Building a vector space: filled beside the one that is searched, indexed, and then in its place."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from services.embedding.batches import AT_ONCE, embed_in_space
from services.embedding.embedders import RefusedError
from services.embedding.indexing import take_in_all
from services.embedding.repository.runs import (
    count_reindex,
    finish_reindex,
    note_running,
    open_reindex,
    reindex_record,
)
from services.embedding.repository.sources import KINDS
from services.embedding.repository.space_tables import index_filled
from services.embedding.repository.spaces import (
    find_space,
    lock_spaces,
    note_failure,
    note_getting_on,
)
from services.embedding.repository.texts import ids_lacking
from services.embedding.settings import embedding_settings
from services.embedding.spaces import Space, may_take_over
from services.embedding.stages import EndedError, activate, fail_filling, with_tables
from shared.contracts.embedding import ItemKind, ReindexProgress
from shared.contracts.errors import QueryError
from shared.messaging.transaction import Transaction, transaction

_TELL_EVERY = 1.0
_COUNTING_SHARE = 0.05
_SEEN_EVERY = 60.0


@dataclass(slots=True)
class _Filling:
    """A space while it is filled, under a run."""

    space: Space
    run_id: UUID
    tell_at: float = 0.0


async def build_space(space_id: int) -> dict[str, int]:
    """Fill a space, index it and let it take over; returns the counts of the filling.

    A space that is not being filled any more is left alone. One whose provider refuses fails, with the reason
    kept; the active one stays.

    Raises:
        QueryError: `unavailable`, when its provider or another service does not answer: to be tried again.
    """
    async with transaction() as tx:
        space = await find_space(tx, space_id)
        run_id = await open_reindex(tx, space_id)
    if space is None or run_id is None or not space.is_live:
        return {"success": 0, "failed": 0, "skipped": 0}
    filling = _Filling(space, run_id)
    try:
        async with _seen_at_work(space_id):
            await _fill(filling)
            await _finish(filling)
    except RefusedError as error:
        await _fail(filling, str(error))
    except QueryError as error:
        async with transaction() as tx:
            await note_failure(tx, space_id, str(error))
        raise
    except EndedError:
        pass  # whoever ended it has said so
    async with transaction() as tx:
        record = await reindex_record(tx, run_id)
    return {"success": record.success, "failed": record.failed, "skipped": record.skipped}


@asynccontextmanager
async def _seen_at_work(space_id: int) -> AsyncIterator[None]:
    """Keep a filling from being taken for stalled: an index may take hours, and two builders harm it."""

    async def note() -> None:
        while True:
            await asyncio.sleep(_SEEN_EVERY)
            try:
                async with transaction() as tx:
                    await note_getting_on(tx, space_id)
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                logger.warning("vector space {} cannot be noted as being worked on: {!r}", space_id, error)

    noting = asyncio.create_task(note())
    try:
        yield
    finally:
        noting.cancel()
        await asyncio.wait([noting])


async def _fill(filling: _Filling) -> None:
    """Embed everything there is, also what others know and embedding does not."""
    filling.space = await with_tables(filling.space)
    async with transaction() as tx:
        await note_running(tx, filling.run_id, filling.space)
    await take_in_all("message")
    await take_in_all("atom")
    await take_in_all("topic")
    for kind in KINDS:
        await _fill_kind(filling, kind, also_failed=True)


async def _finish(filling: _Filling) -> None:
    if filling.space.status == "building":
        await index_filled(filling.space.id, embedding_settings().index_memory_mb)
        for kind in KINDS:
            await _fill_kind(filling, kind, also_failed=False)
    async with transaction() as tx:
        await lock_spaces(tx)
        space = await _still_live(tx, filling)
        counted = await count_reindex(tx, filling.run_id, space)
        if not may_take_over(counted.space.embedded, counted.space.wanted):
            raise RefusedError(
                f"Only {counted.space.embedded} of {counted.space.wanted} items could be embedded: "
                "the coverage has the reasons."
            )
        await finish_reindex(tx, filling.run_id, "completed")
        if space.status == "building":
            await activate(tx, space)
        else:
            await note_failure(tx, space.id, None)
        tx.publish(ReindexProgress(reindex=await reindex_record(tx, filling.run_id)))


async def _fill_kind(filling: _Filling, kind: ItemKind, *, also_failed: bool) -> None:
    after: int | None = 0
    while after is not None:
        async with transaction() as tx:
            await _still_live(tx, filling)
            ids = await ids_lacking(
                tx, kind, filling.space.id, after=after, limit=AT_ONCE, also_failed=also_failed
            )
        await embed_in_space(kind, ids, filling.space)
        await _tell(filling)
        after = ids[-1] if ids else None


async def _tell(filling: _Filling) -> None:
    """Note that it got on and tell how it stands: at most once a second, and seldom enough to count for."""
    began = time.monotonic()
    if began < filling.tell_at:
        return
    async with transaction() as tx:
        await note_failure(tx, filling.space.id, None)
        tx.publish(ReindexProgress(reindex=await count_reindex(tx, filling.run_id, filling.space)))
    took = time.monotonic() - began
    filling.tell_at = began + max(_TELL_EVERY, took / _COUNTING_SHARE)


async def _still_live(tx: Transaction, filling: _Filling) -> Space:
    space = await find_space(tx, filling.space.id)
    if space is None or not space.is_being_filled:
        raise EndedError
    return space


async def _fail(filling: _Filling, reason: str) -> None:
    async with transaction() as tx:
        await lock_spaces(tx)
        space = await find_space(tx, filling.space.id)
        if space is None or not space.is_being_filled:
            return
        await fail_filling(tx, space, filling.run_id, reason)
