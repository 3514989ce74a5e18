"""What others may know of analysis: LLM providers, the agents that use them, and what they cost."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.contracts.base import Command, Event, Query
from shared.contracts.ingestion import PageSize

ProviderType = Literal["openai", "ollama", "local"]
ValidationStatus = Literal["pending", "validating", "connected", "error"]
AgentKind = Literal["knowledge_extractor", "embedder", "task_proposer"]
Language = Literal["uk", "en"]
CallKind = Literal["chat", "embedding"]

Name = Annotated[str, Meta(min_length=1, max_length=100)]
ModelName = Annotated[str, Meta(min_length=1, max_length=200)]
Url = Annotated[str, Meta(min_length=1, max_length=500)]
"""Read by analysis, which says in words what is wrong with one."""
Price = Annotated[float, Meta(ge=0, le=10_000)]
SealedKey = Annotated[str, Meta(min_length=1, max_length=5000)]
"""An API key, encrypted by whoever took it from a person: its plain text never travels."""
Person = Annotated[str, Meta(min_length=1, max_length=200)]
"""Who changes something, for the record of changes; None is the system itself."""


class Prices(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider asks, in US dollars a million tokens; zero where nothing is asked or known."""

    input: Price = 0.0
    output: Price = 0.0
    embedding: Price = 0.0


class ProviderRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One provider of language models. Its key is never in here.

    Attributes:
        base_url: An OpenAI-compatible address, with `/v1`; None for `local`, which the installation places.
        has_api_key: Whether a key is kept.
        chat_model: What agents use that name no model of their own.
        document_model: The embedding model for what is searched.
        query_model: The embedding model for what is searched with; the same one for most providers.
        dimension: The length of its vectors, as found by the last validation; None before.
        max_concurrency: Calls at the same time, over the whole fleet.
        timeout_seconds: For one call.
        basic_mode: It works by rules, not by a language model: `local`.
        validation_status: `connected` when every model that it names has answered.
        validation_error: What went wrong at the last validation, and what to do.
        activate: Kinds of agent that shall use it as soon as it is connected.
    """

    id: UUID
    name: str
    type: ProviderType
    base_url: str | None
    has_api_key: bool
    chat_model: str | None
    document_model: str | None
    query_model: str | None
    dimension: int | None = None
    max_concurrency: int = 4
    timeout_seconds: float = 60.0
    prices: Prices = Prices()
    basic_mode: bool = False
    validation_status: ValidationStatus = "pending"
    validation_error: str | None = None
    validated_at: datetime | None = None
    activate: list[AgentKind] = []
    created_at: datetime
    updated_at: datetime


class ProviderAccess(msgspec.Struct, frozen=True, kw_only=True):
    """A provider as those who call it need it.

    Attributes:
        sealed_key: The API key, encrypted; whoever calls has the key to open it in its environment.
    """

    provider: ProviderRecord
    sealed_key: str | None = None


class AgentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Who does a kind of work: which provider and model, told what, within which bounds.

    At most one agent a kind is active.

    Attributes:
        model: None takes the provider's.
        instructions: Said beside the prompt, for example the team's glossary.
        language: Of the prompt, and of what is written.
        max_output_tokens: For one answer.
        max_tokens_per_run: Input and output of questions; a run that reaches it ends with what it has.
            Vectors are counted, not capped.
        max_cost_per_run: US dollars; the same.
    """

    id: UUID
    name: str
    kind: AgentKind
    provider_id: UUID
    model: str | None = None
    instructions: str = ""
    language: Language = "uk"
    temperature: float = 0.0
    max_output_tokens: int = 4096
    max_tokens_per_run: int = 200_000
    max_cost_per_run: float = 1.0
    active: bool = False
    created_at: datetime
    updated_at: datetime


class AgentAccess(msgspec.Struct, frozen=True, kw_only=True):
    """An agent with the provider that it uses; the prices are those of the agent's own model, where known."""

    agent: AgentRecord
    access: ProviderAccess


class LlmCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call of a provider, as it is accounted for.

    Attributes:
        id: Made by the caller: recording it twice counts once.
        run_id: The chain in which it was made.
        service: The caller's domain.
        task: What was asked, for example `extract_knowledge`.
        cost: US dollars, by the provider's prices at that time.
        duration_ms: From the first byte sent to the last received, retries included.
        cached: Answered from the cache: no tokens, no cost.
        error: Why it failed; None when it did not.
    """

    id: UUID
    provider_id: UUID
    model: str
    kind: CallKind
    task: str
    service: str
    run_id: UUID | None = None
    agent_id: UUID | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    duration_ms: float = 0.0
    attempts: int = 1
    cached: bool = False
    error: str | None = None
    called_at: datetime


class UsageLine(msgspec.Struct, frozen=True, kw_only=True):
    """What the calls of one provider, model and task came to.

    Attributes:
        provider_name: None when the provider was deleted since.
        failed: Calls that ended with an error.
        cost: US dollars.
        mean_ms: Mean duration of those that were not answered from the cache; zero when all were.
    """

    provider_id: UUID
    provider_name: str | None = None
    model: str
    task: str
    calls: int
    cached: int
    failed: int
    input_tokens: int
    output_tokens: int
    cost: float
    mean_ms: float


class LlmCallPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of calls, oldest first; `next_cursor` is None on the last page."""

    items: list[LlmCall]
    next_cursor: str | None = None


