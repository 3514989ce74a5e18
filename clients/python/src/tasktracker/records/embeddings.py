"""Records of embeddings."""

from datetime import datetime
from uuid import UUID

from msgspec import field

from tasktracker.record import Record


class EmbeddingFailure(Record, frozen=True, kw_only=True):
    """One item without a vector, and why.

    Attributes:
        kind: One of `message`, `atom`, `topic`.
    """

    kind: str
    item_id: int
    reason: str
    attempts: int
    failed_at: datetime


class KindCoverage(Record, frozen=True, kw_only=True):
    """How many items of one kind are in the active space, how many ought to be, how many failed.

    Attributes:
        kind: One of `message`, `atom`, `topic`.
    """

    kind: str
    wanted: int
    embedded: int
    failed: int


class SpaceRecord(Record, frozen=True, kw_only=True):
    """A vector space: all vectors of one provider, model and dimension, with an index of its own.

    Attributes:
        dimension: 0 until its provider has made a first vector.
        status: `building` fills beside the `active` one, of which there is one; `retired` is kept for a
            day. One of `building`, `active`, `retired`, `failed`.
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
    status: str
    embedded: int = 0
    wanted: int = 0
    failed: int = 0
    basic_mode: bool = False
    failure: str | None = None
    created_at: datetime
    activated_at: datetime | None = None


class Coverage(Record, frozen=True, kw_only=True):
    """What of everything is embedded.

    Attributes:
        spaces: Every space, the active one first.
        failures: The latest failures, at most a hundred.
    """

    kinds: list[KindCoverage]
    spaces: list[SpaceRecord]
    failures: list[EmbeddingFailure] = field(default_factory=list)


class ReindexRecord(Record, frozen=True, kw_only=True):
    """The filling of a space from everything there is.

    Attributes:
        run_id: Its task, run and trace.
        status: `completed` when the space was filled and took over. One of `pending`, `running`,
            `completed`, `failed`.
        success: Items that got a vector; `skipped` had one already.
        failed: Items that have none; the reasons are in the coverage.
    """

    run_id: UUID
    space: SpaceRecord
    status: str
    success: int = 0
    failed: int = 0
    skipped: int = 0
    failure: str | None = None


class SpaceItems(Record, frozen=True, kw_only=True):
    """Every vector space, the active one first."""

    items: list[SpaceRecord]
    next_cursor: str | None = None
