"""A small analysis that answers the real queries from memory."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from shared.contracts.analysis import (
    AgentRecord,
    CreateAgent,
    CreateProvider,
    DeleteAgent,
    DeleteProvider,
    GetAgent,
    GetLlmUsage,
    GetProvider,
    ListAgents,
    ListLlmCalls,
    ListModels,
    ListProviders,
    LlmCall,
    LlmCallPage,
    ModelList,
    Prices,
    ProviderRecord,
    StartValidation,
    UpdateAgent,
    UpdateProvider,
    UsageLine,
)
from shared.contracts.errors import QueryError, not_found
from shared.messaging.queries import Handler

MADE = datetime(2026, 3, 1, 8, tzinfo=UTC)
_NOT_KEPT = {"provider_id", "agent_id", "sealed_key", "changed_by", "prices", "unchanged_since"}


@dataclass
class Analysis:
    """What the answers are made of, and which queries came."""

    providers: dict[UUID, ProviderRecord] = field(default_factory=dict)
    agents: dict[UUID, AgentRecord] = field(default_factory=dict)
    calls: list[LlmCall] = field(default_factory=list)
    refusal: QueryError | None = None
    asked: list[Any] = field(default_factory=list)

    def clear(self) -> None:
        """Know nothing."""
        for known in (self.providers, self.agents, self.calls, self.asked):
            known.clear()
        self.refusal = None

    def handlers(self) -> dict[type, Handler]:
        found: dict[type, Handler] = {
            CreateProvider: self.create_provider,
            UpdateProvider: self.update_provider,
            DeleteProvider: self.delete_provider,
            GetProvider: self.get_provider,
            ListProviders: self.list_providers,
            StartValidation: self.start_validation,
            ListModels: self.list_models,
            CreateAgent: self.create_agent,
            UpdateAgent: self.update_agent,
            DeleteAgent: self.delete_agent,
            GetAgent: self.get_agent,
            ListAgents: self.list_agents,
            GetLlmUsage: self.usage,
            ListLlmCalls: self.list_calls,
        }
        return {query: self._noting(handler) for query, handler in found.items()}

    def _noting(self, handler: Handler) -> Handler:
        async def note(query: Any) -> Any:
            self.asked.append(query)
            if self.refusal is not None and not isinstance(query, GetProvider):
                raise self.refusal
            return await handler(query)

        return note

    async def create_provider(self, query: CreateProvider) -> ProviderRecord:
        known = _given(query)
        record = ProviderRecord(
            id=query.provider_id,
            has_api_key=query.sealed_key is not None,
            prices=query.prices or Prices(),
            created_at=MADE,
            updated_at=MADE,
            **known,
        )
        return self.providers.setdefault(query.provider_id, record)

    async def update_provider(self, query: UpdateProvider) -> ProviderRecord:
        changes = _given(query)
        if query.sealed_key is not msgspec.UNSET:
            changes["has_api_key"] = query.sealed_key is not None
        now = await self.get_provider(GetProvider(provider_id=query.provider_id))
        self.providers[now.id] = msgspec.structs.replace(now, **changes)
        return self.providers[now.id]

    async def delete_provider(self, query: DeleteProvider) -> None:
        self.providers.pop(query.provider_id, None)

    async def get_provider(self, query: GetProvider) -> ProviderRecord:
        if query.provider_id not in self.providers:
            raise not_found(f"provider {query.provider_id}")
        return self.providers[query.provider_id]

    async def list_providers(self, _: ListProviders) -> list[ProviderRecord]:
        return sorted(self.providers.values(), key=lambda each: each.name)

    async def start_validation(self, query: StartValidation) -> ProviderRecord:
        return await self.get_provider(GetProvider(provider_id=query.provider_id))

    async def list_models(self, query: ListModels) -> ModelList:
        await self.get_provider(GetProvider(provider_id=query.provider_id))
        return ModelList(models=["bge-m3", "llama3"])

    async def create_agent(self, query: CreateAgent) -> AgentRecord:
        record = AgentRecord(id=query.agent_id, created_at=MADE, updated_at=MADE, **_given(query))
        return self.agents.setdefault(query.agent_id, record)

    async def update_agent(self, query: UpdateAgent) -> AgentRecord:
        now = await self.get_agent(GetAgent(agent_id=query.agent_id))
        self.agents[now.id] = msgspec.structs.replace(now, **_given(query))
        return self.agents[now.id]

    async def delete_agent(self, query: DeleteAgent) -> None:
        self.agents.pop(query.agent_id, None)

    async def get_agent(self, query: GetAgent) -> AgentRecord:
        if query.agent_id not in self.agents:
            raise not_found(f"agent {query.agent_id}")
        return self.agents[query.agent_id]

    async def list_agents(self, _: ListAgents) -> list[AgentRecord]:
        return sorted(self.agents.values(), key=lambda each: (each.kind, each.name))

    async def usage(self, _: GetLlmUsage) -> list[UsageLine]:
        return [
            UsageLine(
                provider_id=call.provider_id,
                model=call.model,
                task=call.task,
                calls=1,
                cached=0,
                failed=0,
                input_tokens=call.input_tokens,
                output_tokens=call.output_tokens,
                cost=call.cost,
                mean_ms=call.duration_ms,
            )
            for call in self.calls
        ]

    async def list_calls(self, query: ListLlmCalls) -> LlmCallPage:
        found = [call for call in self.calls if call.run_id == query.run_id]
        return LlmCallPage(items=found[: query.limit])


def _given(query: Any) -> dict[str, Any]:
    """The fields of a query that are given and kept as they are."""
    fields = msgspec.structs.asdict(query).items()
    return {name: value for name, value in fields if name not in _NOT_KEPT and value is not msgspec.UNSET} | (
        {"provider_id": query.provider_id}
        if "agent_id" in query.__struct_fields__ and query.provider_id is not msgspec.UNSET
        else {}
    )
