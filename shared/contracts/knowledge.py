"""What others may know of knowledge: topics, atoms with their citations, versions, rules and extractions."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.contracts.base import Command, Event, Query
from shared.contracts.errors import ErrorBody
from shared.contracts.ingestion import MessageText, PageSize
from shared.contracts.scoring import MessageClass

AtomType = Literal["problem", "solution", "decision", "question", "insight", "pattern", "requirement"]
LinkType = Literal["solves", "supports", "contradicts", "continues", "refines", "relates_to", "depends_on"]
ReviewStatus = Literal["needs_review", "approved", "rejected"]
VersionStatus = Literal["draft", "approved", "rejected"]
EntityKind = Literal["topic", "atom"]
ExtractionStatus = Literal["pending", "running", "completed", "failed", "cancelled"]
Trigger = Literal["threshold", "manual", "schedule"]
RuleTarget = Literal["topic", "atom", "topic_version", "atom_version"]
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
_STORABLE = r"^[^\x00]*$"
TopicName = Annotated[str, Meta(min_length=1, max_length=100, pattern=_STORABLE)]
Description = Annotated[str, Meta(max_length=2000, pattern=_STORABLE)]
Icon = Annotated[str, Meta(min_length=1, max_length=16, pattern=_STORABLE)]
Colour = Annotated[str, Meta(max_length=7, pattern=r"^#[0-9a-fA-F]{6}$")]
Title = Annotated[str, Meta(min_length=1, max_length=200, pattern=_STORABLE)]
Content = Annotated[str, Meta(min_length=1, max_length=8000, pattern=_STORABLE)]
QuotedWords = Annotated[str, Meta(min_length=1, max_length=4096, pattern=_STORABLE)]
RuleName = Annotated[str, Meta(min_length=1, max_length=100, pattern=_STORABLE)]
Person = Annotated[str, Meta(min_length=1, max_length=200)]
MessageIds = Annotated[list[Id], Meta(min_length=1, max_length=200)]
TopicIds = Annotated[list[Id], Meta(max_length=20)]


class TopicRef(msgspec.Struct, frozen=True, kw_only=True):
    """A topic in short."""

    id: int
    name: str
    icon: str
    colour: str


class TopicRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A topic.

    Attributes:
        name: 2 to 4 words, unique whatever the case.
        icon: One emoji.
        colour: `#rrggbb`.
        status: One that was proposed with a confidence below 0.7 needs review.
        version: The number of its present version, 1 as it was made; `drafts` wait for a decision.
        merged_into: The topic that took this one over.
        reviewed_by: Who decided last; None when nobody did.
        rule_id: The automation rule that approved it, where none of the people did.
    """

    id: int
    name: str
    description: str
    icon: str
    colour: str
    status: ReviewStatus
    confidence: float
    atoms: int = 0
    messages: int = 0
    version: int = 1
    drafts: int = 0
    merged_into: int | None = None
    run_id: UUID | None = None
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    rule_id: UUID | None = None
    created_at: datetime
    updated_at: datetime


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


