"""Records of providers."""

from datetime import datetime
from uuid import UUID

from msgspec import field

from tasktracker.record import Record, TaggedRecord


class ModelItems(Record, frozen=True, kw_only=True):
    """The models that a provider offers, by name."""

    items: list[str]
    next_cursor: str | None = None


class Prices(Record, frozen=True, kw_only=True):
    """What a provider asks, in US dollars a million tokens; zero where nothing is asked or known."""

    input: float = 0.0
    output: float = 0.0
    embedding: float = 0.0


class ProviderRecord(TaggedRecord, frozen=True, kw_only=True):
    """One provider of language models.

    Its key is never in here.

    Attributes:
        type: One of `openai`, `ollama`, `local`.
        base_url: An OpenAI-compatible address, with `/v1`; None for `local`, which the installation places.
        has_api_key: Whether a key is kept.
        chat_model: What agents use that name no model of their own.
        document_model: The embedding model for what is searched.
        query_model: The embedding model for what is searched with; the same one for most providers.
        dimension: The length of its vectors, as found by the last validation; None before.
        max_concurrency: Calls at the same time, over the whole fleet.
        timeout_seconds: For one call.
        basic_mode: It works by rules, not by a language model: `local`.
        validation_status: `connected` when every model that it names has answered. One of `pending`,
            `validating`, `connected`, `error`.
        validation_error: What went wrong at the last validation, and what to do.
        activate: Kinds of agent that shall use it as soon as it is connected.
    """

    id: UUID
    name: str
    type: str
    base_url: str | None = None
    has_api_key: bool
    chat_model: str | None = None
    document_model: str | None = None
    query_model: str | None = None
    dimension: int | None = None
    max_concurrency: int = 4
    timeout_seconds: float = 60.0
    prices: Prices = field(default_factory=Prices)
    basic_mode: bool = False
    validation_status: str = "pending"
    validation_error: str | None = None
    validated_at: datetime | None = None
    activate: list[str] = field(default_factory=list)
    created_at: datetime
    updated_at: datetime


class ProviderItems(Record, frozen=True, kw_only=True):
    """All providers, by name."""

    items: list[ProviderRecord]
    next_cursor: str | None = None
