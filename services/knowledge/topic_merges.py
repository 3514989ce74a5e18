"""Merging topics: one takes the other's atoms and messages over; and taking that back."""

from uuid import UUID

import msgspec

from services.knowledge.announcing import announce, refresh_search
from services.knowledge.merging import (
    MovedTopic,
    plan_topic_merge,
)
from services.knowledge.repository.labels import move_labels, put_labels_back
from services.knowledge.repository.memberships import (
    atoms_of,
    derive_messages,
    put_into_topics,
    take_out_of_topics,
)
from services.knowledge.repository.merges import (
    add_merge,
    later_atom_merges,
    later_topic_merges,
    lock_merging,
    note_undone,
    present_merge,
)
from services.knowledge.repository.topics import change_topic, lock_living_topics, lock_topics
from services.knowledge.undoing import (
    atom_merge_builds_on_topics,
    topic_merge_builds_on,
    undo_first,
)
from shared.contracts.errors import QueryError
from shared.contracts.revisions import MergeRecord
from shared.messaging.transaction import Transaction


async def merge_topics(  # noqa: PLR0913 - who merges what, and why
    tx: Transaction,
    kept_id: int,
    merged_id: int,
    *,
    by: str | None,
    similarity: float | None = None,
    run_id: UUID | None = None,
) -> MergeRecord:
    """Take one topic's atoms, messages and labels over into another.

    A second time it answers with the merge that there is. The transaction must have locked nothing before.

    Args:
        tx: The transaction.
        kept_id: The topic that stays.
        merged_id: The topic that is taken over; it keeps its row and its name.
        by: Who merges; None when an extraction does.
        similarity: How near they were found, 0..1.
        run_id: The extraction that found it.

    Raises:
        QueryError: `not_found`, `invalid` or `conflict`.
    """
    if kept_id == merged_id:
        raise QueryError("invalid", "A topic cannot be merged into itself.", field="kept_id")
    await lock_merging(tx)
    found = await lock_topics(tx, [kept_id, merged_id])
    if merged_id in found and found[merged_id].merged_into == kept_id:
        return await present_merge(tx, "topic", kept_id=kept_id, merged_id=merged_id)
    await lock_living_topics(tx, [merged_id, kept_id], fields={kept_id: "kept_id"})
    moved = plan_topic_merge(await atoms_of(tx, kept_id), await atoms_of(tx, merged_id))
    both = [*moved.atoms, *moved.shared_atoms]
    await put_into_topics(tx, [(kept_id, atom_id) for atom_id in moved.atoms])
    await take_out_of_topics(tx, [(merged_id, atom_id) for atom_id in both])
    await derive_messages(tx, [kept_id, merged_id])
    labels = await move_labels(tx, merged_id, kept_id)
    await change_topic(tx, merged_id, merged_into=kept_id)
    await change_topic(tx, kept_id)
    merge = await add_merge(
        tx,
        "topic",
        kept_id=kept_id,
        merged_id=merged_id,
        moved=msgspec.structs.replace(moved, labels=labels),
        by=by,
        similarity=similarity,
        run_id=run_id,
    )
    details = {"merge": merge.id, "kept": kept_id, "merged": merged_id, "atoms": len(both)}
    await announce(tx, "topic", [merged_id, kept_id], "merged", by=by, details=details)
    refresh_search(tx, "atom", both)
    return merge


async def undo_topic_merge(tx: Transaction, merge: MergeRecord, moved: MovedTopic, *, by: str) -> MergeRecord:
    """Put two topics back as they were; atoms that were taken out of the kept one since stay out.

    Args:
        tx: The transaction that has locked merging.
        merge: The merge, not undone yet.
        moved: What it moved.
        by: Who undoes it.

    Raises:
        QueryError: `conflict`, saying what stands in the way.
    """
    await lock_topics(tx, [merge.kept_id, merge.merged_id])
    await _refuse_if_built_on(tx, merge, moved)
    await change_topic(tx, merge.merged_id, merged_into=None)
    await change_topic(tx, merge.kept_id)
    present = set(await atoms_of(tx, merge.kept_id))
    back = sorted(present & {*moved.atoms, *moved.shared_atoms})
    own = sorted(present & set(moved.atoms))
    await put_into_topics(tx, [(merge.merged_id, atom_id) for atom_id in back])
    await take_out_of_topics(tx, [(merge.kept_id, atom_id) for atom_id in own])
    await derive_messages(tx, [merge.kept_id, merge.merged_id])
    await put_labels_back(tx, moved.labels, merge.kept_id, merge.merged_id)
    undone = await note_undone(tx, merge.id, by)
    details = {"merge": merge.id, "kept": merge.kept_id, "merged": merge.merged_id, "atoms": len(back)}
    await announce(tx, "topic", [merge.merged_id, merge.kept_id], "unmerged", by=by, details=details)
    refresh_search(tx, "atom", back)
    return undone


async def _refuse_if_built_on(tx: Transaction, merge: MergeRecord, moved: MovedTopic) -> None:
    for topics in await later_topic_merges(tx, merge.id, [merge.kept_id]):
        if topics.merged_id == merge.kept_id or topic_merge_builds_on(topics.moved, moved):
            raise undo_first("topic", topics.id, kept_id=topics.kept_id, merged_id=topics.merged_id)
    for atoms in await later_atom_merges(tx, merge.id, [*moved.atoms, *moved.shared_atoms]):
        if atom_merge_builds_on_topics(atoms, merge.kept_id, moved):
            raise undo_first("atom", atoms.id, kept_id=atoms.kept_id, merged_id=atoms.merged_id)
