"""One completion: the request as this server understands it, made until it is answered, and what it took."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
from opentelemetry.util.types import AttributeValue

from shared.contracts.analysis import Language, ProviderAccess
from shared.llm.answers import Completion
from shared.llm.attempts import persevere
from shared.llm.binding import bound_llm
from shared.llm.clients import Opened, client_of
from shared.llm.costs import Budget, chat_cost, estimate_tokens
from shared.llm.dialect import Dialect, response_format
from shared.llm.errors import BadAnswerError, LlmError
from shared.llm.failures import RefusedError, refusal_of
from shared.llm.prompts import Message
from shared.llm.schema import JsonSchema
from shared.llm.spans import chat_span, note_usage
from shared.llm.usage import Usage
from shared.llm.wire import complete

_SCHEMA_RULES: dict[Language, str] = {
    "uk": "Відповідай лише одним JSON-об'єктом за цією схемою, без пояснень:",
    "en": "Answer with one JSON object of this schema, and nothing else:",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked, and how.

    Attributes:
        language: Of what is said beside the prompt.
    """

    access: ProviderAccess
    model: str
    language: Language
    temperature: float
    max_output_tokens: int


@dataclass(frozen=True, slots=True)
class Form:
    """The form that an answer is to have, and the task that it belongs to."""

    task: str
    schema: JsonSchema


@dataclass(frozen=True, slots=True)
class Completed:
    """What came back, and what it took.

    Attributes:
        sent_tokens: About how many were sent, whatever the server says.
    """

    completion: Completion
    usage: Usage
    sent_tokens: int


async def complete_chat(asked: Asked, messages: Sequence[Message], form: Form, budget: Budget) -> Completed:
    """Ask once, in as many attempts as it takes, within the run's budget, which is charged.

    Raises:
        BudgetExceededError: When there is no room for it; nothing was called.
        BadAnswerError: When the provider's content filter holds back what was sent.
        ProviderRefusedError: When the provider says no.
        ProviderUnavailableError: When it did not answer.
    """
    started, sent_tokens = time.perf_counter(), estimate_tokens(messages)
    parameters: dict[str, AttributeValue] = {
        "temperature": asked.temperature,
        "max_tokens": asked.max_output_tokens,
    }
    with (
        budget.room_for(sent_tokens),
        chat_span(asked.access.provider, asked.model, form.task, parameters) as span,
    ):
        try:
            async with client_of(asked.access) as opened:
                completion, attempts = await _send(opened, asked, messages, form)
        except LlmError as error:
            error.usage += Usage(duration_ms=_since(started))
            raise
        usage = _usage(completion, messages, asked, attempts) + Usage(duration_ms=_since(started))
        budget.add(usage)
        note_usage(span, usage)
        span.set_attribute("gen_ai.response.model", completion.model)
        span.set_attribute("gen_ai.response.finish_reasons", [completion.finish_reason])
    return Completed(completion, usage, sent_tokens)


async def _send(
    opened: Opened, asked: Asked, messages: Sequence[Message], form: Form
) -> tuple[Completion, int]:
    """The completion, and how many requests it took, those included in which we misspoke."""
    dialect, made = opened.dialect(asked.model), 0
    while True:
        send = partial(complete, opened.client, _request(asked, messages, form, dialect))
        try:
            sent = await persevere(send, asked.access.provider, bound_llm().patience)
        except RefusedError as refused:
            made += 1
            if refused.is_filtered:
                reason = f"The content filter of {asked.access.provider.name} holds back what it was sent."
                raise BadAnswerError(reason, "filtered", usage=Usage(attempts=made)) from None
            if not dialect.give_way(refused):
                raise refusal_of(asked.access.provider, asked.model, refused, attempts=made) from None
        except LlmError as error:
            error.usage += Usage(attempts=made)
            raise
        else:
            return sent.result, made + sent.attempts


def _request(asked: Asked, messages: Sequence[Message], form: Form, dialect: Dialect) -> dict[str, Any]:
    first, *rest = messages
    # Ollama and whoever knows no schemas must be told in words.
    if dialect.structured != "json_schema" or asked.access.provider.type == "ollama":
        told = f"{_SCHEMA_RULES[asked.language]}\n{msgspec.json.encode(form.schema).decode()}"
        first = Message(first.role, f"{first.content}\n\n{told}")
    request: dict[str, Any] = {
        "model": asked.model,
        "messages": [msgspec.to_builtins(message) for message in (first, *rest)],
        dialect.limit: asked.max_output_tokens,
        **response_format(dialect, form.task, form.schema),
    }
    if dialect.temperature:
        request["temperature"] = asked.temperature
    return request


def _usage(completion: Completion, messages: Sequence[Message], asked: Asked, attempts: int) -> Usage:
    """What the server says; what it does not say is estimated, so that caps hold all the same."""
    taken, given = completion.input_tokens, completion.output_tokens
    if taken is None:
        taken = estimate_tokens(messages)
    if given is None:
        given = estimate_tokens([Message("assistant", completion.content)])
    cost = chat_cost(asked.access.provider.prices, taken, given)
    return Usage(input_tokens=taken, output_tokens=given, cost=cost, attempts=attempts)


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
