"""Basic mode: answers by the rules of the asking service, where there is no language model.

Nothing is cached, as rules cost nothing and change with the code. How sure an answer may be is the rules' to
say.
"""

import time
from typing import TypeVar

import msgspec

from shared.contracts.analysis import AgentAccess, LlmCall
from shared.llm.calls import Account, count_call, record_calls, record_failure
from shared.llm.errors import LlmError, ProviderRefusedError
from shared.llm.interface import Embedder, LocalRules, Question, Reply
from shared.llm.spans import chat_span, note_usage
from shared.llm.usage import Usage

Answer = TypeVar("Answer", bound=msgspec.Struct)

MODEL = "local"


class LocalChat:
    """Answers by rules, for one agent in one run.

    Args:
        access: The agent and its provider.
        rules: By task.
        embedder: What the rules make vectors with.
        spent: What the run spent before, when it is resumed.
    """

    def __init__(self, access: AgentAccess, rules: LocalRules, embedder: Embedder, spent: Usage) -> None:
        self._agent = access.agent
        self._provider = access.access.provider
        self._rules = rules
        self._embedder = embedder
        self._spent = spent

    @property
    def spent(self) -> Usage:
        """What this run has spent so far."""
        return self._spent

    async def ask(self, question: Question[Answer]) -> Reply[Answer]:
        """Answer a question; see `shared.llm.interface.Chat`."""
        rule = self._rules.get(question.task)
        if rule is None:
            raise ProviderRefusedError(
                f"Basic mode has no rule for {question.task}: make a provider with a language model active."
            )
        started = time.perf_counter()
        with chat_span(self._provider, MODEL, question.task) as span:
            try:
                answer = await rule(question.data, self._embedder)
            except LlmError as error:
                await record_failure(self._count(question.task, _since(started), str(error)))
                raise
            usage = _since(started)
            note_usage(span, usage)
        if not isinstance(answer, question.answer):
            raise TypeError(f"the rule for {question.task} answered with {type(answer).__name__}")
        self._spent += usage
        await record_calls([self._count(question.task, usage)])
        return Reply(answer, usage, MODEL, f"{question.task}/rules")

    def _count(self, task: str, usage: Usage, error: str | None = None) -> LlmCall:
        return count_call(Account(self._provider, MODEL, "chat", self._agent.id), task, usage, error)


def _since(started: float) -> Usage:
    return Usage(duration_ms=(time.perf_counter() - started) * 1000, attempts=1)
