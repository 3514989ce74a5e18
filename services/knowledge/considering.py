"""Scored messages taken among those that wait; those that wait at the same moment share a transaction."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TypeVar

import msgspec

from services.knowledge.repository.pending import consider_messages
from services.knowledge.threshold import set_off
from shared.contracts.ingestion import GetTexts, MessageText
from shared.contracts.knowledge import CheckCitations, ConsideredMessage
from shared.contracts.scoring import GetScores, MessageClass
from shared.messaging.queries import ask
from shared.messaging.together import Piece, Together
from shared.messaging.transaction import Transaction
from shared.telemetry import inject_headers

T = TypeVar("T")

_MOST_SCORES = 200
_MOST_TEXTS = 500


async def consider(messages: Sequence[ConsideredMessage]) -> None:
    """Take messages in as they are now, and set off what the threshold then asks for."""
    if not messages:
        return
    here = inject_headers().get("traceparent")
    await _taking_in.do(
        [
            message if message.trace is not None else msgspec.structs.replace(message, trace=here)
            for message in messages
        ]
    )
    # Only now do others see them: of two who decide at the same moment, the later one sees all.
    await _deciding.do(None)


async def find_considered(message_ids: Iterable[int]) -> list[ConsideredMessage]:
    """What is to be considered of messages, by asking for it; those that have no score yet are left out.

    Raises:
        QueryError: `unavailable`, when ingestion or scoring does not answer.
    """
    texts = await fetch_texts(sorted(set(message_ids)))
    classes = await classes_of([message.id for message in texts])
    return [_considered(message, classes[message.id]) for message in texts if message.id in classes]


async def fetch_texts(message_ids: Sequence[int]) -> list[MessageText]:
    """The texts of messages; unknown ids are left out."""
    found: list[MessageText] = []
    for asked in chunks(message_ids, _MOST_TEXTS):
        after: int | None = 0
        while after is not None:
            page = await ask(GetTexts(message_ids=asked, after_id=after))
            found += page.items
            after = page.next_after_id
    return found


async def classes_of(message_ids: Sequence[int]) -> dict[int, MessageClass]:
    """The classes of messages that have a score."""
    found: dict[int, MessageClass] = {}
    for asked in chunks(message_ids, _MOST_SCORES):
        found |= {score.message_id: score.message_class for score in await ask(GetScores(message_ids=asked))}
    return found


def chunks(items: Iterable[T], size: int) -> Iterable[list[T]]:
    """Items in lists of at most so many."""
    left = iter(items)
    while chunk := list(islice(left, size)):
        yield chunk


def _considered(message: MessageText, message_class: MessageClass) -> ConsideredMessage:
    return ConsideredMessage(
        id=message.id,
        chat_id=message.chat_id,
        thread_id=message.thread_id,
        author_id=message.author_id,
        sent_at=message.sent_at,
        written_at=message.written_at,
        content_hash=message.content_hash,
        has_text=message.has_text,
        message_class=message_class,
    )


def newest_by_id(messages: Iterable[ConsideredMessage]) -> list[ConsideredMessage]:
    """Each message once, with the text that was written last, in id order."""
    newest: dict[int, ConsideredMessage] = {}
    for message in messages:
        known = newest.get(message.id)
        if known is None or known.written_at <= message.written_at:
            newest[message.id] = message
    return [newest[message_id] for message_id in sorted(newest)]


async def _take_in(tx: Transaction, pieces: Sequence[Piece[Sequence[ConsideredMessage]]]) -> None:
    messages = newest_by_id(message for piece in pieces for message in piece.item)
    cited_differently = set(await consider_messages(tx, messages))
    for piece in pieces:
        ids = sorted(cited_differently & {message.id for message in piece.item})
        cited_differently -= set(ids)
        if ids:
            piece.within(tx.send, CheckCitations(message_ids=ids))


async def _decide(tx: Transaction, _pieces: Sequence[Piece[None]]) -> None:
    await set_off(tx)


_taking_in = Together(_take_in)
_deciding = Together(_decide)
