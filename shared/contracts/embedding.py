"""What others may know of embedding: vector spaces, what is embedded, neighbours and search."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.contracts.base import Command, Event, Query
from shared.contracts.ingestion import MessageText
from shared.contracts.scoring import MessageClass

ItemKind = Literal["message", "atom", "topic"]
HitKind = Literal["message", "atom"]
SpaceStatus = Literal["building", "active", "retired", "failed"]
Role = Literal["document", "query"]
IdBatch = Annotated[list[int], Meta(max_length=10_000)]
Similarity = Annotated[float, Meta(ge=-1, le=1)]


class SpaceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A vector space: all vectors of one provider, model and dimension, with an index of its own.

    Attributes:
        dimension: 0 until its provider has made a first vector.
        status: `building` fills beside the `active` one, of which there is one; `retired` is kept for a day.
        embedded: Items that have a vector in it.
        wanted: Items that ought to.
        failed: Items that could not be embedded; their reasons are kept.
        basic_mode: Its provider is `local`.
        failure: What holds it up, or why it failed, for a person.
    """

    id: int
    provider_id: UUID
    document_model: str
    query_model: str
    dimension: int
    status: SpaceStatus
    embedded: int = 0
    wanted: int = 0
    failed: int = 0
    basic_mode: bool = False
    failure: str | None = None
    created_at: datetime
    activated_at: datetime | None = None


class ScoredText(msgspec.Struct, frozen=True, kw_only=True):
    """A message as search needs it: its text and what it is filtered by."""

    message: MessageText
    message_class: MessageClass
    importance_score: float


class EmbeddingFailure(msgspec.Struct, frozen=True, kw_only=True):
    """One item without a vector, and why."""

    kind: ItemKind
    item_id: int
    reason: str
    attempts: int
    failed_at: datetime


class KindCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """How many items of one kind are in the active space, how many ought to be, how many failed."""

    kind: ItemKind
    wanted: int
    embedded: int
    failed: int


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """What of everything is embedded.

    Attributes:
        spaces: Every space, the active one first.
        failures: The latest failures, at most a hundred.
    """

    kinds: list[KindCoverage]
    spaces: list[SpaceRecord]
    failures: list[EmbeddingFailure] = []


class EmbeddedTexts(msgspec.Struct, frozen=True, kw_only=True):
    """Vectors of texts in the order asked: unit length, 32-bit floats, little-endian."""

    space_id: int
    dimension: int
    vectors: list[bytes]


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """An item near to what was asked for; `similarity` is the cosine, in -1..1."""

    kind: ItemKind
    id: int
    similarity: float


class NeighbourFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which items may be neighbours; what is not given does not matter."""

    chat_ids: list[int] | None = None
    since: datetime | None = None
    until: datetime | None = None
    atom_types: list[str] | None = None
    exclude_ids: list[int] = []
    include_noise: bool = False


class ScoreParts(msgspec.Struct, frozen=True, kw_only=True):
    """What a hit's score is made of.

    Attributes:
        vector: Cosine similarity in -1..1, in basic mode to the query's vector without what all queries have
            in common; None when the item has no vector or was found by words alone.
        words: Trigram word similarity in 0..1.
        vector_z: The first, standardised over the candidates.
        words_z: The second, standardised over the candidates.
    """

    vector: float | None
    words: float
    vector_z: float
    words_z: float


class SearchHit(msgspec.Struct, frozen=True, kw_only=True):
    """One item found.

    Attributes:
        score: `vector_z + 0.25 * words_z`; compares within one answer only.
        matches: Ranges of `text` that match the query's words, as [start, end) in characters.
        title_matches: The same of `title`.
        atom_type: For atoms; messages have `message_class`, `chat_id` and `author_id` instead.
    """

    kind: HitKind
    id: int
    score: float
    parts: ScoreParts
    text: str
    title: str | None = None
    matches: list[tuple[int, int]] = []
    title_matches: list[tuple[int, int]] = []
    at: datetime
    message_class: MessageClass | None = None
    chat_id: int | None = None
    author_id: int | None = None
    atom_type: str | None = None
    status: str | None = None


class SearchPage(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, best first.

    Attributes:
        space_id: The vector space that was searched; None when there was none and words alone decided.
        basic_mode: The vectors are of the `local` provider.
        under_filled: The index stopped before it had as many candidates as asked: there may be more.
        degraded: Why this answer is less than it could be, for a person; None when it is not.
    """

    items: list[SearchHit]
    next_cursor: str | None = None
    space_id: int | None = None
    basic_mode: bool = False
    under_filled: bool = False
    degraded: str | None = None
    took_ms: float = 0.0


class ReindexRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The filling of a space from everything there is.

    Attributes:
        run_id: Its task, run and trace.
        status: `completed` when the space was filled and took over.
        success: Items that got a vector; `skipped` had one already.
        failed: Items that have none; the reasons are in the coverage.
    """

    run_id: UUID
    space: SpaceRecord
    status: Literal["pending", "running", "completed", "failed"]
    success: int = 0
    failed: int = 0
    skipped: int = 0
    failure: str | None = None


# Commands


class IndexMessages(Command, actor="index_messages_task", queue="embedding"):
    """Take scored messages into search, and have those that are not noise embedded.

    Idempotent: a message has one row, the newest text and class win.

    Attributes:
        message_ids: Which; the ids alone suffice.
        messages: Copies of what is needed, to save queries.
    """

    message_ids: Annotated[list[int], Meta(max_length=500)]
    messages: list[ScoredText] | None = None


class EmbedMessagesBatch(Command, actor="embed_messages_batch_task", queue="embedding"):
    """Embed messages, 100 a call of the provider. Its result is `{success, failed, skipped}`.

    Idempotent: what has a vector of its present text is skipped.

    Attributes:
        provider_id: Whose space; None is the active one and any that is being built.
    """

    message_ids: IdBatch
    provider_id: UUID | None = None


class EmbedAtomsBatch(Command, actor="embed_atoms_batch_task", queue="embedding"):
    """Embed atoms; as `EmbedMessagesBatch`."""

    atom_ids: IdBatch
    provider_id: UUID | None = None


class EmbedTopicsBatch(Command, actor="embed_topics_batch_task", queue="embedding"):
    """Embed topics; as `EmbedMessagesBatch`."""

    topic_ids: IdBatch
    provider_id: UUID | None = None


class EmbedMissing(Command, actor="embed_missing_task", queue="embedding"):
    """Embed all items of a kind that ought to have a vector and have none; earlier failures are tried again.

    Its result is `{success, failed, skipped}`. Idempotent: what has a vector is passed over.

    Attributes:
        provider_id: Whose space; None is the active one and any that is being built.
        refresh: First take in what other services have of that kind and embedding has not.
    """

    kind: ItemKind
    provider_id: UUID | None = None
    refresh: bool = False


class BuildVectorSpace(Command, actor="build_vector_space_task", queue="embedding"):
    """Fill a space from everything there is, index it, and let it take over when it is complete.

    Idempotent: what has a vector is skipped, so a second run goes on where the first ended.
    """

    space_id: int


class ReviewVectorSpaces(Command, actor="review_vector_spaces_task", queue="embedding"):
    """See to it that the active embedder agent's space is there or being built. Harmless to repeat."""


# Queries


class EmbedTexts(Query[EmbeddedTexts], subject="embedding.embed_texts"):
    """Vectors of texts in the active space; `unavailable` when its provider does not answer. At most 32."""

    texts: Annotated[list[str], Meta(min_length=1, max_length=32)]
    role: Role = "document"


class FindNeighbours(Query[list[list[Neighbour]]], subject="embedding.find_neighbours"):
    """The nearest items to each text, nearest first; used for RAG and to match topics and atoms.

    Attributes:
        texts: At most 32.
        kind: Which items.
        role: `document` compares like with like, `query` asks.
        least: Neighbours with a smaller similarity are left out.
    """

    texts: Annotated[list[str], Meta(min_length=1, max_length=32)]
    kind: ItemKind
    role: Role = "document"
    limit: Annotated[int, Meta(ge=1, le=100)] = 10
    least: Similarity = 0.0
    filter: NeighbourFilter = NeighbourFilter()


class Search(Query[SearchPage], subject="embedding.search"):
    """Messages and atoms by meaning and by words. `since` is inclusive, `until` is not.

    Attributes:
        query: 1 to 500 characters.
        kinds: What to look for. Only messages have a class and only atoms have a type: asked for one, the
            other kind is left out.
        chat_ids: All the ids that one chat has had.
        include_noise: Noise has no vectors: it is found by words alone.
        cursor: From the page before; an answer goes 200 items deep.
    """

    query: Annotated[str, Meta(min_length=1, max_length=500)]
    kinds: Annotated[list[HitKind], Meta(min_length=1)] = msgspec.field(
        default_factory=lambda: ["message", "atom"]
    )
    chat_ids: list[int] | None = None
    author_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    message_class: MessageClass | None = None
    atom_types: list[str] | None = None
    include_noise: bool = False
    cursor: str | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 20


class GetCoverage(Query[Coverage], subject="embedding.get_coverage"):
    """What is embedded, what is not, and why not."""


class StartEmbedding(Query[None], subject="embedding.start_embedding"):
    """Enqueue the embedding of all items of a kind that have no vector, under this run's id.

    `ids` narrows it to these. Asking twice with one id enqueues once. `conflict` when there is no vector
    space to embed into.
    """

    run_id: UUID
    kind: ItemKind
    ids: IdBatch | None = None
    provider_id: UUID | None = None


class StartReindex(Query[ReindexRecord], subject="embedding.start_reindex"):
    """Build the active embedder's space anew beside the old one. Asking twice with one id starts one.

    `conflict` while a space is being filled, or when no embedder is active.
    """

    run_id: UUID


class GetReindex(Query[ReindexRecord], subject="embedding.get_reindex"):
    """How a reindex stands; `not_found` when there is none with this id."""

    run_id: UUID


# Events


class ReindexProgress(Event, event=("embedding.reindex_progress", "embedding", "embedding.reindex_progress")):
    """A space was filled a little more, completed or failed; told at most every ten items and at the end."""

    reindex: ReindexRecord


class SpaceActivated(Event, event=("embedding.space_activated", "embedding", "embedding.space_activated")):
    """A vector space took over: searches and neighbours come from it now."""

    space: SpaceRecord
