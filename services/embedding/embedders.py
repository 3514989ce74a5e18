"""Who makes the vectors of a space: its provider, with the models that the space was made with."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

import msgspec
from loguru import logger
from prometheus_client import Counter

from services.embedding.spaces import Space
from shared.contracts.embedding import Role
from shared.contracts.errors import QueryError, unavailable
from shared.llm import (
    EmbeddedBatch,
    Embedder,
    LlmError,
    ProviderRefusedError,
    ProviderUnavailableError,
    SealedKeyError,
    open_embedder_on,
)
from shared.llm.interface import Vector
from shared.llm.resolving import resolve_provider

_REMEMBERED = 1000
_QUERIES = Counter(
    "embedding_query_vectors_total", "Vectors that were asked for, by where they came from.", ["by"]
)

_remembered: OrderedDict[tuple[int, Role, str], Vector] = OrderedDict()


class RefusedError(Exception):
    """A space's provider says no to everything, and asking again will not help; the message says why."""


async def embedder_of(space: Space) -> Embedder:
    """The embedder of a space.

    Raises:
        RefusedError: Its provider is no more.
        QueryError: `unavailable`, when analysis does not answer.
    """
    try:
        access = await resolve_provider(space.provider_id)
    except QueryError as error:
        if error.code == "not_found":
            raise RefusedError("The provider of this vector space was deleted.") from error
        raise
    provider = msgspec.structs.replace(
        access.provider,
        document_model=space.document_model,
        query_model=space.query_model,
        dimension=space.dimension or None,
    )
    return open_embedder_on(msgspec.structs.replace(access, provider=provider))


async def embed_documents(space: Space, texts: Sequence[str]) -> EmbeddedBatch:
    """Vectors of what is searched; one bad text fails alone.

    Raises:
        RefusedError: The provider takes none of them.
        QueryError: `unavailable`, when the provider does not answer: the task is to be tried again.
    """
    return await _embed(space, texts, "document")


async def vectors_of(space: Space, texts: Sequence[str], role: Role) -> list[Vector]:
    """Vectors of texts that somebody asks about, those of lately from memory.

    Raises:
        QueryError: `unavailable` when the provider does not answer or says no, `invalid` when a text is at
            fault.
    """
    missing = [text for text in dict.fromkeys(texts) if (space.id, role, text) not in _remembered]
    found: dict[str, Vector] = {}
    if missing:
        try:
            batch = await _embed(space, missing, role)
        except RefusedError as error:
            raise unavailable(str(error)) from error
        for place, text in enumerate(missing):
            vector = batch.vectors[place]
            if vector is None:
                raise QueryError("invalid", f"A text has no vector: {batch.failures[place]}", field="texts")
            found[text] = vector
    for text in dict.fromkeys(texts):
        key = (space.id, role, text)
        _QUERIES.labels("provider" if text in found else "memory").inc()
        _remembered[key] = found[text] if text in found else _remembered[key]
        _remembered.move_to_end(key)
    answer = [_remembered[space.id, role, text] for text in texts]
    while len(_remembered) > _REMEMBERED:
        _remembered.popitem(last=False)
    return answer


async def query_vector(space: Space, query: str, patience: float) -> Vector:
    """The vector of a search's query.

    Args:
        space: The space that is searched.
        query: What is searched for.
        patience: Seconds to wait for it.

    Raises:
        QueryError: `unavailable` when there is none in time, `invalid` when the query has none.
    """
    try:
        async with asyncio.timeout(patience):
            return (await vectors_of(space, [query], "query"))[0]
    except TimeoutError as error:
        raise unavailable(f"the embedding provider did not answer within {patience:g} s") from error


async def _embed(space: Space, texts: Sequence[str], role: Role) -> EmbeddedBatch:
    embedder = await embedder_of(space)
    embed = embedder.embed_documents if role == "document" else embedder.embed_queries
    try:
        return await embed(texts)
    except ProviderUnavailableError as error:
        logger.warning("vector space {}: {}", space.id, error)
        raise unavailable(str(error)) from error
    except (ProviderRefusedError, SealedKeyError, LlmError) as error:
        raise RefusedError(str(error)) from error
