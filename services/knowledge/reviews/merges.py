"""What knowledge answers about merges."""

import msgspec

from services.knowledge.again import again_after_deadlock
from services.knowledge.atom_merges import merge_atoms, undo_atom_merge
from services.knowledge.merging import MovedAtom, MovedTopic
from services.knowledge.repository.merges import find_merge, list_merges, lock_merging
from services.knowledge.topic_merges import merge_topics, undo_topic_merge
from shared.contracts.errors import QueryError
from shared.contracts.revisions import ListMerges, MergeAtoms, MergeRecord, MergeTopics, UndoMerge
from shared.messaging.transaction import transaction


@again_after_deadlock
async def take_topic_over(query: MergeTopics) -> MergeRecord:
    """Merge one topic into another; asked a second time it changes nothing."""
    async with transaction() as tx:
        return await merge_topics(tx, query.kept_id, query.merged_id, by=query.by)


@again_after_deadlock
async def take_atom_over(query: MergeAtoms) -> MergeRecord:
    """Merge an atom into the one whose duplicate it is; asked a second time it changes nothing."""
    async with transaction() as tx:
        return await merge_atoms(tx, query.kept_id, query.merged_id, by=query.by)


async def latest_merges(query: ListMerges) -> list[MergeRecord]:
    """Merges, newest first."""
    if query.entity_id is not None and query.entity is None:
        raise QueryError("invalid", "Say whether this is the id of a topic or an atom.", field="entity")
    async with transaction() as tx:
        return await list_merges(tx, query)


@again_after_deadlock
async def undo_merge(query: UndoMerge) -> MergeRecord:
    """Put both back as they were; asked a second time it changes nothing."""
    async with transaction() as tx:
        await lock_merging(tx)
        merge, moved = await find_merge(tx, query.merge_id)
        if merge.undone_at is not None:
            return merge
        if merge.entity == "topic":
            return await undo_topic_merge(tx, merge, msgspec.convert(moved, MovedTopic), by=query.by)
        return await undo_atom_merge(tx, merge, msgspec.convert(moved, MovedAtom), by=query.by)
