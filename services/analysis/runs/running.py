"""One worker's turn at a run, with what the run was made with."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import msgspec

from services.analysis.models import PROMPTS
from shared.contracts.runs import RunSnapshot
from shared.llm import Question
from shared.llm.turns import Turn

Answer = TypeVar("Answer", bound=msgspec.Struct)


@dataclass(slots=True)
class Run(Turn):
    """One worker's work on a run.

    Attributes:
        since: The window's beginning, included; `until` is not.
        is_planned: Its batches are there.
    """

    snapshot: RunSnapshot
    since: datetime
    until: datetime
    use_rag: bool
    is_planned: bool

    async def ask(self, task: str, data: msgspec.Struct, answer: type[Answer]) -> Answer:
        """Ask the run's agent, patiently, and keep what it took.

        Raises:
            NotMineError: The run is somebody else's, or over.
            LlmError: As `shared.llm.Chat.ask` says.
        """
        return (await self.put(Question(task, data, answer, PROMPTS))).answer
