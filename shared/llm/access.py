"""The way in: an agent or an embedder, ready to be asked. The clients behind them are shared, and kept."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from shared.contracts.analysis import AgentAccess, AgentKind, AgentRecord, ProviderAccess, ProviderRecord
from shared.llm.binding import is_bound
from shared.llm.interface import Chat, Embedder, LocalRule, LocalRules
from shared.llm.local import LocalChat
from shared.llm.loops import LoopLocal
from shared.llm.places import close_places
from shared.llm.remembering import RememberingEmbedder, VectorMemory
from shared.llm.resolving import resolve_agent, resolve_provider, stop_listening
from shared.llm.usage import Usage

NO_RULES: Mapping[str, LocalRule] = MappingProxyType({})

_REMEMBERED = 1000
_memory: LoopLocal[VectorMemory[tuple[Hashable, str]]] = LoopLocal(lambda: VectorMemory(_REMEMBERED))
"""What rules had embedded lately: they ask for the same known names with each conversation."""


@dataclass(frozen=True, slots=True)
class AgentSession:
    """An agent at work in one run. There is nothing to close.

    Attributes:
        chat: Answers questions, within the agent's bounds.
        embedder: Makes vectors by the agent's own provider; the installation's embedder is `open_embedder()`.
    """

    agent: AgentRecord
    provider: ProviderRecord
    chat: Chat
    embedder: Embedder


async def open_agent(
    agent: AgentKind | UUID, *, rules: LocalRules = NO_RULES, spent: Usage | None = None
) -> AgentSession:
    """Have an agent do a run's work.

    Args:
        agent: Its id, or a kind, whose active agent is taken.
        rules: How `local` answers, by task.
        spent: What the run spent before, when it is resumed after a crash.

    Raises:
        QueryError: `not_found` when there is none; `unavailable` when analysis does not answer.
    """
    return open_agent_on(await resolve_agent(agent), rules=rules, spent=spent)


def open_agent_on(
    access: AgentAccess, *, rules: LocalRules = NO_RULES, spent: Usage | None = None
) -> AgentSession:
    """As `open_agent`, for an agent that is known already: one that a run has frozen, or analysis' own."""
    provider, spent = access.access.provider, spent or Usage()
    embedder = open_embedder_on(access.access, agent_id=access.agent.id)
    chat: Chat
    if provider.type == "local":
        whose = provider.id, provider.document_model
        chat = LocalChat(access, rules, RememberingEmbedder(embedder, whose, _memory.get()), spent)
    else:
        from shared.llm.openai_chat import OpenAIChat

        chat = OpenAIChat(access, spent)
    return AgentSession(access.agent, provider, chat, embedder)


async def open_embedder(provider_id: UUID | None = None) -> Embedder:
    """Have vectors made by a provider, or by that of the active `embedder` agent.

    Raises:
        QueryError: `not_found` when there is none; `unavailable` when analysis does not answer.
    """
    if provider_id is not None:
        return open_embedder_on(await resolve_provider(provider_id))
    active = await resolve_agent("embedder")
    return open_embedder_on(active.access, agent_id=active.agent.id)


def open_embedder_on(access: ProviderAccess, *, agent_id: UUID | None = None) -> Embedder:
    """As `open_embedder`, for a provider that is known already."""
    from shared.llm.openai_embedder import OpenAIEmbedder

    return OpenAIEmbedder(access, agent_id=agent_id)


async def close_llm() -> None:
    """Close what the running event loop holds: clients, places, the listening for changes.

    Does nothing in a process that was told of no language models.
    """
    if not is_bound():
        return
    from shared.llm.clients import close_clients

    await stop_listening()
    await close_clients()
    await close_places()