class ModelList(msgspec.Struct, frozen=True, kw_only=True):
    """The models that a provider offers, by name."""

    models: list[str]


# Commands


class ValidateProvider(Command, actor="validate_provider_task", queue="analysis"):
    """Try a provider out: its models, one small answer, one vector. A second run finds the same."""

    provider_id: UUID


class ValidateWaitingProviders(Command, actor="validate_waiting_providers_task", queue="analysis"):
    """Enqueue the validation of each provider that waits for one. A second run at worst repeats some."""


class RecordLlmCalls(Command, actor="record_llm_calls_task", queue="analysis"):
    """Keep what calls cost. Idempotent: a call's id is kept once."""

    calls: Annotated[list[LlmCall], Meta(max_length=500)]


class ResealProviderKeys(Command, actor="reseal_provider_keys_task", queue="analysis"):
    """Encrypt each provider's key with the newest of the keys. A second run changes nothing."""


class PurgeLlmUsage(Command, actor="purge_llm_usage_task", queue="analysis"):
    """Delete calls that are older than accounts are kept. A second run finds nothing more to delete."""


# Queries


class CreateProvider(Query[ProviderRecord], subject="analysis.create_provider"):
    """Make a provider and enqueue its validation, tracked under its id. Asking twice changes nothing.

    `conflict` when another one has the name, or there is a `local` one already; `invalid` names a field that
    its type does not allow or needs.

    Attributes:
        base_url: None takes OpenAI's own or the usual one of Ollama.
        sealed_key: The API key; never answered.
        chat_model: Models that are not named are chosen: OpenAI's usual ones, or by the first validation from
            those that are offered.
        prices: None takes known prices of OpenAI's models, else zero.
        activate: Kinds of agent that shall use it from now on, once its validation went well.
    """

    provider_id: UUID
    name: Name
    type: ProviderType
    base_url: Url | None = None
    sealed_key: SealedKey | None = None
    chat_model: ModelName | None = None
    document_model: ModelName | None = None
    query_model: ModelName | None = None
    max_concurrency: Annotated[int, Meta(ge=1, le=100)] = 4
    timeout_seconds: Annotated[float, Meta(ge=1, le=600)] = 60.0
    prices: Prices | None = None
    activate: list[AgentKind] = msgspec.field(default_factory=list)
    changed_by: Person | None = None


class UpdateProvider(Query[ProviderRecord], subject="analysis.update_provider"):
    """Change the fields that are given; what is not given stays.

    It is validated anew when what is called changes (address, key, models, time limit) or `activate` names an
    agent. A kept key does not follow to another server: with a new host, scheme or port it has to be given
    again, or be taken away. `conflict` when `unchanged_since` is given and is not its `updated_at`.
    """

    provider_id: UUID
    name: Name | msgspec.UnsetType = msgspec.UNSET
    base_url: Url | msgspec.UnsetType | None = msgspec.UNSET
    sealed_key: SealedKey | msgspec.UnsetType | None = msgspec.UNSET
    chat_model: ModelName | msgspec.UnsetType | None = msgspec.UNSET
    document_model: ModelName | msgspec.UnsetType | None = msgspec.UNSET
    query_model: ModelName | msgspec.UnsetType | None = msgspec.UNSET
    max_concurrency: Annotated[int, Meta(ge=1, le=100)] | msgspec.UnsetType = msgspec.UNSET
    timeout_seconds: Annotated[float, Meta(ge=1, le=600)] | msgspec.UnsetType = msgspec.UNSET
    prices: Prices | msgspec.UnsetType = msgspec.UNSET
    activate: list[AgentKind] | msgspec.UnsetType = msgspec.UNSET
    changed_by: Person | None = None
    unchanged_since: datetime | None = None


class DeleteProvider(Query[None], subject="analysis.delete_provider"):
    """Delete a provider; `conflict` names the agents that use it. Deleting it twice is harmless.

    The provider `local` belongs to the installation: `conflict`. The same when `unchanged_since` is given and
    is not its `updated_at`.
    """

    provider_id: UUID
    changed_by: Person | None = None
    unchanged_since: datetime | None = None


class GetProvider(Query[ProviderRecord], subject="analysis.get_provider"):
    """One provider; `not_found` when there is none with this id."""

    provider_id: UUID


