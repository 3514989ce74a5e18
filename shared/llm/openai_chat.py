"""Chat with a language model: the cache, the question, the reading of the answer, one repair, accounts."""

import asyncio
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from shared.contracts.analysis import AgentAccess, LlmCall
from shared.llm.answers import UnfitError, check_was_read, read_answer, whole_content
from shared.llm.cache import KeptAnswer, answer_key, asking, commit_paid, keep_answer, use_answer
from shared.llm.calls import Account, count_call, record_failure, send_calls
from shared.llm.clients import base_url_of
from shared.llm.completion import Asked, Completed, Form, complete_chat
from shared.llm.costs import Budget
from shared.llm.errors import BadAnswerError, BudgetExceededError, LlmError, ProviderRefusedError
from shared.llm.interface import Question, Reply
from shared.llm.prompts import Message, Prompt
from shared.llm.repair import repair_of
from shared.llm.schema import strict_schema
from shared.llm.spans import note_cached
from shared.llm.usage import Usage
from shared.messaging.transaction import Transaction, transaction

Answer = TypeVar("Answer", bound=msgspec.Struct)


class OpenAIChat:
    """Answers by an OpenAI-compatible server, for one agent in one run.

    Args:
        access: The agent and its provider.
        spent: What the run spent before, when it is resumed.
    """

    def __init__(self, access: AgentAccess, spent: Usage) -> None:
        self._agent = access.agent
        self._access = access.access
        self._provider = access.access.provider
        self._budget = Budget(
            max_tokens=self._agent.max_tokens_per_run,
            max_cost=self._agent.max_cost_per_run,
            prices=self._provider.prices,
            spent=spent,
        )

    @property
    def spent(self) -> Usage:
        """What this run has spent so far."""
        return self._budget.spent

    async def ask(self, question: Question[Answer]) -> Reply[Answer]:
        """Answer a question; see `shared.llm.interface.Chat`."""
        model = self._model()
        prompt = question.prompts.render(
            question.task, self._agent.language, question.data, instructions=self._agent.instructions
        )
        key = self._key(question, prompt, model)
        async with asking(key):
            found = await self._look_up(key, question, model)
            if found is not None:
                return Reply(found, Usage(cached=True), model, prompt.name)
            answer, usage = await self._pay(key, question, prompt, model)
            return Reply(answer, usage, model, prompt.name)

    def _model(self) -> str:
        model = self._agent.model or self._provider.chat_model
        if model is None:
            raise ProviderRefusedError(
                f"Neither the agent {self._agent.name} nor the provider {self._provider.name} names a chat "
                "model. Give one of them a model."
            )
        return model

    def _key(self, question: Question[Answer], prompt: Prompt, model: str) -> bytes:
        return answer_key(
            task=question.task,
            prompt=prompt.name,
            messages=prompt.messages,
            model=model,
            temperature=self._agent.temperature,
            schema=strict_schema(question.answer),
            provider=self._provider.type,
            base_url=base_url_of(self._access),
        )

    async def _look_up(self, key: bytes, question: Question[Answer], model: str) -> Answer | None:
        async with transaction() as tx:
            kept = await use_answer(tx, key)
            if kept is None:
                return None
            try:
                answer = read_answer(kept, question.answer)
            except UnfitError:
                return None  # kept for a Struct that is stricter now
            send_calls(tx, [self._count(question, model, Usage(cached=True))])
        note_cached(model, question.task)
        return answer

    async def _pay(
        self, key: bytes, question: Question[Answer], prompt: Prompt, model: str
    ) -> tuple[Answer, Usage]:
        first = await self._complete(question, model, prompt.messages)
        try:
            return await self._accept(key, question, model, first), first.usage
        except UnfitError as error:
            await self._fail(question, model, first.usage, f"does not fit: {error}")
            content = first.completion.content
            repair = repair_of(prompt.messages, content, str(error), self._agent.language)
        try:
            second = await self._complete(question, model, repair)
            try:
                return await self._accept(key, question, model, second), first.usage + second.usage
            except UnfitError as error:
                reason = f"The answer of {model} does not fit, nor did its repair: {error}."
                await self._fail(question, model, second.usage, f"does not fit: {error}")
                raise BadAnswerError(reason, "unfit", usage=second.usage) from None
        except LlmError as error:
            error.usage += first.usage
            raise

    async def _complete(
        self, question: Question[Answer], model: str, messages: Sequence[Message]
    ) -> Completed:
        form = Form(question.task, strict_schema(question.answer))
        agent = self._agent
        asked = Asked(self._access, model, agent.language, agent.temperature, agent.max_output_tokens)
        try:
            return await complete_chat(asked, messages, form, self._budget)
        except BudgetExceededError:
            raise
        except LlmError as error:
            await self._fail(question, model, error.usage, str(error))
            raise

    async def _accept(
        self, key: bytes, question: Question[Answer], model: str, completed: Completed
    ) -> Answer:
        """Read an answer, and keep it together with the record of what it cost, before all else."""
        usage = completed.usage
        try:
            if self._provider.type == "ollama":
                check_was_read(completed.completion, model, completed.sent_tokens)
            content = whole_content(completed.completion, model)
        except BadAnswerError as error:
            await self._fail(question, model, usage, str(error))
            error.usage = usage
            raise
        answer = read_answer(content, question.answer)
        kept, call = msgspec.json.encode(answer).decode(), self._count(question, model, usage)

        async def work(tx: Transaction) -> None:
            await keep_answer(tx, key, KeptAnswer(question.task, model, kept, usage))
            send_calls(tx, [call])

        # Whoever is interrupted here has paid.
        await asyncio.shield(commit_paid(work))
        return answer

    async def _fail(self, question: Question[Answer], model: str, usage: Usage, error: str) -> None:
        await record_failure(self._count(question, model, usage, error))

    def _count(
        self, question: Question[Answer], model: str, usage: Usage, error: str | None = None
    ) -> LlmCall:
        account = Account(self._provider, model, "chat", self._agent.id)
        return count_call(account, question.task, usage, error)
