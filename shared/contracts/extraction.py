"""What others may know of extractions: what waits for one, what starts it, and what became of it."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.contracts.base import Command, Event, Query
from shared.contracts.ingestion import MessageText, PageSize
from shared.contracts.knowledge import Id, MessageIds, Person, TopicRef
from shared.contracts.scoring import MessageClass

ExtractionStatus = Literal["pending", "running", "completed", "failed", "cancelled"]
Trigger = Literal["threshold", "manual", "schedule"]


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


class ExtractionPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of extractions, newest first; `next_cursor` is None on the last page."""

    items: list[ExtractionRecord]
    next_cursor: str | None = None


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