class FieldChange(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a diff."""

    field: str
    before: Any
    after: Any


class VersionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A change of a topic or an atom, numbered per entity from 2: version 1 is what was made first.

    Attributes:
        changes: Against the version that held when this one was written.
        similarity: Of what suggested the change to the entity, 0..1; None when a person wrote it.
        rule_id: The automation rule that decided, where none of the people did.
    """

    id: int
    entity: EntityKind
    entity_id: int
    number: int
    status: VersionStatus
    changes: list[FieldChange]
    reason: str = ""
    confidence: float | None = None
    similarity: float | None = None
    run_id: UUID | None = None
    created_by: str | None = None
    created_at: datetime
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    rule_id: UUID | None = None


class ExtractionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One extraction: its id is its run_id and its trace.

    Attributes:
        messages: Claimed for it.
        quotes_dropped: Quotes that no message has word for word; never saved.
        atoms_dropped: Atoms that were left with no verified quote; never saved.
        atoms_refused: Atoms and topics that repeat the prompt instead of the conversation; never saved.
        stopped_by: `cost_cap` or `token_cap` when a cap ended it early, with what was done kept.
        cached_calls: Calls that the cache answered.
        failure: For a failed one: what happened and what to do.
        started_by: The person who asked for it; None when the threshold did.
    """

    id: UUID
    status: ExtractionStatus
    trigger: Trigger
    agent_id: UUID | None = None
    agent_name: str | None = None
    provider_name: str | None = None
    model: str | None = None
    basic_mode: bool = False
    prompt: str | None = None
    messages: int = 0
    topics_created: int = 0
    topics_matched: int = 0
    atoms_created: int = 0
    atoms_merged: int = 0
    links_created: int = 0
    versions_created: int = 0
    quotes_dropped: int = 0
    atoms_dropped: int = 0
    atoms_refused: int = 0
    calls: int = 0
    cached_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    stopped_by: str | None = None
    failure: str | None = None
    started_by: str | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


class RuleRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An automation rule: approves by itself what is sure enough.

    Attributes:
        applies_to: `topic` and `atom` are new ones, `topic_version` and `atom_version` drafts of changes.
        min_confidence: At least this, 0..1.
        min_similarity: At least this, 0..1; for versions.
        atom_types: Only these; empty for all.
        approved: How many of its approvals stand.
    """

    id: UUID
    name: str
    enabled: bool
    applies_to: RuleTarget
    min_confidence: float
    min_similarity: float
    atom_types: list[AtomType]
    approved: int = 0
    created_by: str
    created_at: datetime


class MergeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A merge of two topics or two atoms, which can be undone until something else builds on it."""

    id: int
    entity: EntityKind
    kept_id: int
    merged_id: int
    similarity: float | None = None
    run_id: UUID | None = None
    merged_by: str | None = None
    merged_at: datetime
    undone_by: str | None = None
    undone_at: datetime | None = None


class ReviewOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one of many that were reviewed: the status that it has now, or why it has not."""

    atom_id: int
    status: ReviewStatus | None = None
    error: ErrorBody | None = None


class ChangeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One change by a person, an automation rule, or an extraction that merges: the log is never rewritten.

    Attributes:
        entity_id: The topic or the atom; None for a change of a rule, which `rule_id` names.
        by: The person; None when it was a rule, which `rule_id` names, or an extraction.
        details: What is particular to the change, for example `{"status": "approved", "was": "rejected"}`.
    """

    id: int
    entity: Literal["topic", "atom", "rule"]
    entity_id: int | None = None
    change: Change
    by: str | None = None
    rule_id: UUID | None = None
    details: dict[str, Any] = {}
    at: datetime


class ChangePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of changes, newest first; `next_cursor` is None on the last page."""

    items: list[ChangeRecord]
    next_cursor: str | None = None


class PendingChat(msgspec.Struct, frozen=True, kw_only=True):
    """What waits of one chat."""

    chat_id: int
    waiting: int
    oldest_at: datetime


class SetAsideMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that no extraction is set off for any more, as those that held it failed too often.

    It is extracted when a person asks for it by its id, and waits anew when its text changes.
    """

    message_id: int
    chat_id: int
    failures: int
    reason: str


class PendingState(msgspec.Struct, frozen=True, kw_only=True):
    """Messages that wait for an extraction.

    Attributes:
        waiting: Within the look-back; `threshold` of them set one off.
        claimed: In extractions that have not ended.
        paused: Why nothing is set off, for a person; None when nothing stands in the way.
        set_aside: Messages that extractions failed on too often.
        set_aside_messages: The latest of them, at most twenty.
    """

    waiting: int
    claimed: int
    threshold: int
    lookback_hours: float
    chats: list[PendingChat] = []
    paused: str | None = None
    set_aside: int = 0
    set_aside_messages: list[SetAsideMessage] = []


class KnowledgeStats(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of what there is: topics and atoms by status, atoms by type, drafts that wait."""

    topics: dict[str, int]
    atoms: dict[str, int]
    atom_types: dict[str, int]
    links: int
    drafts: int
    pending: PendingState


class TopicPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of topics; `next_cursor` is None on the last page."""

    items: list[TopicRecord]
    next_cursor: str | None = None


class AtomPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of atoms, newest first; `next_cursor` is None on the last page."""

    items: list[AtomRecord]
    next_cursor: str | None = None


class VersionPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of versions, newest first; `next_cursor` is None on the last page."""

    items: list[VersionRecord]
    next_cursor: str | None = None


class ExtractionPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of extractions, newest first; `next_cursor` is None on the last page."""

    items: list[ExtractionRecord]
    next_cursor: str | None = None


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


class ConsideredMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What knowledge needs of a scored message to decide whether it waits for an extraction.

    Attributes:
        trace: The `traceparent` of the message's own chain, for the extraction to link to.
    """

    id: int
    chat_id: int
    thread_id: int | None = None
    author_id: int | None = None
    sent_at: datetime
    written_at: datetime
    content_hash: str
    has_text: bool
    message_class: MessageClass
    trace: str | None = None

    @classmethod
    def of(cls, message: MessageText, message_class: MessageClass, trace: str | None = None) -> Self:
        """What there is to consider of a message's text."""
        return cls(
            id=message.id,
            chat_id=message.chat_id,
            thread_id=message.thread_id,
            author_id=message.author_id,
            sent_at=message.sent_at,
            written_at=message.written_at,
            content_hash=message.content_hash,
            has_text=message.has_text,
            message_class=message_class,
            trace=trace,
        )


class QuotedAtoms(msgspec.Struct, frozen=True, kw_only=True):
    """Atoms that quote certain messages, in id order, and the links from and to them."""

    atoms: list[AtomRecord]
    links: list[LinkRecord]


class LabelRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Which topic a message is of, as a person gave or confirmed it.

    Attributes:
        source: `given` to the message itself, or `confirmed` with the topic, which it alone is of.
        by: The person.
    """

    message_id: int
    topic_id: int
    source: Literal["given", "confirmed"]
    by: str
    at: datetime


class LabelPage(msgspec.Struct, frozen=True, kw_only=True):
    """Labels in the order of their messages' ids; `next_after_id` is None when there are no more."""

    items: list[LabelRecord]
    next_after_id: int | None = None


# Commands


class ConsiderMessages(Command, actor="consider_messages_task", queue="knowledge"):
    """Take scored messages among those that wait, and set extractions off when enough do.

    Idempotent: a message waits once; one that was extracted with its present text does not wait again.

    Attributes:
        message_ids: Which; the ids alone suffice.
        messages: Copies of what is needed, to save queries.
    """

    message_ids: Annotated[list[Id], Meta(max_length=500)]
    messages: list[ConsideredMessage] | None = None


class ExtractKnowledge(Command, actor="extract_knowledge_from_messages_task", queue="knowledge"):
    """Extract topics and atoms from these messages.

    Idempotent: what an extraction has saved is not saved again, what a call has answered is not paid again.

    Attributes:
        message_ids: Usually 10 to 50; those that another extraction holds are left out.
        agent_config_id: Who does it; None is the active `knowledge_extractor`.
        extraction_id: The extraction that claimed them; None makes one.
    """

    message_ids: MessageIds
    agent_config_id: UUID | None = None
    extraction_id: UUID | None = None


class ApplyRule(Command, actor="apply_rule_task", queue="knowledge"):
    """Let a rule approve what waits already, in batches. Its result is `{approved, skipped}`.

    Idempotent: what was approved waits no more. Ends early when the rule was disabled or deleted. Drafts that
    cannot be approved, because what they change has changed since, go on waiting.
    """

    rule_id: UUID


class CheckCitations(Command, actor="check_citations_task", queue="knowledge"):
    """Look whether messages that were edited still have the words that atoms quote of them.

    Idempotent: says of each quote whether the message's present text has it.
    """

    message_ids: Annotated[list[Id], Meta(min_length=1, max_length=500)]


class ReviewPending(Command, actor="review_pending_task", queue="knowledge"):
    """Set off what the threshold asks for, and free what dead extractions hold. Harmless to repeat."""


# Queries


class StartExtraction(Query[list[ExtractionRecord]], subject="knowledge.start_extraction"):
    """Extract by hand: these messages, or a chat's, or a period's, in batches of at most 50.

    Asking twice with one run_id starts nothing more. `invalid` when nothing selects, or nothing is selected.

    Attributes:
        run_id: Of the first batch's extraction; further ones get their own.
        again: Also messages that were extracted before; identical input is answered from the cache.
    """

    run_id: UUID
    started_by: Person
    message_ids: Annotated[list[Id], Meta(max_length=2000)] | None = None
    chat_ids: Annotated[list[int], Meta(max_length=1000)] | None = None
    since: datetime | None = None
    until: datetime | None = None
    agent_id: UUID | None = None
    again: bool = False


class GetExtraction(Query[ExtractionRecord], subject="knowledge.get_extraction"):
    """One extraction; `not_found` when there is none with this id."""

    extraction_id: UUID


class ListExtractions(Query[ExtractionPage], subject="knowledge.list_extractions"):
    """Extractions, newest first."""

    status: ExtractionStatus | None = None
    cursor: str | None = None
    limit: PageSize = 50


class CancelExtraction(Query[ExtractionRecord], subject="knowledge.cancel_extraction"):
    """Cancel an extraction: it saves nothing more, and what it has not saved waits again.

    `conflict` when it has ended in another way; cancelling it twice is harmless.
    """

    extraction_id: UUID


class GetKnowledgeStats(Query[KnowledgeStats], subject="knowledge.get_stats"):
    """Counts, and what waits."""


class ListTopics(Query[TopicPage], subject="knowledge.list_topics"):
    """Topics, those with the latest change first. Merged ones are left out."""

    status: ReviewStatus | None = None
    search: Annotated[str, Meta(max_length=200, pattern=_STORABLE)] | None = None
    cursor: str | None = None
    limit: PageSize = 50


class GetTopic(Query[TopicRecord], subject="knowledge.get_topic"):
    """One topic; `not_found` when there is none."""

    topic_id: Id


class CreateTopic(Query[TopicRecord], subject="knowledge.create_topic"):
    """A person makes a topic; `conflict` names the one that has the name."""

    name: TopicName
    by: Person
    description: Description = ""
    icon: Icon = "💬"
    colour: Colour = "#64748b"


class EditTopic(Query[TopicRecord], subject="knowledge.edit_topic"):
    """A person's change: holds at once, and is a version.

    `conflict` when `version` is given and is not the topic's.
    """

    topic_id: Id
    by: Person
    name: TopicName | msgspec.UnsetType = msgspec.UNSET
    description: Description | msgspec.UnsetType = msgspec.UNSET
    icon: Icon | msgspec.UnsetType = msgspec.UNSET
    colour: Colour | msgspec.UnsetType = msgspec.UNSET
    version: int | None = None


class ReviewTopic(Query[TopicRecord], subject="knowledge.review_topic"):
    """Approve a topic, reject it, or take the decision back."""

    topic_id: Id
    status: ReviewStatus
    by: Person


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


class ListVersions(Query[VersionPage], subject="knowledge.list_versions"):
    """Versions, newest first: of one entity, or all that have a status."""

    entity: EntityKind | None = None
    entity_id: Id | None = None
    status: VersionStatus | None = None
    cursor: str | None = None
    limit: PageSize = 50


class ReviewVersion(Query[VersionRecord], subject="knowledge.review_version"):
    """Approve a draft, which makes its changes hold, or reject it.

    `conflict` when someone decided otherwise already, or, with the field, when what it changes has changed
    since. The same person's same decision again is answered as the first.
    """

    version_id: Id
    approve: bool
    by: Person


class MergeTopics(Query[MergeRecord], subject="knowledge.merge_topics"):
    """Take one topic's atoms and messages over into another."""

    kept_id: Id
    merged_id: Id
    by: Person


class MergeAtoms(Query[MergeRecord], subject="knowledge.merge_atoms"):
    """Say that an atom is the duplicate of another, which takes its citations over."""

    kept_id: Id
    merged_id: Id
    by: Person


class ListMerges(Query[list[MergeRecord]], subject="knowledge.list_merges"):
    """Merges, newest first: of one entity, or the latest hundred."""

    entity: EntityKind | None = None
    entity_id: Id | None = None


class UndoMerge(Query[MergeRecord], subject="knowledge.undo_merge"):
    """Put both back as they were; `conflict` says what stands in the way. Undoing it twice is harmless."""

    merge_id: Id
    by: Person


class ListRules(Query[list[RuleRecord]], subject="knowledge.list_rules"):
    """All automation rules, by name; there are at most 200."""


class CreateRule(Query[RuleRecord], subject="knowledge.create_rule"):
    """Make an automation rule; an enabled one approves what waits already, too.

    Asking twice with one id changes nothing. `min_similarity` is for versions, `atom_types` for atoms.
    `conflict` when another one has the name, or there are 200 already.
    """

    rule_id: UUID
    name: RuleName
    applies_to: RuleTarget
    min_confidence: Confidence
    by: Person
    min_similarity: Confidence = 0.0
    atom_types: list[AtomType] = msgspec.field(default_factory=list)
    enabled: bool = True


class UpdateRule(Query[RuleRecord], subject="knowledge.update_rule"):
    """Change the fields that are given; an enabled one then approves what waits already, too."""

    rule_id: UUID
    by: Person
    name: RuleName | msgspec.UnsetType = msgspec.UNSET
    min_confidence: Confidence | msgspec.UnsetType = msgspec.UNSET
    min_similarity: Confidence | msgspec.UnsetType = msgspec.UNSET
    atom_types: list[AtomType] | msgspec.UnsetType = msgspec.UNSET
    enabled: bool | msgspec.UnsetType = msgspec.UNSET


class DeleteRule(Query[None], subject="knowledge.delete_rule"):
    """Delete a rule; what it approved stays. Deleting it twice is harmless."""

    rule_id: UUID
    by: Person


class ListChanges(Query[ChangePage], subject="knowledge.list_changes"):
    """What people and automation rules changed, newest first: of one topic or atom, or of all."""

    entity: EntityKind | None = None
    entity_id: Id | None = None
    cursor: str | None = None
    limit: PageSize = 50


class GetKnowledgeTexts(Query[KnowledgeTextPage], subject="knowledge.get_texts"):
    """Texts of atoms or topics in id order, for a service that works through many.

    Either `ids` (at most 200; unknown ids are left out), or all that come after `after_id`. Hidden ones are
    included and say so. A page ends before its texts exceed half a mebibyte.
    """

    entity: EntityKind
    ids: Annotated[list[Id], Meta(max_length=200)] | None = None
    after_id: int = 0
    limit: Annotated[int, Meta(ge=1, le=200)] = 200


class GetQuotedAtoms(Query[QuotedAtoms], subject="knowledge.get_quoted_atoms"):
    """The atoms that quote one of these messages, neither rejected nor merged away, with their links.

    An answer ends before it exceeds half a mebibyte: of very much, the newest atoms are left out.
    """

    message_ids: Annotated[list[Id], Meta(max_length=200)]


class LabelMessages(Query[list[LabelRecord]], subject="knowledge.label_messages"):
    """A person says which topic messages are of; None takes it back. Harmless to repeat.

    Answers the labels that these messages then have. `invalid` when there is no such topic, or no such
    message; `conflict` when the topic was rejected or merged away.
    """

    message_ids: MessageIds
    topic_id: Id | None
    by: Person


class ListLabels(Query[LabelPage], subject="knowledge.list_labels"):
    """Messages whose topic a person gave or confirmed.

    Confirmed is a message that is of one topic alone of those that people approved. Topics that were
    rejected or merged away do not count.
    """

    topic_ids: TopicIds = msgspec.field(default_factory=list)
    after_id: int = 0
    limit: Annotated[int, Meta(ge=1, le=500)] = 500


# Events


class ExtractionStarted(
    Event,
    event=("knowledge.extraction_started", "knowledge", "knowledge.extraction_started"),
):
    """An extraction began to run."""

    extraction: ExtractionRecord


class ExtractionCompleted(
    Event,
    event=("knowledge.extraction_completed", "knowledge", "knowledge.extraction_completed"),
):
    """An extraction ended well.

    Attributes:
        topics: Those it made or added to.
        atom_ids: The new atoms, at most a hundred.
    """

    extraction: ExtractionRecord
    topics: list[TopicRef] = msgspec.field(default_factory=list)
    atom_ids: list[int] = msgspec.field(default_factory=list)


class ExtractionFailed(
    Event,
    event=("knowledge.extraction_failed", "knowledge", "knowledge.extraction_failed"),
):
    """An extraction failed or was cancelled; its messages wait again where another try can help."""

    extraction: ExtractionRecord


class VersionCreated(Event, event=("knowledge.version_created", "knowledge", "knowledge.version_created")):
    """A topic or an atom has a new version; drafts wait for a decision."""

    version: VersionRecord


class EntityChanged(Event, event=("knowledge.entity_changed", "knowledge", "knowledge.entity_changed")):
    """A topic or an atom was made, changed, reviewed, linked, merged or split again."""

    entity: EntityKind
    entity_id: int
    change: Change
    by: str | None = None
