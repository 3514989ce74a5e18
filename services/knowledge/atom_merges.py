"""Merging atoms: one takes its duplicate's citations, topics and links over; and taking that back."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.knowledge.announcing import announce
from services.knowledge.merging import (
    MovedAtom,
    plan_atom_merge,
)
from services.knowledge.repository.atoms import (
    change_atoms,
    decision_of,
    lock_atoms,
    lock_living_atoms,
    settle_supersession,
    superseded_atoms,
)
from services.knowledge.repository.citations import (
    drop_citations,
    move_citations,
    quoted_messages,
    restore_citations,
    sources_of,
)
from services.knowledge.repository.links import drop_links, links_of, repoint_links, restore_links
from services.knowledge.repository.memberships import (
    derive_messages,
    put_into_topics,
    take_out_of_topics,
    topics_of,
)
from services.knowledge.repository.merges import (
    add_merge,
    later_atom_merges,
    later_topic_merges,
    lock_merging,
    note_undone,
    present_merge,
    topic_merges_away,
)
from services.knowledge.repository.topics import lock_topics
from services.knowledge.supersession import is_later
from services.knowledge.undoing import (
    AtomMerge,
    atom_merge_builds_on,
    linked_atoms,
    topic_merge_builds_on_atoms,
    undo_first,
)
from shared.contracts.errors import QueryError
from shared.contracts.revisions import MergeRecord
from shared.messaging.transaction import Transaction


async def merge_atoms(  # noqa: PLR0913 - who merges what, and why
    tx: Transaction,
    kept_id: int,
    merged_id: int,
    *,
    by: str | None,
    similarity: float | None = None,
    run_id: UUID | None = None,
) -> MergeRecord:
    """Say that an atom is the duplicate of another, which takes over what it has.

    A second time it answers with the merge that there is. The transaction must have locked nothing before.

    Args:
        tx: The transaction.
        kept_id: The atom that stays.
        merged_id: Its duplicate; it keeps its row.
        by: Who merges; None when an extraction does.
        similarity: How near they were found, 0..1.
        run_id: The extraction that found it.

    Raises:
        QueryError: `not_found`, `invalid` or `conflict`.
    """
    if kept_id == merged_id:
        raise QueryError("invalid", "An atom cannot be merged into itself.", field="kept_id")
    await lock_merging(tx)
    found = await lock_atoms(tx, [kept_id, merged_id])
    if merged_id in found and found[merged_id].merged_into == kept_id:
        return await present_merge(tx, "atom", kept_id=kept_id, merged_id=merged_id)
    rows = await lock_living_atoms(tx, [merged_id, kept_id], fields={kept_id: "kept_id"})
    moved = await _plan(tx, rows[kept_id], rows[merged_id])
    await _move(tx, kept_id, merged_id, moved)
    merge = await add_merge(
        tx,
        "atom",
        kept_id=kept_id,
        merged_id=merged_id,
        moved=moved,
        by=by,
        similarity=similarity,
        run_id=run_id,
    )
    details = {"merge": merge.id, "kept": kept_id, "merged": merged_id}
    await announce(tx, "atom", [merged_id, kept_id], "merged", by=by, details=details)
    return merge


async def undo_atom_merge(tx: Transaction, merge: MergeRecord, moved: MovedAtom, *, by: str) -> MergeRecord:
    """Put two atoms back as they were; what was taken from the kept one since stays with it or away.

    Args:
        tx: The transaction that has locked merging.
        merge: The merge, not undone yet.
        moved: What it moved.
        by: Who undoes it.

    Raises:
        QueryError: `conflict`, saying what stands in the way.
    """
    kept, merged = merge.kept_id, merge.merged_id
    await lock_atoms(tx, [kept, merged])
    topics, present = [*moved.topics, *moved.shared_topics], set(await topics_of(tx, kept))
    await lock_topics(tx, sorted(present.union(topics)))
    await _refuse_if_built_on(tx, AtomMerge(id=merge.id, kept_id=kept, merged_id=merged, moved=moved))
    messages, _ = await quoted_messages(tx, kept)
    await change_atoms(tx, [merged], merged_into=None)
    await change_atoms(tx, [kept])
    await move_citations(tx, moved.sources, old=kept, new=merged)
    await restore_citations(tx, moved.dropped_sources)
    await put_into_topics(tx, [(topic_id, merged) for topic_id in topics if topic_id in present])
    await take_out_of_topics(tx, [(topic_id, kept) for topic_id in moved.topics])
    await derive_messages(tx, present.union(topics), messages)
    await repoint_links(tx, moved.links, at=merged, old=kept, new=merged)
    await restore_links(tx, moved.dropped_links)
    still = set(await superseded_atoms(tx, kept)) & set(moved.superseded)
    await change_atoms(tx, sorted(still), superseded_by=merged)
    await settle_supersession(tx, [kept, merged])
    undone = await note_undone(tx, merge.id, by)
    details = {"merge": merge.id, "kept": kept, "merged": merged}
    await announce(tx, "atom", [merged, kept], "unmerged", by=by, details=details)
    return undone


async def _plan(tx: Transaction, kept: Row[Any], merged: Row[Any]) -> MovedAtom:
    superseded = await superseded_atoms(tx, merged.id)
    earlier = await lock_atoms(tx, superseded)
    for atom in earlier.values():
        if not is_later(decision_of(kept), decision_of(atom)) or kept.type != "decision":
            raise QueryError(
                "conflict",
                f"Atom {merged.id} supersedes atom {atom.id}, which atom {kept.id} cannot: take that back"
                " first.",
            )
    return plan_atom_merge(
        kept.id,
        merged.id,
        sources=await sources_of(tx, [kept.id, merged.id]),
        kept_topics=await topics_of(tx, kept.id),
        merged_topics=await topics_of(tx, merged.id),
        links=await links_of(tx, [kept.id, merged.id]),
        superseded=superseded,
    )


async def _move(tx: Transaction, kept_id: int, merged_id: int, moved: MovedAtom) -> None:
    await drop_citations(tx, moved.dropped_sources)
    await move_citations(tx, moved.sources, old=merged_id, new=kept_id)
    await lock_topics(tx, [*moved.topics, *moved.shared_topics, *await topics_of(tx, kept_id)])
    await put_into_topics(tx, [(topic_id, kept_id) for topic_id in moved.topics])
    gone = [(topic_id, merged_id) for topic_id in (*moved.topics, *moved.shared_topics)]
    await take_out_of_topics(tx, gone)
    messages, _ = await quoted_messages(tx, kept_id)
    await derive_messages(tx, await topics_of(tx, kept_id), messages)
    await drop_links(tx, moved.dropped_links)
    await repoint_links(tx, moved.links, at=merged_id, old=merged_id, new=kept_id)
    await change_atoms(tx, [merged_id], merged_into=kept_id)
    await change_atoms(tx, [kept_id])
    await change_atoms(tx, moved.superseded, superseded_by=kept_id)
    await settle_supersession(tx, [kept_id, merged_id])


async def _refuse_if_built_on(tx: Transaction, merge: AtomMerge) -> None:
    for atoms in await _later_around(tx, merge):
        if atoms.merged_id == merge.kept_id or atom_merge_builds_on(atoms, merge):
            raise undo_first("atom", atoms.id, kept_id=atoms.kept_id, merged_id=atoms.merged_id)
    topics = [*merge.moved.topics, *merge.moved.shared_topics]
    for away in await topic_merges_away(tx, topics):
        raise undo_first("topic", away.id, kept_id=away.kept_id, merged_id=away.merged_id)
    for later in await later_topic_merges(tx, merge.id, topics):
        if topic_merge_builds_on_atoms(later.kept_id, later.moved, merge):
            raise undo_first("topic", later.id, kept_id=later.kept_id, merged_id=later.merged_id)


async def _later_around(tx: Transaction, merge: AtomMerge) -> list[AtomMerge]:
    """The later merges of the atoms that a merge linked, and of those into which they were merged in turn."""
    around: set[int] = set()
    reached = {merge.kept_id, *linked_atoms(merge)}
    found: dict[int, AtomMerge] = {}
    while reached:
        around |= reached
        later = await later_atom_merges(tx, merge.id, reached)
        found |= {each.id: each for each in later}
        reached = {each.kept_id for each in later} - around
    return sorted(found.values(), key=lambda each: each.id)
