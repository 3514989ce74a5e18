"""Who extracts: the active agent, its prompts, and how it answers where there is no language model."""

from pathlib import Path
from uuid import UUID

from services.knowledge.answers import Conversation
from services.knowledge.local.rules import extract_knowledge
from services.knowledge.local_matching import match_atoms, match_topics
from shared.contracts.errors import QueryError
from shared.evidence.leaks import Secrets
from shared.llm import AgentSession, LocalRules, PromptFolder, Usage, open_agent

PROMPTS = PromptFolder(Path(__file__).parent / "prompts")

EXTRACT, MATCH_TOPIC, MATCH_ATOM = "extract_knowledge", "match_topic", "match_atom"

RULES: LocalRules = {EXTRACT: extract_knowledge, MATCH_TOPIC: match_topics, MATCH_ATOM: match_atoms}
"""How `local` answers."""


async def active_extractor() -> AgentSession | None:
    """The active agent; None when there is none.

    Raises:
        QueryError: `unavailable`, when analysis does not answer.
    """
    try:
        return await open_agent("knowledge_extractor", rules=RULES)
    except QueryError as error:
        if error.code != "not_found":
            raise
        return None


async def extractor(agent_id: UUID | None, spent: Usage) -> AgentSession:
    """The agent with this id, or the active one, to go on with a run that has spent so much.

    Raises:
        QueryError: `not_found` or `unavailable`.
    """
    return await open_agent(agent_id or "knowledge_extractor", rules=RULES, spent=spent)


def secrets_of(session: AgentSession) -> Secrets:
    """What an agent is told, and its answers are not to repeat."""
    nothing = Conversation(chat="", lines=[])
    prompt = PROMPTS.render(EXTRACT, session.agent.language, nothing, instructions=session.agent.instructions)
    return Secrets.of(message.content for message in prompt.messages)
