"""The tables of the schema `knowledge`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, MetaData, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = "knowledge"


class Base(DeclarativeBase):
    """Typed mappings of the schema."""

    metadata = MetaData(schema=SCHEMA)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it off the class
        datetime: TIMESTAMP(timezone=True),
        int: BigInteger,
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
        list[str]: ARRAY(Text),
    }


class Topic(Base):
    """A topic. One that was merged away keeps its row and its name, so that the merge can be undone."""

    __tablename__ = "topics"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str]
    icon: Mapped[str]
    colour: Mapped[str]
    status: Mapped[str]
    confidence: Mapped[float]
    version: Mapped[int]
    merged_into: Mapped[int | None]
    run_id: Mapped[UUID | None]
    reviewed_by: Mapped[str | None]
    reviewed_at: Mapped[datetime | None]
    rule_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Atom(Base):
    """An atom. `run_id` and `place` are its natural key among what extractions made.

    `superseded_by` names a later decision that replaces this one; it does once both are approved, and then
    `valid_to` says since when.
    """

    __tablename__ = "atoms"

    id: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str]
    title: Mapped[str]
    content: Mapped[str]
    confidence: Mapped[float]
    status: Mapped[str]
    meta: Mapped[dict[str, Any]]
    version: Mapped[int]
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]
    superseded_by: Mapped[int | None]
    merged_into: Mapped[int | None]
    run_id: Mapped[UUID | None]
    place: Mapped[int | None]
    reviewed_by: Mapped[str | None]
    reviewed_at: Mapped[datetime | None]
    rule_id: Mapped[UUID | None]
    basic_mode: Mapped[bool]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class TopicAtom(Base):
    """An atom belongs to a topic."""

    __tablename__ = "topic_atoms"

    topic_id: Mapped[int] = mapped_column(primary_key=True)
    atom_id: Mapped[int] = mapped_column(primary_key=True)


class AtomLink(Base):
    """How one atom stands to another."""

    __tablename__ = "atom_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    from_atom: Mapped[int]
    to_atom: Mapped[int]
    type: Mapped[str]
    strength: Mapped[float]
    run_id: Mapped[UUID | None]
    created_by: Mapped[str | None]
    created_at: Mapped[datetime]


class AtomSource(Base):
    """A verified quote: which message, which words, and the version of its text that had them."""

    __tablename__ = "atom_sources"

    id: Mapped[int] = mapped_column(primary_key=True)
    atom_id: Mapped[int]
    message_id: Mapped[int]
    quote: Mapped[str]
    chat_id: Mapped[int]
    author_id: Mapped[int | None]
    author: Mapped[str | None]
    sent_at: Mapped[datetime]
    content_hash: Mapped[str]
    stale: Mapped[bool]


class MessageTopic(Base):
    """A message belongs to a topic: an atom of the topic quotes it."""

    __tablename__ = "message_topics"

    message_id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(primary_key=True)


class MessageLabel(Base):
    """A message is of a topic because a person says so."""

    __tablename__ = "message_labels"

    message_id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int]
    labelled_by: Mapped[str]
    labelled_at: Mapped[datetime]


class PendingMessage(Base):
    """A message on its way to an extraction, and afterwards the proof that its text was extracted.

    `state` is `waiting`, `claimed` by `extraction_id`, `done`, `set_aside` when extractions that held it
    failed too often (`reason` says how), or `ignored`: noise, or without text, kept as it shows that a
    conversation went on. `extracted_hash` names the text that was extracted last.
    """

    __tablename__ = "pending_messages"

    message_id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int]
    thread_id: Mapped[int | None]
    author_id: Mapped[int | None]
    sent_at: Mapped[datetime]
    written_at: Mapped[datetime]
    content_hash: Mapped[str]
    message_class: Mapped[str]
    trace: Mapped[str | None]
    state: Mapped[str]
    extraction_id: Mapped[UUID | None]
    failures: Mapped[int]
    reason: Mapped[str | None]
    extracted_hash: Mapped[str | None]
    arrived_at: Mapped[datetime]


class ExtractionRun(Base):
    """One extraction and what came of it.

    `request_id` is the same for the batches that a person asked for at once. `runner` is who works on it now,
    and `alive_at` when they last said so. `paused_until` is until when the threshold sets nothing off, as
    this one ended in a way that another would end in, too.
    """

    __tablename__ = "extraction_runs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[str]
    trigger: Mapped[str]
    agent_id: Mapped[UUID | None]
    agent_name: Mapped[str | None]
    provider_id: Mapped[UUID | None]
    provider_name: Mapped[str | None]
    model: Mapped[str | None]
    basic_mode: Mapped[bool]
    prompt: Mapped[str | None]
    messages: Mapped[int]
    topics_created: Mapped[int]
    topics_matched: Mapped[int]
    atoms_created: Mapped[int]
    atoms_merged: Mapped[int]
    links_created: Mapped[int]
    versions_created: Mapped[int]
    quotes_dropped: Mapped[int]
    atoms_dropped: Mapped[int]
    atoms_refused: Mapped[int]
    calls: Mapped[int]
    cached_calls: Mapped[int]
    input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    cost: Mapped[float]
    stopped_by: Mapped[str | None]
    failure: Mapped[str | None]
    started_by: Mapped[str | None]
    request_id: Mapped[UUID | None]
    runner: Mapped[UUID | None]
    paused_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    alive_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class AskedConversation(Base):
    """What was asked about a conversation beside its messages, so that the same can be asked again.

    `key` is a digest of the messages and their texts; `answer_hash` is of the answer that was saved.
    """

    __tablename__ = "asked_conversations"

    key: Mapped[str] = mapped_column(primary_key=True)
    known_topics: Mapped[list[str]]
    context_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    answer_hash: Mapped[str | None]
    asked_at: Mapped[datetime]


class _Version:
    """What versions of topics and of atoms have in common; both take their ids from one sequence."""

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    status: Mapped[str]
    changes: Mapped[list[dict[str, Any]]]
    reason: Mapped[str]
    confidence: Mapped[float | None]
    similarity: Mapped[float | None]
    run_id: Mapped[UUID | None]
    created_by: Mapped[str | None]
    created_at: Mapped[datetime]
    reviewed_by: Mapped[str | None]
    reviewed_at: Mapped[datetime | None]
    rule_id: Mapped[UUID | None]


class TopicVersion(_Version, Base):
    """A version of a topic."""

    __tablename__ = "topic_versions"

    topic_id: Mapped[int]


class AtomVersion(_Version, Base):
    """A version of an atom."""

    __tablename__ = "atom_versions"

    atom_id: Mapped[int]


class Merge(Base):
    """A merge of two topics or two atoms. `moved` is what was moved, so that it can be put back."""

    __tablename__ = "merges"

    id: Mapped[int] = mapped_column(primary_key=True)
    entity: Mapped[str]
    kept_id: Mapped[int]
    merged_id: Mapped[int]
    similarity: Mapped[float | None]
    moved: Mapped[dict[str, Any]]
    run_id: Mapped[UUID | None]
    merged_by: Mapped[str | None]
    merged_at: Mapped[datetime]
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]


class AutomationRule(Base):
    """What is approved without a person."""

    __tablename__ = "automation_rules"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    enabled: Mapped[bool]
    applies_to: Mapped[str]
    min_confidence: Mapped[float]
    min_similarity: Mapped[float]
    atom_types: Mapped[list[str]]
    created_by: Mapped[str]
    created_at: Mapped[datetime]


class Change(Base):
    """One change by a person or an automation rule: the log that is only ever added to."""

    __tablename__ = "changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    entity: Mapped[str]
    entity_id: Mapped[int | None]
    change: Mapped[str]
    changed_by: Mapped[str | None]
    rule_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]
