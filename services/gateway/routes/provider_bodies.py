"""What is sent and answered where providers of language models are made and changed."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from shared.contracts.analysis import AgentKind, ModelName, Name, Prices, ProviderRecord, ProviderType, Url

ApiKey = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=500,
        pattern=r"^\s*[\x21-\x7e]+\s*$",
        extra_json_schema={
            "description": "Kept encrypted and never answered.",
            "extra": {"write_only": True, "format": "password"},
        },
    ),
]
Concurrency = Annotated[int, Meta(ge=1, le=100)]
Seconds = Annotated[float, Meta(ge=1, le=600)]
Wishes = Annotated[list[AgentKind], Meta(max_length=10)]


class NewProvider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A provider to make.

    Attributes:
        type: `openai` is any OpenAI-compatible server; `local` came with the installation and cannot be made.
        base_url: With `/v1`; OpenAI's own, or Ollama on this machine, when left out.
        chat_model: Models that are left out are chosen from those that are offered.
        document_model: Embeds what is searched.
        query_model: Embeds what is searched with; the same when left out.
        max_concurrency: Calls at the same time, over the whole fleet.
        timeout_seconds: For one call.
        prices: US dollars a million tokens; known ones of OpenAI, or zero, when left out.
        activate: Agents that shall use it from now on, once it is connected.
    """

    name: Annotated[Name, Meta(examples=["OpenAI"])]
    type: Annotated[ProviderType, Meta(examples=["openai"])]
    base_url: Url | None = None
    api_key: ApiKey | None = None
    chat_model: ModelName | None = None
    document_model: ModelName | None = None
    query_model: ModelName | None = None
    max_concurrency: Concurrency = 4
    timeout_seconds: Seconds = 60.0
    prices: Prices | None = None
    activate: Wishes = []


class ProviderChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall change; what is left out stays, and null takes away."""

    name: Name | UnsetType = UNSET
    base_url: Url | UnsetType | None = UNSET
    api_key: ApiKey | UnsetType | None = UNSET
    chat_model: ModelName | UnsetType | None = UNSET
    document_model: ModelName | UnsetType | None = UNSET
    query_model: ModelName | UnsetType | None = UNSET
    max_concurrency: Concurrency | UnsetType = UNSET
    timeout_seconds: Seconds | UnsetType = UNSET
    prices: Prices | UnsetType = UNSET
    activate: Wishes | UnsetType = UNSET


class ProviderItems(msgspec.Struct, frozen=True, kw_only=True):
    """All providers, by name."""

    items: list[ProviderRecord]
    next_cursor: str | None = None


class ModelItems(msgspec.Struct, frozen=True, kw_only=True):
    """The models that a provider offers, by name."""

    items: list[str]
    next_cursor: str | None = None
