"""Whether what was found is known already: the questions about it, and their answers.

What is found and what is known are numbered from 1 each, within one question; `pairs` are those that are near
enough to be asked about, and nothing else can be answered.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from services.knowledge.answers import Confidence, Number
from shared.contracts.knowledge import AtomType

Relation = Literal["same", "refines", "contradicts", "supersedes", "solves", "different"]


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Something found and something known that are near each other.

    Attributes:
        similarity: Cosine of their vectors, or how many words they share when there are no vectors; 0..1.
    """

    found: int
    known: int
    similarity: float


class TopicText(msgspec.Struct, frozen=True, kw_only=True):
    """A topic as it is compared."""

    number: int
    name: str
    description: str


class TopicsToMatch(msgspec.Struct, frozen=True, kw_only=True):
    """Which of these found topics is one of the known ones?"""

    found: list[TopicText]
    known: list[TopicText]
    pairs: list[Pair]


class TopicMatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one found topic is.

    Attributes:
        known: The known topic that it is; None when it is none of them.
        description: What the known topic's description should be from now on; None when nothing is missing.
    """

    found: Number
    known: Number | None
    confidence: Confidence
    description: Annotated[str, Meta(max_length=1000)] | None


class TopicMatches(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What each found topic is."""

    matches: Annotated[list[TopicMatch], Meta(max_length=50)]


class AtomText(msgspec.Struct, frozen=True, kw_only=True):
    """An atom as it is compared.

    Attributes:
        said_at: When its latest quote was said.
    """

    number: int
    type: AtomType
    title: str
    content: str
    said_at: datetime


class AtomsToMatch(msgspec.Struct, frozen=True, kw_only=True):
    """How do these found atoms stand to the known ones?"""

    found: list[AtomText]
    known: list[AtomText]
    pairs: list[Pair]


class AtomMatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one found atom stands to one known atom.

    Attributes:
        relation: `same` says the same; `refines` says it more fully or more exactly; `contradicts` cannot be
            true beside it; `supersedes` is a later decision in its place; `solves` is the solution of that
            problem or the answer to that question; `different` is none of these.
        title: For `refines`: the known atom's title from now on; None when it stays.
        content: For `refines`: the known atom's content from now on, made of both; else None.
        reason: In a sentence, for a person who is to decide.
    """

    found: Number
    known: Number
    relation: Relation
    confidence: Confidence
    title: Annotated[str, Meta(max_length=200)] | None
    content: Annotated[str, Meta(max_length=4000)] | None
    reason: Annotated[str, Meta(max_length=500)]


class AtomMatches(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How each pair stands."""

    matches: Annotated[list[AtomMatch], Meta(max_length=500)]
