"""Search: candidates by meaning and by words, compared with both, ranked together."""

import time
from collections.abc import Sequence
from typing import Any

import msgspec

from services.embedding.asking import Asked, read_query
from services.embedding.centring import centred
from services.embedding.embedders import query_vector
from services.embedding.highlighting import matches_of
from services.embedding.pages import SearchCursor, fingerprint
from services.embedding.ranking import CHANCE, Candidate, Place, Ranked, after, rank, standards_of
from services.embedding.repository.hits import compare, shown
from services.embedding.repository.letters import having_words
from services.embedding.repository.neighbours import nearest, tune
from services.embedding.repository.spaces import active_space, find_space
from services.embedding.settings import embedding_settings
from services.embedding.spaces import Space
from services.embedding.vectors import Meaning
from services.embedding.wanted import Wanted, kinds_of, wanted_by_search
from shared.contracts.embedding import HitKind, Search, SearchHit, SearchPage
from shared.contracts.errors import QueryError
from shared.database.cursors import read_cursor, write_cursor
from shared.messaging.transaction import Transaction, transaction

DEEPEST = 200
"""Hits of one search, over all its pages; also candidates by meaning of each kind."""

_WORDED = 100
"""Candidates by words of each kind, beside those by meaning; `DEEPEST` where words alone answer."""

_LARGEST_PAGE = 512 * 1024
_NO_SPACE = "Found by words alone: there is no vector space yet."
_AS_BEFORE = "Found by words alone, as on the first page."
_FILLING = "The vector space is being filled still: what is not in it yet is found by words alone."


class _Found(msgspec.Struct, frozen=True):
    """The candidates of a search; `cut_short` when the index of some kind stopped early."""

    candidates: list[Candidate]
    cut_short: bool


async def search(query: Search) -> SearchPage:
    """A page of what a search finds; see the contract.

    Raises:
        QueryError: `invalid`, when the query is blank, or the cursor is of another search; `unavailable`,
            when a search that was begun by meaning cannot go on so.
    """
    began = time.perf_counter()
    if not query.query.strip():
        raise QueryError("invalid", "Say what to search for.", field="query")
    asked = read_query(query.query)
    cursor = read_cursor(query.cursor, SearchCursor)
    space = await _space_of(query, cursor)
    meaning, degraded = await _meaning_of(query, space, cursor)
    async with transaction() as tx:
        await tune(tx)
        found = await _candidates(tx, kinds_of(query), asked, meaning, wanted_by_search(query))
        standards = cursor.standards if cursor else standards_of(found.candidates)
        ranked = rank(found.candidates, standards)
        rest = after(ranked, cursor.place) if cursor else ranked
        depth = cursor.depth if cursor else 0
        page = rest[: min(query.limit, DEEPEST - depth)]
        hits = await _hits(tx, page, asked)
    searched = None if meaning is None else meaning.space_id
    depth += len(hits)
    following = None
    if 0 < len(hits) < len(rest) and depth < DEEPEST:
        place = Place(hits[-1].score, hits[-1].kind, hits[-1].id)
        following = write_cursor(SearchCursor(fingerprint(query), searched, standards, place, depth))
    return SearchPage(
        items=hits,
        next_cursor=following,
        space_id=searched,
        basic_mode=searched is not None and space is not None and space.basic_mode,
        under_filled=found.cut_short,
        degraded=degraded,
        took_ms=round((time.perf_counter() - began) * 1000, 1),
    )


async def _space_of(query: Search, cursor: SearchCursor | None) -> Space | None:
    """The space to search, if there is one; later pages of a search stay in the first one's."""
    if cursor is not None and cursor.asked != fingerprint(query):
        raise QueryError("invalid", "The cursor is of another search.", field="cursor")
    async with transaction() as tx:
        if cursor is None:
            return await active_space(tx)
        if cursor.space_id is None:
            return None
        space = await find_space(tx, cursor.space_id)
    if space is None:
        raise QueryError(
            "invalid",
            "The vector space of this search is gone: begin again without a cursor.",
            field="cursor",
        )
    return space


async def _meaning_of(
    query: Search, space: Space | None, cursor: SearchCursor | None
) -> tuple[Meaning | None, str | None]:
    """The query's vector, and what the answer lacks.

    Raises:
        QueryError: When there is none for a later page: by words alone it would be of another order.
    """
    if space is None or not space.has_tables:
        return None, _NO_SPACE if cursor is None else _AS_BEFORE
    try:
        vector = await query_vector(space, query.query, embedding_settings().query_patience)
    except QueryError as error:
        if cursor is not None:
            raise
        return None, f"Found by words alone: {error}"
    vector = centred(vector, space.common_to_queries)
    return Meaning(space.id, [vector]), _FILLING if space.is_being_filled else None


async def _candidates(
    tx: Transaction, kinds: Sequence[HitKind], asked: Asked, meaning: Meaning | None, wanted: Wanted
) -> _Found:
    candidates: list[Candidate] = []
    cut_short = False
    for kind in kinds:
        near: dict[int, float] = {}
        if meaning is not None:
            (found,) = await nearest(tx, kind, meaning, wanted, DEEPEST)
            near = dict(found.items)
            cut_short = cut_short or found.cut_short
        most = DEEPEST if meaning is None else _WORDED
        worded = await having_words(tx, kind, asked.words, wanted, most)
        ids = [*near, *(number for number in worded if number not in near)]
        candidates += [
            Candidate(kind, each.id, each.vector, each.words)
            for each in await compare(tx, kind, ids, asked.folded, meaning, near=near)
            if each.id in near or each.words >= CHANCE
        ]
    return _Found(candidates, cut_short)


async def _hits(tx: Transaction, page: Sequence[Ranked], asked: Asked) -> list[SearchHit]:
    """The hits of a page that are there still, as many as fit into one answer, with what matches in them."""
    rows: dict[HitKind, dict[int, Any]] = {}
    kinds: tuple[HitKind, ...] = ("message", "atom")
    for kind in kinds:
        rows[kind] = await shown(
            tx, kind, [each.candidate.id for each in page if each.candidate.kind == kind]
        )
    hits: list[SearchHit] = []
    size = 0
    for each in page:
        row = rows[each.candidate.kind].get(each.candidate.id)
        if row is None:
            continue
        size += len(row.text.encode()) * 2
        if hits and size > _LARGEST_PAGE:
            break
        hits.append(_hit(each, row, asked))
    return hits


def _hit(ranked: Ranked, row: Any, asked: Asked) -> SearchHit:
    return SearchHit(
        kind=ranked.candidate.kind,
        id=ranked.candidate.id,
        score=ranked.score,
        parts=ranked.parts,
        text=row.text,
        title=row.title,
        matches=matches_of(row.text, asked.words),
        title_matches=matches_of(row.title or "", asked.words),
        at=row.at,
        message_class=row.message_class,
        chat_id=row.chat_id,
        author_id=row.author_id,
        atom_type=row.atom_type,
        status=row.status,
    )
