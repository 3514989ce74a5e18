"""Scored messages taken among those that wait; those that wait at the same moment share a transaction."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TypeVar

import msgspec

from services.knowledge.repository.pending import consider_messages
from services.knowledge.threshold import set_off
from shared.contracts.atoms import CheckCitations
from shared.contracts.extraction import ConsideredMessage
from shared.messaging.messages import scores_of, texts_of
from shared.messaging.together import Piece, Together
from shared.messaging.transaction import Transaction
from shared.telemetry import inject_headers

T = TypeVar("T")


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
    texts = await texts_of(sorted(set(message_ids)))
    scores = await scores_of([message.id for message in texts])
    return [
        ConsideredMessage.of(message, scores[message.id].message_class)
        for message in texts
        if message.id in scores
    ]


def chunks(items: Iterable[T], size: int) -> Iterable[list[T]]:
    """Items in lists of at most so many."""
    left = iter(items)
    while chunk := list(islice(left, size)):
        yield chunk


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
