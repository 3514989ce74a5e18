"""What others may know of atoms: what they say, the words that prove it, and how they hang together."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.contracts.base import Command, Query
from shared.contracts.errors import ErrorBody
from shared.contracts.ingestion import PageSize
from shared.contracts.knowledge import (
    STORABLE,
    AtomType,
    Confidence,
    Id,
    Person,
    ReviewStatus,
    TopicIds,
    TopicRef,
)

LinkType = Literal["solves", "supports", "contradicts", "continues", "refines", "relates_to", "depends_on"]
Title = Annotated[str, Meta(min_length=1, max_length=200, pattern=STORABLE)]
Content = Annotated[str, Meta(min_length=1, max_length=8000, pattern=STORABLE)]
QuotedWords = Annotated[str, Meta(min_length=1, max_length=4096, pattern=STORABLE)]


class Citation(msgspec.Struct, frozen=True, kw_only=True):
    """A quote that stands word for word in a message (white space folded).

    `stale` says that the message was edited afterwards and no longer has these words.
    """

    message_id: int
    quote: str
    chat_id: int
    sent_at: datetime
    author: str | None = None
    stale: bool = False


class AtomRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An atom of knowledge; it has at least one citation.

    Attributes:
        citations: At most the first hundred by time.
        valid_from: For decisions: since when it holds, which is when its last quote was said; `valid_to`
            until when, if a later one replaced it.
        superseded_by: That later one.
        supersedes: Earlier decisions that this one replaces, or will when it is approved.
        merged_into: The atom that took this one over as its duplicate.
        reviewed_by: Who decided last; None when nobody did.
        rule_id: The automation rule that approved it, where none of the people did.
        basic_mode: Found by rules, not by a language model.
        links: How many links from and to it there are.
    """

    id: int
    type: AtomType
    title: str
    content: str
    confidence: float
    status: ReviewStatus
    topics: list[TopicRef] = []
    citations: list[Citation] = []
    meta: dict[str, Any] = {}
    version: int = 1
    drafts: int = 0
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    superseded_by: int | None = None
    supersedes: list[int] = []
    merged_into: int | None = None
    run_id: UUID | None = None
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    rule_id: UUID | None = None
    basic_mode: bool = False
    links: int = 0
    created_at: datetime
    updated_at: datetime


class LinkRecord(msgspec.Struct, frozen=True, kw_only=True):
    """How one atom stands to another: `from_atom` <type> `to_atom`."""

    id: int
    from_atom: int
    to_atom: int
    type: LinkType
    strength: float
    run_id: UUID | None = None
    created_at: datetime


class ReviewOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one of many that were reviewed: the status that it has now, or why it has not."""

    atom_id: int
    status: ReviewStatus | None = None
    error: ErrorBody | None = None


class AtomPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of atoms, newest first; `next_cursor` is None on the last page."""

    items: list[AtomRecord]
    next_cursor: str | None = None


class QuotedAtoms(msgspec.Struct, frozen=True, kw_only=True):
    """Atoms that quote certain messages, in id order, and the links from and to them."""

    atoms: list[AtomRecord]
    links: list[LinkRecord]


# Commands


class CheckCitations(Command, actor="check_citations_task", queue="knowledge"):
    """Look whether messages that were edited still have the words that atoms quote of them.

    Idempotent: says of each quote whether the message's present text has it.
    """

    message_ids: Annotated[list[Id], Meta(min_length=1, max_length=500)]


# Queries


class ListAtoms(Query[AtomPage], subject="knowledge.list_atoms"):
    """Atoms, newest first. Merged ones are left out, rejected ones unless asked for."""

    topic_id: Id | None = None
    type: AtomType | None = None
    status: ReviewStatus | None = None
    message_id: Id | None = None
    run_id: UUID | None = None
    include_superseded: bool = True
    cursor: str | None = None
    limit: PageSize = 50


class GetAtom(Query[AtomRecord], subject="knowledge.get_atom"):
    """One atom; `not_found` when there is none."""

    atom_id: Id


class GetAtoms(Query[list[AtomRecord]], subject="knowledge.get_atoms"):
    """The atoms with these ids, in id order; unknown ids are left out. At most 100 ids.

    An answer ends before its atoms exceed half a mebibyte: who misses some asks again for the ids above the
    last one, until there is nothing more.
    """

    atom_ids: Annotated[list[Id], Meta(max_length=100)]


class CreateAtom(Query[AtomRecord], subject="knowledge.create_atom"):
    """A person makes an atom; its quotes are verified: `invalid` names the one that fails."""

    type: AtomType
    title: Title
    content: Content
    by: Person
    quotes: Annotated[list[tuple[Id, QuotedWords]], Meta(min_length=1, max_length=50)]
    topic_ids: TopicIds = msgspec.field(default_factory=list)


class EditAtom(Query[AtomRecord], subject="knowledge.edit_atom"):
    """A person's change: holds at once, and is a version.

    `conflict` when `version` is given and is not the atom's.
    """

    atom_id: Id
    by: Person
    type: AtomType | msgspec.UnsetType = msgspec.UNSET
    title: Title | msgspec.UnsetType = msgspec.UNSET
    content: Content | msgspec.UnsetType = msgspec.UNSET
    topic_ids: TopicIds | msgspec.UnsetType = msgspec.UNSET
    version: int | None = None


class ReviewAtom(Query[AtomRecord], subject="knowledge.review_atom"):
    """Approve an atom, reject it, or take the decision back.

    Approving a decision that supersedes an earlier one ends the earlier one's validity.
    """

    atom_id: Id
    status: ReviewStatus
    by: Person


class ReviewAtoms(Query[list[ReviewOutcome]], subject="knowledge.review_atoms"):
    """Review many at once; answers for each, in the order asked. One that cannot be stops no other."""

    atom_ids: Annotated[list[Id], Meta(min_length=1, max_length=200)]
    status: ReviewStatus
    by: Person


class SupersedeAtom(Query[AtomRecord], subject="knowledge.supersede_atom"):
    """Say that a later decision replaces this one; answers with this one. None takes it back."""

    atom_id: Id
    superseded_by: Id | None
    by: Person


class ListLinks(Query[list[LinkRecord]], subject="knowledge.list_links"):
    """The links from and to an atom, strongest first."""

    atom_id: Id


class CreateLink(Query[LinkRecord], subject="knowledge.create_link"):
    """Link two atoms; the same link made again is changed to this strength."""

    from_atom: Id
    to_atom: Id
    type: LinkType
    by: Person
    strength: Confidence = 1.0


class DeleteLink(Query[None], subject="knowledge.delete_link"):
    """Delete a link. Deleting it twice is harmless."""

    link_id: Id
    by: Person


class GetQuotedAtoms(Query[QuotedAtoms], subject="knowledge.get_quoted_atoms"):
    """The atoms that quote one of these messages, neither rejected nor merged away, with their links.

    An answer ends before it exceeds half a mebibyte: of very much, the newest atoms are left out.
    """

    message_ids: Annotated[list[Id], Meta(max_length=200)]
