"""Records of agents."""

from datetime import datetime
from uuid import UUID

from tasktracker.record import Record, TaggedRecord


class AgentRecord(TaggedRecord, frozen=True, kw_only=True):
    """Who does a kind of work: which provider and model, told what, within which bounds.

    At most one agent a kind is active.

    Attributes:
        kind: One of `knowledge_extractor`, `embedder`, `task_proposer`.
        model: None takes the provider's.
        instructions: Said beside the prompt, for example the team's glossary.
        language: Of the prompt, and of what is written. One of `uk`, `en`.
        max_output_tokens: For one answer.
        max_tokens_per_run: Input and output of questions; a run that reaches it ends with what it has.
            Vectors are counted, not capped.
        max_cost_per_run: US dollars; the same.
    """

    id: UUID
    name: str
    kind: str
    provider_id: UUID
    model: str | None = None
    instructions: str = ""
    language: str = "uk"
    temperature: float = 0.0
    max_output_tokens: int = 4096
    max_tokens_per_run: int = 200000
    max_cost_per_run: float = 1.0
    active: bool = False
    created_at: datetime
    updated_at: datetime


class AgentItems(Record, frozen=True, kw_only=True):
    """All agents, by kind and name."""

    items: list[AgentRecord]
    next_cursor: str | None = None