class ListProviders(Query[list[ProviderRecord]], subject="analysis.list_providers"):
    """All providers, by name."""


class StartValidation(Query[ProviderRecord], subject="analysis.start_validation"):
    """Enqueue a provider's validation, tracked under this run's id; asking twice enqueues once."""

    provider_id: UUID
    run_id: UUID


class ListModels(Query[ModelList], subject="analysis.list_models"):
    """The models that a provider offers now; may take 20 seconds.

    `unavailable` says why it did not answer, `conflict` what is wrong with its key or address.
    """

    provider_id: UUID


class GetProviderAccess(Query[ProviderAccess], subject="analysis.get_provider_access"):
    """A provider with its sealed key, for services that call it. Not for the gateway."""

    provider_id: UUID


class CreateAgent(Query[AgentRecord], subject="analysis.create_agent"):
    """Make an agent. Asking twice with one id changes nothing. An active one takes the place of another.

    `conflict` when another one has the name; `invalid` when there is no such provider, or an active agent
    would have no model for its work.
    """

    agent_id: UUID
    name: Name
    kind: AgentKind
    provider_id: UUID
    model: ModelName | None = None
    instructions: Annotated[str, Meta(max_length=10_000)] = ""
    language: Language = "uk"
    temperature: Annotated[float, Meta(ge=0, le=2)] = 0.0
    max_output_tokens: Annotated[int, Meta(ge=64, le=128_000)] = 4096
    max_tokens_per_run: Annotated[int, Meta(ge=1000)] = 200_000
    max_cost_per_run: Annotated[float, Meta(ge=0)] = 1.0
    active: bool = False
    changed_by: Person | None = None


class UpdateAgent(Query[AgentRecord], subject="analysis.update_agent"):
    """Change the fields that are given; `active: true` takes the place of the kind's active agent.

    `conflict` when `unchanged_since` is given and is not its `updated_at`.
    """

    agent_id: UUID
    name: Name | msgspec.UnsetType = msgspec.UNSET
    provider_id: UUID | msgspec.UnsetType = msgspec.UNSET
    model: ModelName | msgspec.UnsetType | None = msgspec.UNSET
    instructions: Annotated[str, Meta(max_length=10_000)] | msgspec.UnsetType = msgspec.UNSET
    language: Language | msgspec.UnsetType = msgspec.UNSET
    temperature: Annotated[float, Meta(ge=0, le=2)] | msgspec.UnsetType = msgspec.UNSET
    max_output_tokens: Annotated[int, Meta(ge=64, le=128_000)] | msgspec.UnsetType = msgspec.UNSET
    max_tokens_per_run: Annotated[int, Meta(ge=1000)] | msgspec.UnsetType = msgspec.UNSET
    max_cost_per_run: Annotated[float, Meta(ge=0)] | msgspec.UnsetType = msgspec.UNSET
    active: bool | msgspec.UnsetType = msgspec.UNSET
    changed_by: Person | None = None
    unchanged_since: datetime | None = None


class DeleteAgent(Query[None], subject="analysis.delete_agent"):
    """Delete an agent; `conflict` while it is active or assigned. Deleting it twice is harmless.

    `conflict` also when `unchanged_since` is given and is not its `updated_at`.
    """

    agent_id: UUID
    changed_by: Person | None = None
    unchanged_since: datetime | None = None


class GetAgent(Query[AgentRecord], subject="analysis.get_agent"):
    """One agent; `not_found` when there is none with this id."""

    agent_id: UUID


class ListAgents(Query[list[AgentRecord]], subject="analysis.list_agents"):
    """All agents, by kind and name."""


class ResolveAgent(Query[AgentAccess], subject="analysis.resolve_agent"):
    """The agent with this id, or the active one of a kind, with its provider; or `not_found`."""

    agent_id: UUID | None = None
    kind: AgentKind | None = None


class GetLlmUsage(Query[list[UsageLine]], subject="analysis.get_llm_usage"):
    """What calls came to by provider, model and task, dearest first. `since` is inclusive, `until` is not."""

    run_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


class ListLlmCalls(Query[LlmCallPage], subject="analysis.list_llm_calls"):
    """The calls of one run, in the order in which they were made."""

    run_id: UUID
    cursor: str | None = None
    limit: PageSize = 200


# Events


class ProviderChanged(Event, event=("analysis.provider_changed", "providers", "provider.changed")):
    """A provider was made, changed, validated or deleted (`provider` is None)."""

    provider_id: UUID
    provider: ProviderRecord | None = None


class AgentChanged(Event, event=("analysis.agent_changed", "providers", "agent.changed")):
    """An agent was made, changed, activated or deleted (`agent` is None)."""

    agent_id: UUID
    agent: AgentRecord | None = None
