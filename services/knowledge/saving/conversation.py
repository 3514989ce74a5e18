"""Saving a conversation."""

from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import DBAPIError

from services.knowledge.matching import Plan
from services.knowledge.parts import Part
from services.knowledge.repository.atoms import lock_atoms
from services.knowledge.repository.claims import mark_done
from services.knowledge.repository.extractions import add_to_mine
from services.knowledge.repository.known import is_there_more
from services.knowledge.repository.memberships import derive_messages, topics_of
from services.knowledge.repository.merges import lock_merging
from services.knowledge.repository.parts import are_unchanged, keep_answered
from services.knowledge.repository.rules import rules_that_decide
from services.knowledge.repository.topics import lock_topics
from services.knowledge.running import Run
from services.knowledge.saving.atoms import save_atoms
from services.knowledge.saving.links import save_links
from services.knowledge.saving.proposals import propose_changes, propose_successors
from services.knowledge.saving.topics import save_topics
from services.knowledge.saving.work import ChangedError, OutdatedError, Work
from services.knowledge.verification import Found
from shared.messaging.transaction import Transaction, transaction

_DEADLOCK = "40P01"


async def save(  # noqa: PLR0913 - all that there is to save
    run: Run, part: Part, found: Found, plan: Plan, answer_hash: str, *, whatever_came: bool = False
) -> None:
    """Save a conversation's topics, atoms and links, say what follows, and let its messages be done.

    Whoever saves holds the lock of merges, so that extractions save one after the other and each sees what
    the one before has made. A second run finds the messages done.

    Args:
        run: Who saves.
        part: The conversation.
        found: What its answer held.
        plan: What becomes of that.
        answer_hash: Of the answer.
        whatever_came: Save although others have made something that it was not compared with.

    Raises:
        NotMineError: The extraction is somebody else's, or over.
        ChangedError: The conversation has changed.
        OutdatedError: What is known has changed, or somebody else who changed it was let through first.
    """
    try:
        async with transaction() as tx:
            await lock_merging(tx)
            await _hold(run, part, tx)
            if not whatever_came and await is_there_more(tx, plan.seen):
                raise OutdatedError
            await _lock_known(tx, plan)
            work = Work(tx, run, part, await rules_that_decide(tx))
            await _save(work, found, plan)
            await _finish(work, found, answer_hash)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _DEADLOCK:
            raise
        raise OutdatedError from error


async def _save(work: Work, found: Found, plan: Plan) -> None:
    topics = await save_topics(work, plan)
    saved = await save_atoms(work, plan.atoms, topics)
    await save_links(work, found, plan.atoms, saved)
    await propose_successors(work, plan.atoms, saved)
    await propose_changes(work, plan)
    filled = {topic_id for topic_id in topics.values() if topic_id is not None}
    await derive_messages(work.tx, filled, work.part.message_ids)


async def save_nothing(run: Run, part: Part, found: Found, answer_hash: str) -> None:
    """Let the messages of a conversation be done that held nothing, or whose very answer was saved before.

    Raises:
        NotMineError: The extraction is somebody else's, or over.
        ChangedError: The conversation has changed.
    """
    async with transaction() as tx:
        await _hold(run, part, tx)
        await _finish(Work(tx, run, part, ()), found, answer_hash)


async def _hold(run: Run, part: Part, tx: Transaction) -> None:
    await run.hold(tx)
    if not await are_unchanged(tx, run.id, part.hashes):
        raise ChangedError


async def _lock_known(tx: Transaction, plan: Plan) -> None:
    """Lock what stands and is going to change: atoms before topics, each in id order, as everybody does."""
    standings = [each for atom in plan.atoms for each in (atom.same, *atom.links) if each is not None]
    atom_ids = {each.known.id for each in standings}
    atoms = await lock_atoms(tx, sorted(atom_ids))
    topic_ids = {topic.known.id for topic in plan.topics if topic.known is not None}
    around = {topic_id for atom_id in sorted(atom_ids) for topic_id in await topics_of(tx, atom_id)}
    topics = await lock_topics(tx, sorted(topic_ids | around))
    known = [*(atoms.get(each) for each in atom_ids), *(topics.get(each) for each in topic_ids)]
    if not all(map(_stands, known)):
        raise OutdatedError


def _stands(row: Row[Any] | None) -> bool:
    return row is not None and row.merged_into is None and row.status != "rejected"


async def _finish(work: Work, found: Found, answer_hash: str) -> None:
    work.counts.update(
        quotes_dropped=found.quotes_dropped, atoms_dropped=found.atoms_dropped, atoms_refused=found.refused
    )
    await add_to_mine(work.tx, work.run.id, dict(+work.counts))
    await keep_answered(work.tx, work.part.key, answer_hash)
    hashes = {message.id: message.content_hash for message in work.part.messages}
    await mark_done(work.tx, work.run.id, hashes)
