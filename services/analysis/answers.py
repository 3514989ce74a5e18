"""What is asked about a batch of messages and what is answered: the shapes of prompts, rules and checks.

Messages and earlier proposals are numbered from 1 within one question: an answer can name only what it was
given. Of an answer only its numbers are bounded here: what is too long is cut when it is checked, as a paid
answer is not to be lost for a long title.
"""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from shared.contracts.analysis import Language
from shared.contracts.atoms import LinkType
from shared.contracts.knowledge import AtomType
from shared.contracts.proposals import Category, Priority, Recommendation

Confidence = Annotated[float, Meta(ge=0, le=1)]
Number = Annotated[int, Meta(ge=1)]


class ChatLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message of the batch.

    Attributes:
        number: Within this question, from 1.
        thread: Tells conversations of one chat apart, where it has such.
        reply_to: The number of the message that it answers, when that is among these.
    """

    number: int
    chat: str
    thread: int | None = None
    author: str
    sent_at: datetime
    text: str
    reply_to: int | None = None


class GivenComponent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of what the team builds, and words by which one knows it."""

    name: str
    description: str = ""
    keywords: list[str] = []


class GivenRule(msgspec.Struct, frozen=True, kw_only=True):
    """What has one of these words is at least this urgent."""

    keywords: list[str]
    priority: Priority


class GivenProject(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the team works on.

    Attributes:
        glossary: What its words mean: those that the messages have.
    """

    name: str
    description: str = ""
    glossary: dict[str, str] = {}
    components: list[GivenComponent] = []
    priority_rules: list[GivenRule] = []


class SimilarAtom(msgspec.Struct, frozen=True, kw_only=True):
    """Something known that is near to what the messages are about.

    Attributes:
        approved: By a person.
    """

    type: AtomType
    title: str
    content: str
    approved: bool


class EarlierProposal(msgspec.Struct, frozen=True, kw_only=True):
    """A task that was proposed and approved before; its number is from 1 within this question."""

    number: int
    title: str
    description: str


class GivenAtom(msgspec.Struct, frozen=True, kw_only=True):
    """An atom that quotes messages of the batch, for rules: whom it quotes in its own words.

    Attributes:
        quotes: Numbers of messages, and the words.
        topics: Names of its topics.
        settled: A later decision has taken its place, or something outside of the batch solves it.
    """

    id: int
    type: AtomType
    title: str
    confidence: float
    approved: bool
    quotes: list[tuple[int, str]]
    topics: list[str] = []
    settled: bool = False


class GivenLink(msgspec.Struct, frozen=True, kw_only=True):
    """How one given atom stands to another, by their ids."""

    source: int
    target: int
    type: LinkType


class Batch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What tasks are proposed from.

    Attributes:
        language: Of the phrases that rules put around what they quote.
        lines: In the order sent.
        details_schema: JSON Schema of each proposal's `details`; None asks for none.
        atoms: For rules alone.
    """

    language: Language
    project: GivenProject
    lines: list[ChatLine]
    similar_atoms: list[SimilarAtom] = []
    earlier_proposals: list[EarlierProposal] = []
    details_schema: dict[str, Any] | None = None
    atoms: list[GivenAtom] = []
    links: list[GivenLink] = []


class Quote(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words of a message, exactly as they stand there.

    Attributes:
        message: The number of the line.
        text: The words, letter for letter.
    """

    message: Number
    text: str


class ProposedTask(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A task that somebody should do.

    Attributes:
        title: What is to be done, at most 200 characters.
        description: What is needed to do it, from the messages alone.
        tags: At most 5, of one to three words.
        sub_tasks: Steps that the messages name.
        component: The name of one of the project's components, or null.
        quotes: What proves it.
        confidence: That somebody should do it, and that it is told rightly.
        reasoning: Why this is a task, in one or two sentences.
        repeats: The number of the earlier proposal that this one repeats or goes on with, or null.
        details: JSON text of one object that fits `details_schema`; null when there is no schema.
    """

    title: str
    description: str
    category: Category
    priority: Priority
    tags: list[str]
    sub_tasks: list[str]
    component: str | None
    quotes: list[Quote]
    confidence: Confidence
    reasoning: str
    recommendation: Recommendation
    repeats: Number | None
    details: str | None


class Proposals(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All tasks that were found; the list is empty when there is none."""

    proposals: Annotated[list[ProposedTask], Meta(max_length=50)]
