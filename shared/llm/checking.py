"""Trying a provider out: the models that it offers, one small answer, one vector."""

from dataclasses import replace
from functools import partial

import msgspec

from shared.contracts.analysis import ProviderAccess
from shared.llm.answers import UnfitError, read_answer, whole_content
from shared.llm.attempts import persevere
from shared.llm.binding import bound_llm
from shared.llm.calls import Account, count_call, record_calls
from shared.llm.clients import client_of
from shared.llm.completion import Asked, Form, complete_chat
from shared.llm.costs import Budget
from shared.llm.errors import BadAnswerError, LlmError, ProviderRefusedError
from shared.llm.failures import RefusedError, refusal_of
from shared.llm.openai_embedder import OpenAIEmbedder
from shared.llm.prompts import Message
from shared.llm.schema import strict_schema
from shared.llm.usage import Usage
from shared.llm.wire import list_models

TASK = "validate"
MOST_DIMENSIONS = 4000
"""Of a vector that can be searched: an HNSW index takes no more at half precision (pgvector's README)."""

_MOST_TOKENS = 2000  # a reasoning model thinks before it says one word
_QUESTION = (
    Message("system", "You answer with one JSON object."),
    Message("user", 'Answer {"works": true}.'),
)


class _Works(msgspec.Struct, frozen=True):
    works: bool


async def offered_models(access: ProviderAccess, *, within: float = 15.0) -> list[str]:
    """The names of the models that a provider offers, sorted.

    Args:
        access: The provider.
        within: Seconds to wait for it.

    Raises:
        ProviderRefusedError: Key or address are wrong; says what to do.
        ProviderUnavailableError: It does not answer.
    """
    provider = msgspec.structs.replace(
        access.provider, timeout_seconds=min(access.provider.timeout_seconds, within / 2)
    )
    patience = replace(bound_llm().patience, attempts=2, place=within / 4, total=within)
    async with client_of(access) as opened:
        try:
            sent = await persevere(partial(list_models, opened.client), provider, patience)
        except RefusedError as refused:
            raise refusal_of(provider, None, refused) from None
    return sent.result


async def try_chat(access: ProviderAccess, model: str) -> Usage:
    """Have a model give one small structured answer; returns what it took.

    Raises:
        LlmError: What is wrong, and what to do.
    """
    account = Account(access.provider, model, "chat")
    budget = Budget(
        max_tokens=100 * _MOST_TOKENS, max_cost=float("inf"), prices=access.provider.prices, spent=Usage()
    )
    asked = Asked(access, model, "en", 0.0, _MOST_TOKENS)
    try:
        completed = await complete_chat(asked, _QUESTION, Form(TASK, strict_schema(_Works)), budget)
        read_answer(whole_content(completed.completion, model), _Works)
    except UnfitError as error:
        await record_calls([count_call(account, TASK, budget.spent, str(error))])
        raise BadAnswerError(
            f"{model} does not answer in the form that it is asked for ({error}). Take another model.",
            "unfit",
            usage=budget.spent,
        ) from None
    except LlmError as error:
        await record_calls([count_call(account, TASK, budget.spent, str(error))])
        raise
    await record_calls([count_call(account, TASK, completed.usage)])
    return completed.usage


async def measure_dimension(access: ProviderAccess) -> int:
    """How many numbers the vectors of a provider have; of documents and of queries it must be the same.

    Raises:
        ProviderRefusedError: It makes no vectors, or of two lengths, or too long ones; says what to do.
        ProviderUnavailableError: It does not answer.
    """
    provider = msgspec.structs.replace(access.provider, dimension=None)
    embedder = OpenAIEmbedder(msgspec.structs.replace(access, provider=provider))
    lengths = []
    for embed in (embedder.embed_documents, embedder.embed_queries):
        batch = await embed(["Does this work?"])
        if batch.vectors[0] is None:
            raise ProviderRefusedError(f"{provider.name} makes no vectors: {batch.failures[0]}")
        lengths.append(len(batch.vectors[0]))
    if lengths[0] != lengths[1]:
        raise ProviderRefusedError(
            f"{provider.name} makes vectors of {lengths[0]} numbers for documents and of {lengths[1]} for "
            "queries. Its document_model and query_model have to belong together."
        )
    if lengths[0] > MOST_DIMENSIONS:
        raise ProviderRefusedError(
            f"{provider.name} makes vectors of {lengths[0]} numbers; no more than {MOST_DIMENSIONS} can be "
            "searched. Take a smaller embedding model."
        )
    return lengths[0]
