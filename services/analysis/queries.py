"""What analysis answers when it is asked."""

import msgspec

from services.analysis import agents, providers
from services.analysis.pricing import priced_for
from services.analysis.reach import UnreachableError, reach
from services.analysis.repository.agents import active_agent, all_agents, get_agent
from services.analysis.repository.providers import all_providers, get_provider
from services.analysis.repository.usage import TimeAndCall, calls_of_run, usage_lines
from shared.contracts.analysis import (
    AgentAccess,
    AgentRecord,
    CreateAgent,
    CreateProvider,
    DeleteAgent,
    DeleteProvider,
    GetAgent,
    GetLlmUsage,
    GetProvider,
    GetProviderAccess,
    ListAgents,
    ListLlmCalls,
    ListModels,
    ListProviders,
    LlmCallPage,
    ModelList,
    ProviderAccess,
    ProviderRecord,
    ResolveAgent,
    StartValidation,
    UpdateAgent,
    UpdateProvider,
    UsageLine,
)
from shared.contracts.errors import QueryError, not_found, unavailable
from shared.database.cursors import read_cursor, write_cursor
from shared.llm import ProviderRefusedError, ProviderUnavailableError, SealedKeyError
from shared.llm.checking import offered_models
from shared.llm.clients import base_url_of
from shared.messaging.transaction import Transaction, transaction


async def create_provider(query: CreateProvider) -> ProviderRecord:
    """Make a provider and have it validated."""
    return await providers.create(query)


async def update_provider(query: UpdateProvider) -> ProviderRecord:
    """Change what is given."""
    return await providers.update(query)


async def delete_provider(query: DeleteProvider) -> None:
    """Delete a provider that no agent uses."""
    await providers.delete(query)


async def find_provider(query: GetProvider) -> ProviderRecord:
    """One provider."""
    async with transaction() as tx:
        return (await get_provider(tx, query.provider_id)).record


async def list_providers(_query: ListProviders) -> list[ProviderRecord]:
    """All providers, by name."""
    async with transaction() as tx:
        return [provider.record for provider in await all_providers(tx)]


async def start_validation(query: StartValidation) -> ProviderRecord:
    """Have a provider validated; the second time, nothing more."""
    return await providers.start_validation(query)


async def provider_access(query: GetProviderAccess) -> ProviderAccess:
    """A provider with its sealed key."""
    async with transaction() as tx:
        return (await get_provider(tx, query.provider_id)).access


async def list_models(query: ListModels) -> ModelList:
    """The models that a provider offers, asked of itself."""
    async with transaction() as tx:
        access = (await get_provider(tx, query.provider_id)).access
    try:
        await reach(base_url_of(access), direct=access.provider.basic_mode)
        return ModelList(models=await offered_models(access))
    except (UnreachableError, ProviderUnavailableError) as error:
        raise unavailable(str(error)) from error
    except (ProviderRefusedError, SealedKeyError) as error:
        raise QueryError("conflict", str(error)) from error


async def create_agent(query: CreateAgent) -> AgentRecord:
    """Make an agent."""
    return await agents.create(query)


async def update_agent(query: UpdateAgent) -> AgentRecord:
    """Change what is given, or which agent is active."""
    return await agents.update(query)


async def delete_agent(query: DeleteAgent) -> None:
    """Delete an agent that is not active."""
    await agents.delete(query)


async def find_agent(query: GetAgent) -> AgentRecord:
    """One agent."""
    async with transaction() as tx:
        return await get_agent(tx, query.agent_id)


async def list_agents(_query: ListAgents) -> list[AgentRecord]:
    """All agents, by kind and name."""
    async with transaction() as tx:
        return await all_agents(tx)


async def resolve_agent(query: ResolveAgent) -> AgentAccess:
    """An agent with its provider, by id or as the active one of its kind."""
    async with transaction() as tx:
        agent = await _agent(tx, query)
        access = (await get_provider(tx, agent.provider_id)).access
    priced = msgspec.structs.replace(access, provider=priced_for(agent, access.provider))
    return AgentAccess(agent=agent, access=priced)


async def llm_usage(query: GetLlmUsage) -> list[UsageLine]:
    """What calls came to."""
    async with transaction() as tx:
        return await usage_lines(tx, query)


async def page_of_calls(query: ListLlmCalls) -> LlmCallPage:
    """The calls of a run."""
    after = read_cursor(query.cursor, TimeAndCall)
    async with transaction() as tx:
        found = await calls_of_run(tx, query.run_id, after, query.limit + 1)
    page = found[: query.limit]
    more = len(found) > query.limit
    return LlmCallPage(
        items=page, next_cursor=write_cursor(TimeAndCall(page[-1].called_at, page[-1].id)) if more else None
    )


async def _agent(tx: Transaction, query: ResolveAgent) -> AgentRecord:
    if query.agent_id is not None:
        return await get_agent(tx, query.agent_id)
    if query.kind is None:
        raise QueryError("invalid", "Name an agent or a kind of agent.", field="kind")
    found = await active_agent(tx, query.kind)
    if found is None:
        raise not_found(f"active {query.kind}")
    return found
