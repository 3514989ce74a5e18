"""What is near in meaning: by vectors, also of what is too new to have one yet; else by words."""

import operator
from array import array
from collections.abc import Mapping, Sequence
from datetime import timedelta

from loguru import logger
from prometheus_client import Counter

from services.knowledge.considering import chunks
from services.knowledge.known import KnownAtom, KnownTopic, Near, text_of
from services.knowledge.repository.known import latest_atoms, latest_topics, near_by_words
from shared.contracts.embedding import EmbeddedTexts, EmbedTexts, FindNeighbours, NeighbourFilter
from shared.contracts.errors import QueryError
from shared.contracts.knowledge import AtomType, EntityKind
from shared.llm import Vector
from shared.llm.loops import LoopLocal
from shared.llm.remembering import VectorMemory
from shared.messaging.queries import ask
from shared.messaging.transaction import transaction

MOST_NEAR = 5
"""Neighbours of one text."""

LEAST = 0.3
"""A smaller similarity is none, whatever the model."""

_AT_ONCE = 32
_PATIENCE = 30.0
_LONGEST = 2000
_NEW = timedelta(minutes=15)
"""As long it may take until something new has a vector of its own."""

_MOST_NEW = 60
_REMEMBERED = 2000
_BY_WORDS = Counter("tt_knowledge_by_words_total", "Times that words had to do for want of vectors.")

_memory: LoopLocal[VectorMemory[tuple[int, str]]] = LoopLocal(lambda: VectorMemory(_REMEMBERED))
"""Vectors by space and text: what is new is compared again and again until it has one of its own."""


async def near_topics(texts: Sequence[str], *, least: float = LEAST) -> list[list[Near]]:
    """The nearest topics to each text, nearest first."""
    async with transaction() as tx:
        new = await latest_topics(tx, age=_NEW, most=_MOST_NEW)
    return await _near("topic", texts, (), _texts_of(new), least)


async def near_atoms(texts: Sequence[str], types: Sequence[AtomType]) -> list[list[Near]]:
    """The nearest atoms of some types to each text, nearest first."""
    async with transaction() as tx:
        new = await latest_atoms(tx, types, age=_NEW, most=_MOST_NEW)
    return await _near("atom", texts, types, _texts_of(new), LEAST)


async def _near(
    kind: EntityKind, texts: Sequence[str], types: Sequence[AtomType], new: Mapping[int, str], least: float
) -> list[list[Near]]:
    if not texts:
        return []
    shown = [text[:_LONGEST] for text in texts]
    try:
        found = await _neighbours(kind, shown, types, least)
        newer = await _compare(shown, new)
    except QueryError as error:
        if error.code != "unavailable":
            raise
        logger.warning("what is near is looked for by words, as vectors are not to be had: {}", error)
        _BY_WORDS.inc()
        return await _by_words(kind, shown, types)
    return [_nearest([*one, *other], least) for one, other in zip(found, newer, strict=True)]


async def _neighbours(
    kind: EntityKind, texts: Sequence[str], types: Sequence[AtomType], least: float
) -> list[list[Near]]:
    found: list[list[Near]] = []
    narrowed = NeighbourFilter(atom_types=list(types)) if kind == "atom" else NeighbourFilter()
    for asked in chunks(texts, _AT_ONCE):
        query = FindNeighbours(texts=asked, kind=kind, limit=MOST_NEAR, least=least, filter=narrowed)
        answer = await ask(query, timeout=_PATIENCE)
        found += [[Near(each.id, each.similarity) for each in neighbours] for neighbours in answer]
    return found


async def _compare(texts: Sequence[str], new: Mapping[int, str]) -> list[list[Near]]:
    if not new:
        return [[] for _ in texts]
    vectors = await _embed([*texts, *(text[:_LONGEST] for text in new.values())])
    others = list(zip(new, vectors[len(texts) :], strict=True))
    return [
        [Near(item_id, _cosine(vector, other)) for item_id, other in others]
        for vector in vectors[: len(texts)]
    ]


async def _embed(texts: Sequence[str]) -> list[Vector]:
    """Vectors of texts in one space. The first ones are always asked for: their answer names the space."""
    first = await _ask_for(texts[:_AT_ONCE])
    space = first.space_id
    known: dict[str, Vector] = {}
    _remember(space, texts[:_AT_ONCE], first, known)
    for text in texts[_AT_ONCE:]:
        vector = _memory.get().get((space, text))
        if vector is not None:
            known[text] = vector
    for asked in chunks([text for text in dict.fromkeys(texts) if text not in known], _AT_ONCE):
        answer = await _ask_for(asked)
        if answer.space_id != space:
            raise QueryError("unavailable", "The vector space changed at this moment.")
        _remember(space, asked, answer, known)
    return [known[text] for text in texts]


async def _ask_for(texts: Sequence[str]) -> EmbeddedTexts:
    return await ask(EmbedTexts(texts=list(texts)), timeout=_PATIENCE)


def _remember(space: int, texts: Sequence[str], answer: EmbeddedTexts, known: dict[str, Vector]) -> None:
    for text, packed in zip(texts, answer.vectors, strict=True):
        known[text] = array("f", packed)
        _memory.get().keep((space, text), known[text])


async def _by_words(kind: EntityKind, texts: Sequence[str], types: Sequence[AtomType]) -> list[list[Near]]:
    async with transaction() as tx:
        return [await near_by_words(tx, kind, text, types, MOST_NEAR) for text in texts]


def _nearest(found: Sequence[Near], least: float) -> list[Near]:
    """The best similarity of each, the nearest first."""
    best: dict[int, float] = {}
    for each in found:
        if each.similarity >= least:
            best[each.id] = max(best.get(each.id, 0.0), min(each.similarity, 1.0))
    ordered = sorted(best.items(), key=lambda item: (-item[1], item[0]))
    return [Near(item_id, similarity) for item_id, similarity in ordered[:MOST_NEAR]]


def _cosine(one: Vector, other: Vector) -> float:
    """Both are of unit length."""
    return float(sum(map(operator.mul, one, other)))


def _texts_of(known: Sequence[KnownTopic] | Sequence[KnownAtom]) -> dict[int, str]:
    return {
        each.id: text_of(each.name, each.description)
        if isinstance(each, KnownTopic)
        else text_of(each.title, each.content)
        for each in known
    }
