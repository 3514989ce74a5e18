"""Undoing merges: what of later ones rests on an earlier one, which cannot be undone before them."""

import msgspec

from services.knowledge.merging import MovedAtom, MovedTopic
from shared.contracts.errors import QueryError
from shared.contracts.knowledge import EntityKind


class AtomMerge(msgspec.Struct, frozen=True, kw_only=True):
    """A merge of atoms that holds."""

    id: int
    kept_id: int
    merged_id: int
    moved: MovedAtom


def linked_atoms(merge: AtomMerge) -> set[int]:
    """The atoms at the other ends of everything that a merge moved or dropped."""
    links = [*merge.moved.links, *(dropped.row for dropped in merge.moved.dropped_links)]
    return {end for link in links for end in (link.from_atom, link.to_atom)} - {
        merge.kept_id,
        merge.merged_id,
    }


def atom_merge_builds_on(later: AtomMerge, earlier: AtomMerge) -> bool:
    """Whether a later merge of atoms rests on what an earlier one moved, which therefore cannot be undone."""
    moved, dropped = earlier.moved, later.moved
    links = {link.id for link in moved.links}
    gone = {end for each in moved.dropped_links for end in (each.row.from_atom, each.row.to_atom)}
    return (
        later.merged_id in gone - {earlier.merged_id}
        or any(each.row.id in links or each.for_id in links for each in dropped.dropped_links)
        or any(each.for_id in moved.sources for each in dropped.dropped_sources)
        or (later.kept_id == earlier.kept_id and not set(moved.topics).isdisjoint(dropped.shared_topics))
    )


def atom_merge_builds_on_topics(later: AtomMerge, kept_topic: int, moved: MovedTopic) -> bool:
    """Whether a later merge of atoms rests on what a merge of topics into `kept_topic` moved."""
    return later.merged_id in (*moved.atoms, *moved.shared_atoms) or (
        later.kept_id in moved.atoms and kept_topic in later.moved.shared_topics
    )


def topic_merge_builds_on_atoms(later_kept: int, later: MovedTopic, earlier: AtomMerge) -> bool:
    """Whether a later merge of topics into `later_kept` rests on what a merge of atoms moved."""
    return later_kept in earlier.moved.topics and earlier.kept_id in later.shared_atoms


def topic_merge_builds_on(later: MovedTopic, earlier: MovedTopic) -> bool:
    """Whether a later merge into the same topic rests on what an earlier one moved."""
    return not set(later.shared_atoms).isdisjoint(earlier.atoms)


def undo_first(entity: EntityKind, merge_id: int, *, kept_id: int, merged_id: int) -> QueryError:
    """The refusal to undo a merge before a later one that rests on it."""
    return QueryError(
        "conflict",
        f"{entity.capitalize()} {merged_id} was merged into {entity} {kept_id} after that, which rests on"
        f" this merge: undo merge {merge_id} first.",
    )
