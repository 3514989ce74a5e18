"""New proposals compared with the earlier ones of their project: by meaning, or by words without vectors."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from loguru import logger
from prometheus_client import Counter

from services.analysis.novelty.deciding import Earlier, Fresh, Verdict, explain, judge
from services.analysis.novelty.vectors import Placed, place_texts, text_of
from services.analysis.proposed import NewProposal
from services.analysis.repository.proposals_similar import (
    Kept,
    Sought,
    keep_vectors,
    latest_proposals,
    near_proposals,
    taken_over,
)
from shared.contracts.analysis import Language
from shared.contracts.errors import QueryError
from shared.contracts.runs import RunSnapshot
from shared.messaging.transaction import Transaction, transaction

MOST_BY_WORDS = 200
"""Earlier proposals that a new one is compared with by words alone: the latest."""

MOST_MADE_GOOD = 64
"""Earlier proposals that get a vector of the active space with one batch: a new space fills bit by bit."""

_MOST_OUTSIDE = 100
_NO_VECTORS = frozenset({"unavailable", "invalid"})
_BY_WORDS = Counter("tt_analysis_by_words_total", "Batches whose proposals were compared by words alone.")

Repeats = Mapping[int, UUID]
"""By place from 0, the earlier proposal that the agent says a new one repeats."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What a batch's proposals are compared by.

    Attributes:
        outside: Earlier ones that can be compared by words only.
    """

    snapshot: RunSnapshot
    placed: Placed | None
    outside: Sequence[Kept]


async def with_novelty(
    proposals: Sequence[NewProposal], snapshot: RunSnapshot, repeats: Repeats
) -> tuple[NewProposal, ...]:
    """New proposals, each with its vector, and with the earlier one that it repeats or goes on with."""
    if not proposals:
        return ()
    placed = await _placed([text_of(each.title, each.description) for each in proposals])
    project_id = snapshot.project.id
    if placed is not None:
        await _make_good(project_id, placed.space_id)
    async with transaction() as tx:
        look = _Look(snapshot, placed, await _outside(tx, project_id, placed))
        return tuple(
            [
                await _compared(tx, look, proposal, place, repeats.get(place))
                for place, proposal in enumerate(proposals)
            ]
        )


async def _placed(texts: Sequence[str]) -> Placed | None:
    """Where texts lie; None when there are no vectors to be had."""
    try:
        return await place_texts(texts)
    except QueryError as error:
        if error.code not in _NO_VECTORS:
            raise
        logger.warning("proposals are compared by words, as vectors are not to be had: {}", error)
        _BY_WORDS.inc()
        return None


async def _make_good(project_id: UUID, space_id: int) -> None:
    """Give vectors to some earlier proposals that have none in the space: made before it, or without it."""
    async with transaction() as tx:
        bare = await latest_proposals(tx, project_id, MOST_MADE_GOOD, outside=space_id)
    placed = await _placed([text_of(each.title, each.description) for each in bare]) if bare else None
    if placed is None or placed.space_id != space_id:
        return
    vectors = {
        each.id: (each.title, each.description, vector)
        for each, vector in zip(bare, placed.vectors, strict=True)
        if vector is not None
    }
    async with transaction() as tx:
        await keep_vectors(tx, space_id, vectors)


async def _compared(
    tx: Transaction, look: _Look, proposal: NewProposal, place: int, repeats: UUID | None
) -> NewProposal:
    """One proposal with its vector and its verdict."""
    known = {each.id: each for each in look.outside}
    vector = None if look.placed is None else look.placed.vectors[place]
    if look.placed is not None and vector is not None:
        space_id = look.placed.space_id
        sought = Sought(look.snapshot.project.id, _messages(proposal), repeats)
        known |= {each.id: each for each in await near_proposals(tx, sought, space_id, vector)}
        proposal = replace(proposal, space_id=space_id, vector=vector)
    earlier = await _earlier(tx, list(known.values()))
    fresh = Fresh(
        text_of(proposal.title, proposal.description),
        _quotes((quote.message_id, quote.quote) for quote in proposal.quotes),
        earlier[repeats].id if repeats in earlier else None,
        look.snapshot.basic_mode,
    )
    # In a thread: of many it takes some tenths of a second.
    verdict = await asyncio.to_thread(judge, fresh, list(earlier.values()))
    return _told(proposal, verdict, "uk" if look.snapshot.language == "uk" else "en")


async def _outside(tx: Transaction, project_id: UUID, placed: Placed | None) -> list[Kept]:
    """Those that can only be compared by words: all when there are no vectors."""
    if placed is None:
        return await latest_proposals(tx, project_id, MOST_BY_WORDS)
    return await latest_proposals(tx, project_id, _MOST_OUTSIDE, outside=placed.space_id)


async def _earlier(tx: Transaction, kept: Sequence[Kept]) -> dict[UUID, Earlier]:
    """Earlier proposals by their own ids, each named by the one that has it now."""
    merged = [each.id for each in kept if each.status == "merged"]
    now = await taken_over(tx, merged) if merged else {}
    return {
        each.id: Earlier(
            *now.get(each.id, (each.id, each.title, each.status)),
            text=text_of(each.title, each.description),
            quotes=_quotes((quote["message_id"], quote["quote"]) for quote in each.quotes),
            meaning=each.meaning,
        )
        for each in kept
    }


def _told(proposal: NewProposal, verdict: Verdict, language: Language) -> NewProposal:
    """A proposal with its verdict; what repeats another is not to be taken over without a look."""
    if verdict.similar is None:
        return proposal
    recommendation = proposal.recommendation
    if verdict.novelty == "duplicate_of":
        recommendation = "reject" if verdict.similar.status == "rejected" else "review"
    return replace(
        proposal,
        novelty=verdict.novelty,
        similar_id=verdict.similar.id,
        similarity=verdict.similarity,
        recommendation=recommendation,
        reasoning=f"{proposal.reasoning} {explain(verdict, language)}".strip(),
    )


def _messages(proposal: NewProposal) -> list[int]:
    return list(dict.fromkeys(quote.message_id for quote in proposal.quotes))


def _quotes(quotes: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for message_id, words in quotes:
        found.setdefault(message_id, []).append(words)
    return found
