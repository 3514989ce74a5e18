"""What a service may ask of a language model, whoever answers: one structured question, or vectors of texts.

A question carries both what a prompt is made of and the plain data, so that `openai` and `ollama` render
the prompt while `local` answers by the rules that the asking service gives it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from shared.llm.prompts import PromptFolder
from shared.llm.usage import NOTHING, Usage

Answer = TypeVar("Answer", bound=msgspec.Struct)
Vector = Sequence[float]


@dataclass(frozen=True, slots=True)
class Question(Generic[Answer]):
    """One question with a structured answer.

    Attributes:
        task: Names the prompt (`prompts/<task>/`), the rule of `local`, and the call in accounts and traces.
        data: The facts. Rendered into the prompt as fenced data, never as instructions.
        answer: The Struct that the answer must fit; its JSON schema goes with the call.
        prompts: The folder of the asking service's prompts.
    """

    task: str
    data: msgspec.Struct
    answer: type[Answer]
    prompts: PromptFolder


@dataclass(frozen=True, slots=True)
class Reply(Generic[Answer]):
    """An answer that fits, and what it took.

    Attributes:
        model: Who answered; `local` where rules did.
        prompt: Name, version and language of the prompt, for example `extract_knowledge/1/uk`.
    """

    answer: Answer
    usage: Usage
    model: str
    prompt: str


@dataclass(frozen=True, slots=True)
class EmbeddedBatch:
    """Vectors of texts, in their order and of unit length; where one could not be made, None.

    Attributes:
        failures: Why there is none, by the text's place from 0.
    """

    vectors: list[Vector | None]
    failures: dict[int, str] = field(default_factory=dict)
    usage: Usage = NOTHING


class Chat(Protocol):
    """Who answers questions, within the bounds of one agent and one run."""

    @property
    def spent(self) -> Usage:
        """What this run has spent so far, what was spent before it was resumed included."""
        ...

    async def ask(self, question: Question[Answer]) -> Reply[Answer]:
        """Answer a question. Not within a transaction: it takes its own, and may take minutes.

        Raises:
            BudgetExceededError: The run's cap is reached; nothing was called.
            BadAnswerError: The answer did not fit, nor did its repair.
            ProviderRefusedError: The provider says no, and asking again will not help.
            ProviderUnavailableError: The provider did not answer, in time or at all; asking later may help.
        """
        ...


class Embedder(Protocol):
    """Who makes vectors, of one provider and its pair of models."""

    async def embed_documents(self, texts: Sequence[str]) -> EmbeddedBatch:
        """Vectors of what is searched. One bad text fails alone.

        Raises:
            ProviderRefusedError: The provider takes none of them, whatever they say.
            ProviderUnavailableError: The provider did not answer; no text is at fault.
        """
        ...

    async def embed_queries(self, texts: Sequence[str]) -> EmbeddedBatch:
        """Vectors of what is searched with; as `embed_documents`."""
        ...


LocalRule = Callable[[Any, Embedder], Awaitable[msgspec.Struct]]
"""How `local` answers one task: the question's data and an embedder in, the question's answer out."""

LocalRules = Mapping[str, LocalRule]
"""A service's rules, by task."""
