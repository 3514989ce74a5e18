"""What others may know of knowledge as a whole: its words, what is searched, and that something changed.

Topics, atoms, extractions and revisions have modules of their own.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from shared.contracts.base import Event, Query

AtomType = Literal["problem", "solution", "decision", "question", "insight", "pattern", "requirement"]
ReviewStatus = Literal["needs_review", "approved", "rejected"]
EntityKind = Literal["topic", "atom"]
Change = Literal[
    "created",
    "edited",
    "reviewed",
    "merged",
    "unmerged",
    "superseded",
    "linked",
    "unlinked",
    "deleted",
    "labelled",
    "unlabelled",
]
Confidence = Annotated[float, Meta(ge=0, le=1)]
# A database keeps ids in 63 bits, and no text with a zero character.
Id = Annotated[int, Meta(ge=1, le=2**63 - 1)]
STORABLE = r"^[^\x00]*$"
Person = Annotated[str, Meta(min_length=1, max_length=200)]
MessageIds = Annotated[list[Id], Meta(min_length=1, max_length=200)]
TopicIds = Annotated[list[Id], Meta(max_length=20)]


class TopicRef(msgspec.Struct, frozen=True, kw_only=True):
    """A topic in short."""

    id: int
    name: str
    icon: str
    colour: str


class KnowledgeText(msgspec.Struct, frozen=True, kw_only=True):
    """What search needs of an atom or a topic.

    Attributes:
        text: What is embedded and searched: content for atoms, description for topics.
        content_hash: Hex digest of title and text.
        hidden: Rejected or merged away: not to be found.
    """

    id: int
    title: str
    text: str
    content_hash: str
    at: datetime
    atom_type: AtomType | None = None
    status: ReviewStatus
    topic_ids: list[int] = []
    chat_ids: list[int] = []
    author_ids: list[int] = []
    hidden: bool = False


class KnowledgeTextPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of texts in id order; `next_after_id` is None when there are no more."""

    items: list[KnowledgeText]
    next_after_id: int | None = None


# Queries


class GetKnowledgeTexts(Query[KnowledgeTextPage], subject="knowledge.get_texts"):
    """Texts of atoms or topics in id order, for a service that works through many.

    Either `ids` (at most 200; unknown ids are left out), or all that come after `after_id`. Hidden ones are
    included and say so. A page ends before its texts exceed half a mebibyte.
    """

    entity: EntityKind
    ids: Annotated[list[Id], Meta(max_length=200)] | None = None
    after_id: int = 0
    limit: Annotated[int, Meta(ge=1, le=200)] = 200


# Events


class EntityChanged(Event, event=("knowledge.entity_changed", "knowledge", "knowledge.entity_changed")):
    """A topic or an atom was made, changed, reviewed, linked, merged or split again."""

    entity: EntityKind
    entity_id: int
    change: Change
    by: str | None = None
