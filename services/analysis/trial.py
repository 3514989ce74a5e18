"""Trying a provider out: is it there, what does it offer, does it answer in a form, does it make vectors.

What counts is what every model that it names does when it is asked; a list of models only helps to choose,
and to say what was meant. One that names no embedding model is connected all the same, for chat alone.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from services.analysis.choosing import NoModelError, check_is_offered, choose_models, has_to_choose
from services.analysis.reach import UnreachableError, reach
from services.analysis.sentences import explain
from shared.contracts.analysis import ProviderAccess, ProviderRecord
from shared.llm import LlmError, ProviderRefusedError, ProviderUnavailableError, SealedKeyError
from shared.llm.checking import measure_dimension, offered_models, try_chat
from shared.llm.clients import base_url_of

T = TypeVar("T")

_MARGIN = 5.0
_CHAT_ALONE = "Name another document_model, or set it to null to use the provider for chat alone."


@dataclass(frozen=True, slots=True)
class Trial:
    """How a provider did.

    Attributes:
        error: What went wrong, and what to do; None when everything went well.
        found: Columns that were learned: models that were chosen, the dimension of vectors.
    """

    error: str | None
    found: dict[str, Any] = field(default_factory=dict)


async def try_out(access: ProviderAccess) -> Trial:
    """Try a provider out, its models and both kinds of its vectors.

    Raises:
        QueryError: `unavailable`, when it could not be tried because of a server of ours.
    """
    found: dict[str, Any] = {}
    try:
        await reach(base_url_of(access), direct=access.provider.basic_mode)
        offered = await _offer(access)
        found |= choose_models(access.provider, offered or [])
        provider = msgspec.structs.replace(access.provider, **found)
        chosen = msgspec.structs.replace(access, provider=provider)
        if provider.chat_model is not None:
            await _try_chat(chosen, provider.chat_model, offered)
        if provider.document_model is not None:
            found["dimension"] = await _try_embeddings(chosen, offered)
    except (NoModelError, UnreachableError, LlmError, SealedKeyError) as error:
        return Trial(explain(access.provider, error))
    return Trial(None, found)


async def _offer(access: ProviderAccess) -> list[str] | None:
    """What is offered; None where the server has no list, and none is needed."""
    try:
        return await offered_models(access)
    except ProviderRefusedError as error:
        if has_to_choose(access.provider):
            raise NoModelError(
                f"{error} If it only lists no models, name them: chat_model and document_model."
            ) from None
        return None


async def _try_chat(access: ProviderAccess, model: str, offered: Sequence[str] | None) -> None:
    try:
        await _within(access.provider, try_chat(access, model))
    except ProviderRefusedError:
        check_is_offered(access.provider, offered, model, "chat_model")
        raise


async def _try_embeddings(access: ProviderAccess, offered: Sequence[str] | None) -> int:
    """The dimension of the vectors."""
    provider = access.provider
    try:
        return await _within(provider, measure_dimension(access))
    except ProviderRefusedError as error:
        for name in ("document_model", "query_model"):
            check_is_offered(provider, offered, getattr(provider, name), name)
        if provider.basic_mode:
            raise
        raise ProviderRefusedError(f"{error} {_CHAT_ALONE}") from None


async def _within(provider: ProviderRecord, asked: Awaitable[T]) -> T:
    """Wait for an answer no longer than one call may take, whatever is tried again."""
    limit = provider.timeout_seconds + _MARGIN
    try:
        async with asyncio.timeout(limit):
            return await asked
    except TimeoutError:
        raise ProviderUnavailableError(
            f"{provider.name} did not answer within {limit:g} s.", kind="timeout"
        ) from None
