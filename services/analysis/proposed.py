"""What a batch of messages comes to: the values between whoever proposes and whoever saves."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from uuid import UUID

import msgspec

from shared.contracts.ingestion import MessageRecord
from shared.contracts.proposals import Category, Novelty, Priority, ProposalQuote, Recommendation
from shared.contracts.runs import RunSnapshot

Answer = TypeVar("Answer", bound=msgspec.Struct)


class Ask(Protocol):
    """How a batch's question is put to the run's agent: patiently, and accounted for."""

    async def __call__(self, task: str, data: msgspec.Struct, answer: type[Answer]) -> Answer:
        """Answer one question.

        Raises:
            LlmError: As `shared.llm.Chat.ask` says.
        """
        ...


@dataclass(frozen=True, slots=True)
class BatchWork:
    """One batch of a run, as whoever proposes is given it.

    Attributes:
        messages: In the order sent, at most fifty, each with text.
        ask: Puts a question to the run's agent.
    """

    run_id: UUID
    snapshot: RunSnapshot
    use_rag: bool
    messages: Sequence[MessageRecord]
    ask: Ask


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProposal:
    """A proposal that holds: it has at least one quote that stands word for word in its message.

    Attributes:
        confidence: 0..1; at most 0.6 in basic mode.
        similar_id: The earlier proposal that it repeats or goes on with; None when it is new.
        similarity: To that one, 0..1.
        vector: Of unit length, of the vector space `space_id`; None when there is none to be had.
    """

    title: str
    description: str
    category: Category
    priority: Priority
    quotes: tuple[ProposalQuote, ...]
    confidence: float
    reasoning: str
    recommendation: Recommendation
    tags: tuple[str, ...] = ()
    sub_tasks: tuple[str, ...] = ()
    component: str | None = None
    details: dict[str, Any] | None = None
    atom_ids: tuple[int, ...] = ()
    novelty: Novelty = "new"
    similar_id: UUID | None = None
    similarity: float | None = None
    space_id: int | None = None
    vector: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a batch came to.

    Attributes:
        quotes_dropped: Quotes that no message of the batch has word for word.
        proposals_dropped: Proposals that were left with no quote, or repeat the prompt.
    """

    proposals: tuple[NewProposal, ...] = field(default=())
    quotes_dropped: int = 0
    proposals_dropped: int = 0
