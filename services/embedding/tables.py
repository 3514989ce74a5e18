"""The tables of the schema `embedding`.

The vectors of a space are in tables of its own (`repository.space_tables`), made with the space and dropped
with it: each has its dimension in its type and its own HNSW index.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, REAL, BigInteger, MetaData
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = "embedding"


class Base(DeclarativeBase):
    """Typed mappings of the schema."""

    metadata = MetaData(schema=SCHEMA)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it off the class
        datetime: TIMESTAMP(timezone=True),
        int: BigInteger,
        list[int]: ARRAY(BigInteger),
        list[float]: ARRAY(REAL),
    }


class MessageText(Base):
    """A scored message as search needs it: its newest text, and what it is filtered by.

    `folded` is its words alone, as they are compared by letters; `wanted`: it ought to have a vector.
    """

    __tablename__ = "message_texts"

    message_id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int]
    author_id: Mapped[int | None]
    sent_at: Mapped[datetime]
    written_at: Mapped[datetime]
    message_class: Mapped[str]
    has_text: Mapped[bool]
    text: Mapped[str]
    folded: Mapped[str]
    content_hash: Mapped[str]
    wanted: Mapped[bool]
    indexed_at: Mapped[datetime]


class KnowledgeText(Base):
    """An atom or a topic as search needs it. Hidden ones (rejected, merged away) are found by nobody."""

    __tablename__ = "knowledge_texts"

    kind: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    text: Mapped[str]
    folded: Mapped[str]
    content_hash: Mapped[str]
    at: Mapped[datetime]
    atom_type: Mapped[str | None]
    status: Mapped[str]
    chat_ids: Mapped[list[int]]
    author_ids: Mapped[list[int]]
    hidden: Mapped[bool]
    wanted: Mapped[bool]
    indexed_at: Mapped[datetime]


class VectorSpace(Base):
    """All vectors of one provider, pair of models and dimension.

    At most one is `active` and at most one is `building`. `dimension` is 0 until the provider has made a
    first vector; `common_to_queries` is measured with it (`centring`). `failure` says what went wrong last,
    `moved_at` when it was last seen to get on.
    """

    __tablename__ = "vector_spaces"

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[UUID]
    document_model: Mapped[str]
    query_model: Mapped[str]
    dimension: Mapped[int]
    basic_mode: Mapped[bool]
    status: Mapped[str]
    failure: Mapped[str | None]
    created_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    moved_at: Mapped[datetime]
    common_to_queries: Mapped[list[float] | None]


class ReindexRun(Base):
    """One filling of a space from everything there is; `had` is what was in the space when it began."""

    __tablename__ = "reindex_runs"

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    space_id: Mapped[int]
    status: Mapped[str]
    had: Mapped[int | None]
    success: Mapped[int]
    failed: Mapped[int]
    skipped: Mapped[int]
    failure: Mapped[str | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Failure(Base):
    """An item that has no vector in a space, and why; it is tried again by the next run."""

    __tablename__ = "embedding_failures"

    space_id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str]
    attempts: Mapped[int]
    failed_at: Mapped[datetime]


class EmbeddingRun(Base):
    """A run that a person started, so that asking twice starts one."""

    __tablename__ = "embedding_runs"

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
