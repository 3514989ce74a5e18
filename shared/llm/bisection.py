"""Bisection: finding the one text for which a server refuses a whole batch.

A server that takes not even a harmless text is not refusing a text: that is told apart first, so that an
outage or a wrong model never turns into a hundred failed items.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from shared.llm.errors import ProviderUnavailableError
from shared.llm.failures import RefusedError

Vector = Sequence[float]
Send = Callable[[Sequence[str]], Awaitable[list[Vector]]]

_HARMLESS = "hello"
_OF_A_TEXT = (400, 413, 422)
_SHORTEST = 500


@dataclass(frozen=True, slots=True)
class Refused:
    """A text that was not embedded, and why."""

    reason: str


async def embed_each(texts: Sequence[str], send: Send) -> list[Vector | Refused]:
    """Vectors of texts; those that the server refuses have a reason instead.

    Args:
        texts: At least one.
        send: Embeds some texts in one request.

    Raises:
        RefusedError: When the server takes not even a harmless text.
        ProviderUnavailableError: When it does not answer.
    """
    try:
        return list(await send(texts))
    except (RefusedError, ProviderUnavailableError) as error:
        if not _may_be_a_text(error):
            raise
        reason = str(error)
        too_long = isinstance(error, RefusedError) and error.is_too_long
    await send([_HARMLESS])
    return await _halves(texts, send, reason, too_long=too_long)


async def _halves(texts: Sequence[str], send: Send, reason: str, *, too_long: bool) -> list[Vector | Refused]:
    """Embed texts of which at least one is refused."""
    if len(texts) == 1:
        if too_long and len(texts[0]) > _SHORTEST:
            return await _half([texts[0][: len(texts[0]) // 2]], send)
        return [Refused(reason)]
    middle = len(texts) // 2
    return await _half(texts[:middle], send) + await _half(texts[middle:], send)


async def _half(texts: Sequence[str], send: Send) -> list[Vector | Refused]:
    try:
        return list(await send(texts))
    except (RefusedError, ProviderUnavailableError) as error:
        if not _may_be_a_text(error):
            raise
        too_long = isinstance(error, RefusedError) and error.is_too_long
        return await _halves(texts, send, str(error), too_long=too_long)


def _may_be_a_text(error: RefusedError | ProviderUnavailableError) -> bool:
    if isinstance(error, RefusedError):
        return error.status in _OF_A_TEXT
    return error.kind == "500"  # what servers answer when they choke on something
