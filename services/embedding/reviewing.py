"""Seeing to it that the active embedder's vector space is there, or on its way."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from loguru import logger
from sqlalchemy.exc import DBAPIError

from services.embedding.repository.runs import begin_reindex, open_reindex
from services.embedding.repository.spaces import (
    all_spaces,
    begin_again,
    end_space,
    lock_spaces,
    make_space,
    remove_space,
)
from services.embedding.repository.vectors import forget_unknown
from services.embedding.spaces import ABANDONED, Space, Target, plan, target_of
from services.embedding.stages import fail_filling
from shared.contracts.analysis import ResolveAgent
from shared.contracts.embedding import BuildVectorSpace
from shared.contracts.errors import QueryError
from shared.messaging.queries import ask
from shared.messaging.transaction import Transaction, transaction
from shared.telemetry import current_run_id, start_run


async def review_spaces() -> None:
    """Do what the plan says; harmless to repeat.

    Raises:
        QueryError: `unavailable`, when analysis does not answer.
    """
    target = await active_target()
    if target is None:
        logger.warning("no active embedder names an embedding model: searches go on as they are")
        return
    async with transaction() as tx:
        await lock_spaces(tx)
        todo = plan(target, await all_spaces(tx), datetime.now(UTC))
        if todo.abandon is not None:
            await _abandon(tx, todo.abandon)
        if todo.resume is not None:
            tx.send(BuildVectorSpace(space_id=todo.resume.id))
        if todo.fill is not None:
            await begin_again(tx, todo.fill.id)
            await start_filling(tx, todo.fill.id, uuid4())
        if todo.make:
            await start_filling(tx, await make_space(tx, target), uuid4())
        await forget_unknown(tx)
    for space in todo.remove:
        await _remove(space)


async def active_target() -> Target | None:
    """What the active embedder embeds with; None when there is none.

    Asked for anew each time: what is remembered may be what was changed a moment ago.

    Raises:
        QueryError: `unavailable`, when analysis does not answer.
    """
    try:
        return target_of(await ask(ResolveAgent(kind="embedder")))
    except QueryError as error:
        if error.code != "not_found":
            raise
        return None


async def start_filling(tx: Transaction, space_id: int, run_id: UUID) -> None:
    """Have a space filled under a run's id, which is also its task's and its trace's."""
    await begin_reindex(tx, run_id, space_id)
    command = BuildVectorSpace(space_id=space_id)
    if current_run_id() == run_id:
        tx.send(command, task_id=str(run_id), tracked=True)
        return
    with start_run("build vector space", run_id, lasting=True):
        tx.send(command, task_id=str(run_id), tracked=True)


async def _abandon(tx: Transaction, space: Space) -> None:
    run_id = await open_reindex(tx, space.id)
    if run_id is None:
        await end_space(tx, space.id, "failed", ABANDONED)
    else:
        await fail_filling(tx, space, run_id, ABANDONED)


async def _remove(space: Space) -> None:
    """Remove a space; when somebody reads it at this moment, the next review does."""
    try:
        async with transaction() as tx:
            await lock_spaces(tx)
            await remove_space(tx, space.id)
    except DBAPIError as error:
        logger.warning("vector space {} is not removed now: {!r}", space.id, error.orig)
    else:
        logger.info("vector space {} of {} is removed", space.id, space.document_model)
