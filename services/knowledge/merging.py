"""Merging: what goes over from one topic or atom to another, and what is dropped.

What was moved is remembered to the row, so that an undo puts back that and nothing else. What the kept one
has already is dropped, and remembered together with what it yielded to.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from shared.contracts.atoms import LinkType


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A citation, as its row is kept."""

    id: int
    atom_id: int
    message_id: int
    quote: str
    chat_id: int
    author_id: int | None
    author: str | None
    sent_at: datetime
    content_hash: str
    stale: bool


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A link, as its row is kept."""

    id: int
    from_atom: int
    to_atom: int
    type: LinkType
    strength: float
    run_id: UUID | None
    created_by: str | None
    created_at: datetime


class DroppedSource(msgspec.Struct, frozen=True, kw_only=True):
    """A citation that the kept atom has too, under the id `for_id`."""

    row: Source
    for_id: int


class DroppedLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link that the kept atom has too, under the id `for_id`; None for one between the two atoms."""

    row: Link
    for_id: int | None


class MovedLabel(msgspec.Struct, frozen=True, kw_only=True):
    """A person's label that went over; one that was given since has another time."""

    message_id: int
    labelled_at: datetime


class MovedTopic(msgspec.Struct, frozen=True, kw_only=True):
    """What a merge of topics moved: atoms that went over, and atoms that were in both.

    Attributes:
        labels: Messages that people had labelled with the merged topic.
    """

    atoms: list[int]
    shared_atoms: list[int]
    labels: list[MovedLabel] = []


class MovedAtom(msgspec.Struct, frozen=True, kw_only=True):
    """What a merge of atoms moved.

    Attributes:
        sources: Ids of citations that went over.
        topics: Topics that the kept atom came into by it; `shared_topics` are those that both were in.
        links: The links that went over, as they were before.
        superseded: Decisions that the merged atom had replaced.
    """

    sources: list[int]
    dropped_sources: list[DroppedSource]
    topics: list[int]
    shared_topics: list[int]
    links: list[Link]
    dropped_links: list[DroppedLink]
    superseded: list[int] = []


def plan_topic_merge(kept_atoms: Iterable[int], merged_atoms: Iterable[int]) -> MovedTopic:
    """What goes over when one topic's atoms are taken into another."""
    kept, merged = set(kept_atoms), set(merged_atoms)
    return MovedTopic(atoms=sorted(merged - kept), shared_atoms=sorted(merged & kept))


def plan_atom_merge(  # noqa: PLR0913 - what two atoms have
    kept_id: int,
    merged_id: int,
    *,
    sources: Sequence[Source],
    kept_topics: Iterable[int],
    merged_topics: Iterable[int],
    links: Sequence[Link],
    superseded: Iterable[int],
) -> MovedAtom:
    """What goes over when one atom is the duplicate of another.

    Args:
        kept_id: The atom that stays.
        merged_id: Its duplicate.
        sources: The citations of both.
        kept_topics: The topics of the one that stays.
        merged_topics: The topics of the duplicate.
        links: Every link that touches one of them.
        superseded: Decisions that the duplicate had replaced.
    """
    kept_sources = {(row.message_id, row.quote): row.id for row in sources if row.atom_id == kept_id}
    own_sources = [row for row in sources if row.atom_id == merged_id]
    kept_links = {_ends(link): link.id for link in links if merged_id not in (link.from_atom, link.to_atom)}
    moved_links: list[Link] = []
    dropped_links: list[DroppedLink] = []
    for link in links:
        if merged_id not in (link.from_atom, link.to_atom):
            continue
        over = _ends(repoint(link, merged_id, kept_id))
        if kept_id in (link.from_atom, link.to_atom):
            dropped_links.append(DroppedLink(row=link, for_id=None))
        elif over in kept_links:
            dropped_links.append(DroppedLink(row=link, for_id=kept_links[over]))
        else:
            moved_links.append(link)
    topics = plan_topic_merge(kept_topics, merged_topics)
    return MovedAtom(
        sources=[row.id for row in own_sources if (row.message_id, row.quote) not in kept_sources],
        dropped_sources=[
            DroppedSource(row=row, for_id=kept_sources[row.message_id, row.quote])
            for row in own_sources
            if (row.message_id, row.quote) in kept_sources
        ],
        topics=topics.atoms,
        shared_topics=topics.shared_atoms,
        links=moved_links,
        dropped_links=dropped_links,
        superseded=sorted(superseded),
    )


def repoint(link: Link, old: int, new: int) -> Link:
    """A link with one atom in another's place."""
    return msgspec.structs.replace(
        link,
        from_atom=new if link.from_atom == old else link.from_atom,
        to_atom=new if link.to_atom == old else link.to_atom,
    )


def _ends(link: Link) -> tuple[int, int, str]:
    return link.from_atom, link.to_atom, link.type
