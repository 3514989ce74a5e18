"""The run of an extraction: one worker's turn at it, with what its answers are not to repeat."""

from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from services.knowledge.models import PROMPTS
from services.knowledge.settings import KnowledgeSettings
from shared.evidence.leaks import Secrets
from shared.llm import Question, Reply
from shared.llm.turns import Turn

Answer = TypeVar("Answer", bound=msgspec.Struct)


@dataclass(slots=True)
class Run(Turn):
    """One worker's work on an extraction.

    Attributes:
        secrets: What answers are not to repeat.
    """

    secrets: Secrets
    settings: KnowledgeSettings

    async def ask(self, task: str, data: msgspec.Struct, answer: type[Answer]) -> Answer:
        """Ask the agent, patiently, and keep what it took.

        Raises:
            NotMineError: The extraction is somebody else's, or over.
            LlmError: As `shared.llm.Chat.ask` says.
        """
        return (await self.put(Question(task, data, answer, PROMPTS))).answer

    def noted_of(self, reply: Reply[Any]) -> dict[str, Any]:
        """Who extracts, and asked how."""
        if reply.prompt.startswith("extract"):
            return {"model": reply.model, "prompt": reply.prompt}
        return {}
