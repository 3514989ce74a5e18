"""Whether an agent can do its work with the provider that it has."""

from shared.contracts.analysis import AgentKind, AgentRecord, ProviderRecord

_NEEDS: dict[AgentKind, str] = {
    "knowledge_extractor": "chat_model",
    "embedder": "document_model",
    "task_proposer": "chat_model",
}


def asks_questions(kind: AgentKind) -> bool:
    """Whether agents of this kind work with a chat model; `local` does their work by rules instead."""
    return _NEEDS[kind] == "chat_model"


def lacks_model(kind: AgentKind, model: str | None, provider: ProviderRecord) -> bool:
    """Whether an agent of this kind would have no model for its work.

    Args:
        kind: The agent's.
        model: The one that the agent names itself.
        provider: The one that it uses; `local` extracts and proposes without a model.
    """
    if model is not None or (asks_questions(kind) and provider.basic_mode):
        return False
    return getattr(provider, _NEEDS[kind]) is None


def explain_lack(agent: AgentRecord, provider: ProviderRecord) -> str:
    """What an agent lacks, and what to do."""
    needed = _NEEDS[agent.kind]
    return (
        f"The {agent.kind} {agent.name!r} has no model: give it one, or give the provider {provider.name!r} "
        f"a {needed}."
    )
