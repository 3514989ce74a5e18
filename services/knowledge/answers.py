"""What an extractor is given and what it answers: the shapes that prompts, rules and verification share.

Messages are numbered from 1 within one question: an answer can name only what it was given.
"""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from shared.contracts.atoms import LinkType
from shared.contracts.knowledge import AtomType

Confidence = Annotated[float, Meta(ge=0, le=1)]
Number = Annotated[int, Meta(ge=1)]


class ChatLine(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a conversation.

    Attributes:
        number: Within this question, from 1.
        reply_to: The number of the message that it answers, when that is among these.
        context: Given for understanding alone: extracted before, so nothing is to be taken from it.
    """

    number: int
    author: str
    sent_at: datetime
    text: str
    reply_to: int | None = None
    context: bool = False


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """What knowledge is extracted from: lines in the order sent, and topics that there are already.

    Attributes:
        known_topics: Names of topics near to it, to be used again where they fit.
    """

    chat: str
    lines: list[ChatLine]
    known_topics: list[str] = []


class Quote(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words of a message, exactly as they stand there."""

    message: Number
    text: Annotated[str, Meta(min_length=1, max_length=2000)]


class ExtractedTopic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A topic of the conversation.

    Attributes:
        name: 2 to 4 words.
        icon: One emoji.
        confidence: That this is a matter of its own, which people will come back to.
    """

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    description: Annotated[str, Meta(max_length=1000)]
    icon: Annotated[str, Meta(max_length=16)]
    confidence: Confidence


class ExtractedAtom(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An atom of knowledge.

    Attributes:
        topic: The name of one of the answer's topics, or of a known one.
        quotes: At least one: what proves it.
    """

    type: AtomType
    topic: Annotated[str, Meta(min_length=1, max_length=100)]
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    content: Annotated[str, Meta(min_length=1, max_length=4000)]
    confidence: Confidence
    quotes: Annotated[list[Quote], Meta(min_length=1, max_length=20)]


class ExtractedLink(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one atom of the answer stands to another; both by their place in `atoms`, from 1."""

    source: Number
    target: Number
    type: LinkType
    strength: Confidence


class Extraction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that was found in a conversation; all lists are empty when there is nothing."""

    topics: Annotated[list[ExtractedTopic], Meta(max_length=20)]
    atoms: Annotated[list[ExtractedAtom], Meta(max_length=100)]
    links: Annotated[list[ExtractedLink], Meta(max_length=200)]
