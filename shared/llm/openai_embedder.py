"""Vectors by an OpenAI-compatible server: batches, one bad text failing alone, and the accounts."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from uuid import UUID

from shared.contracts.analysis import LlmCall, ProviderAccess
from shared.llm.attempts import persevere
from shared.llm.batching import (
    LONGEST_LOCAL_TEXT,
    LONGEST_TEXT,
    MOST_LOCAL_TEXTS,
    MOST_TEXTS,
    batches,
    prepare_text,
)
from shared.llm.binding import Patience, bound_llm
from shared.llm.bisection import Refused, embed_each
from shared.llm.calls import Account, count_call, record_calls, record_failure
from shared.llm.clients import Opened, base_url_of, client_of
from shared.llm.costs import embedding_cost
from shared.llm.errors import LlmError, ProviderRefusedError
from shared.llm.failures import RefusedError, refusal_of
from shared.llm.interface import EmbeddedBatch, Vector
from shared.llm.spans import embeddings_span, note_usage
from shared.llm.usage import Usage
from shared.llm.wire import embed

_EMPTY = "The text is empty."
_NO_DIRECTION = "The vector that came back has no direction."


@dataclass(slots=True)
class _Call:
    """One call, and what it has taken so far."""

    urgent: bool
    started: float = field(default_factory=time.perf_counter)
    tokens: int = 0
    attempts: int = 0

    def usage(self, access: ProviderAccess) -> Usage:
        return Usage(
            input_tokens=self.tokens,
            cost=embedding_cost(access.provider.prices, self.tokens),
            duration_ms=(time.perf_counter() - self.started) * 1000,
            attempts=self.attempts,
        )


class OpenAIEmbedder:
    """Makes vectors by one provider's pair of models.

    Args:
        access: The provider.
        agent_id: The agent for which it is done, if there is one.
    """

    def __init__(self, access: ProviderAccess, *, agent_id: UUID | None = None) -> None:
        self._access = access
        self._provider = access.provider
        self._agent_id = agent_id
        is_local = access.provider.type == "local"
        self._most_texts = MOST_LOCAL_TEXTS if is_local else MOST_TEXTS
        self._longest = LONGEST_LOCAL_TEXT if is_local else LONGEST_TEXT

    async def embed_documents(self, texts: Sequence[str]) -> EmbeddedBatch:
        """Vectors of what is searched; see `shared.llm.interface.Embedder`."""
        return await self._embed(texts, self._provider.document_model, "embed_documents")

    async def embed_queries(self, texts: Sequence[str]) -> EmbeddedBatch:
        """Vectors of what is searched with.

        They are asked for by the thousand, so those that cost nothing are counted in the metrics alone.
        """
        model = self._provider.query_model or self._provider.document_model
        return await self._embed(texts, model, "embed_queries", urgent=True)

    async def _embed(
        self, texts: Sequence[str], model: str | None, task: str, *, urgent: bool = False
    ) -> EmbeddedBatch:
        if model is None:
            raise ProviderRefusedError(
                f"{self._provider.name} has no embedding model. Give it a document_model."
            )
        base_url_of(self._access)
        prepared = {place: prepare_text(text, self._longest) for place, text in enumerate(texts)}
        failures = {place: _EMPTY for place, text in prepared.items() if not text}
        wanted = {place: text for place, text in prepared.items() if text}
        vectors: list[Vector | None] = [None] * len(texts)
        usage = Usage()
        if wanted:
            found, usage = await self._call(wanted, model, task, urgent=urgent)
            for place, each in found.items():
                if isinstance(each, Refused):
                    failures[place] = each.reason
                else:
                    vectors[place] = each
        return EmbeddedBatch(vectors, failures, usage)

    async def _call(
        self, texts: dict[int, str], model: str, task: str, *, urgent: bool
    ) -> tuple[dict[int, Vector | Refused], Usage]:
        """One call as it is accounted for, however many requests it takes."""
        taken = _Call(urgent)
        found: dict[int, Vector | Refused] = {}
        with embeddings_span(self._provider, model, task, len(texts)) as span:
            try:
                async with client_of(self._access) as opened:
                    for batch in batches(texts, self._most_texts):
                        made = await self._batch(opened, list(batch.values()), model, taken)
                        found.update(zip(batch, made, strict=True))
            except LlmError as error:
                error.usage = taken.usage(self._access)
                await record_failure(self._count(model, task, error.usage, str(error)))
                raise
            usage = taken.usage(self._access)
            note_usage(span, usage)
            if self._provider.dimension:
                span.set_attribute("gen_ai.embeddings.dimension.count", self._provider.dimension)
        call = self._count(model, task, usage)
        if usage.cost or not urgent:
            await record_calls([call])
        return found, usage

    async def _batch(
        self, opened: Opened, texts: Sequence[str], model: str, taken: _Call
    ) -> list[Vector | Refused]:
        async def send(some: Sequence[str]) -> list[Vector]:
            # Whatever goes to pieces is looked for quickly: the whole batch had all the patience.
            patience = bound_llm().patience
            few = (
                patience if len(some) == len(texts) else replace(patience, attempts=min(2, patience.attempts))
            )
            return await self._request(opened, some, model, taken, few)

        try:
            found = await embed_each(texts, send)
        except RefusedError as refused:
            raise refusal_of(self._provider, model, refused) from None
        return [each if isinstance(each, Refused) else _unit(each) for each in found]

    async def _request(
        self, opened: Opened, texts: Sequence[str], model: str, taken: _Call, patience: Patience
    ) -> list[Vector]:
        dialect = opened.dialect(model)
        while True:
            form = "base64" if dialect.base64 else "float"
            request = {"model": model, "input": list(texts), "encoding_format": form}
            try:
                send = partial(embed, opened.client, request)
                sent = await persevere(send, self._provider, patience, urgent=taken.urgent)
            except RefusedError as refused:
                taken.attempts += 1
                if not dialect.give_way(refused):
                    raise
            except LlmError as error:
                taken.attempts += error.usage.attempts
                raise
            else:
                taken.attempts += sent.attempts
                taken.tokens += sent.result.tokens
                return self._checked(sent.result.vectors, model)

    def _checked(self, vectors: list[Vector], model: str) -> list[Vector]:
        expected = self._provider.dimension or len(vectors[0])
        for vector in vectors:
            if len(vector) != expected:
                raise ProviderRefusedError(
                    f"{self._provider.name} answers with vectors of {len(vector)} numbers by {model}, where "
                    f"{expected} are expected. Has the model changed? Validate the provider."
                )
        return vectors

    def _count(self, model: str, task: str, usage: Usage, error: str | None = None) -> LlmCall:
        return count_call(Account(self._provider, model, "embedding", self._agent_id), task, usage, error)


def _unit(vector: Vector) -> Vector | Refused:
    length = math.hypot(*vector)
    if not math.isfinite(length) or length == 0:
        return Refused(_NO_DIRECTION)
    return [number / length for number in vector]
