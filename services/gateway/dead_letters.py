"""Dead letters: reading them page by page, and choosing those that fit a filter."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from dramatiq_nats import DeadLetter, dead_letter_stream, get_dead_letter
from services.gateway.message_server import queues_namespace
from shared.contracts.tasks import DeadLetterFilter

LOOKED_AT: Final = 2_000
"""Numbers that one request looks at; it takes about a second. The next one goes on behind them."""

ACTED_ON: Final = 200
"""Letters that one request changes, so that it ends within seconds."""

_AT_ONCE: Final = 50


@dataclass(frozen=True)
class LetterPage:
    """Letters, newest first.

    Attributes:
        letters: Those that fit.
        before: Where the next page goes on; None when there is none.
    """

    letters: list[DeadLetter]
    before: int | None


@dataclass(frozen=True)
class Chosen:
    """The letters that one request acts on.

    Attributes:
        letters: The oldest that fit, in their order.
        left: How many others fit, of those that were looked at.
        after: All up to this number were looked at, and acted on if they fit.
        up_to: The newest number there was.
        is_complete: Whether all up to there were looked at.
    """

    letters: list[DeadLetter]
    left: int
    after: int
    up_to: int
    is_complete: bool


def fits(letter: DeadLetter, wanted: DeadLetterFilter) -> bool:
    """Whether a letter fits every field of a filter that is given."""
    kind = letter.exception_type
    return (
        wanted.queue in {None, letter.queue}
        and wanted.actor in {None, letter.actor}
        and wanted.reason in {None, letter.reason}
        and wanted.exception in {None, kind, kind.rpartition(".")[2]}
        and (wanted.text is None or wanted.text.casefold() in letter.exception.casefold())
        and (wanted.since is None or letter.last_at >= wanted.since)
    )


async def page_of_letters(
    js: JetStreamContext, wanted: DeadLetterFilter, *, before: int | None, limit: int
) -> LetterPage:
    """A page of dead letters, newest first; it may be short, or empty, and still have a next one.

    Args:
        js: The server.
        wanted: Which.
        before: Only those with a lower number; None begins with the newest.
        limit: At the most so many.
    """
    first, last = await _bounds(js)
    top = last if before is None else min(last, before - 1)
    bottom = max(first, top - LOOKED_AT + 1)
    found: list[DeadLetter] = []
    async for letter in _read(js, range(top, bottom - 1, -1)):
        if fits(letter, wanted):
            found.append(letter)
        if len(found) == limit:
            bottom = letter.sequence
            break
    return LetterPage(found, bottom if bottom > first else None)


async def choose_letters(
    js: JetStreamContext, wanted: DeadLetterFilter, *, after: int, up_to: int | None
) -> Chosen:
    """The oldest dead letters that fit, as many as one request may act on.

    Args:
        js: The server.
        wanted: Which.
        after: Only numbers behind this one, so that asking again goes on behind those that do not fit.
        up_to: Only numbers up to this one, so that asking again takes none that died since; None for all
            that there are now.
    """
    first, last = await _bounds(js)
    newest = last if up_to is None else min(up_to, last)
    bottom = max(first, after + 1)
    top = min(newest, bottom + LOOKED_AT - 1)
    fitting = [letter async for letter in _read(js, range(bottom, top + 1)) if fits(letter, wanted)]
    chosen, others = fitting[:ACTED_ON], fitting[ACTED_ON:]
    return Chosen(
        letters=chosen,
        left=len(others),
        after=chosen[-1].sequence if others else max(top, after),
        up_to=newest,
        is_complete=top >= newest and not others,
    )


async def _bounds(js: JetStreamContext) -> tuple[int, int]:
    """The first and the last number; the last is below the first when there is none."""
    try:
        state = (await js.stream_info(dead_letter_stream(queues_namespace()))).state
    except NotFoundError:
        return 1, 0
    return max(1, state.first_seq), state.last_seq


async def _read(js: JetStreamContext, numbers: range) -> AsyncIterator[DeadLetter]:
    """The letters with these numbers, in their order; those that are gone are left out."""
    namespace = queues_namespace()

    async def read(number: int) -> DeadLetter | None:
        try:
            return await get_dead_letter(js, namespace, number)
        except NotFoundError:
            return None

    for start in range(0, len(numbers), _AT_ONCE):
        for letter in await asyncio.gather(*map(read, numbers[start : start + _AT_ONCE])):
            if letter is not None:
                yield letter
