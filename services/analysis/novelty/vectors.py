"""Vectors of proposals in the installation's active space, as they are compared."""

import re
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from services.analysis.local.phrases import LEADS
from services.analysis.novelty.centring import Centres, centred, centres_of
from services.analysis.novelty.reference import REFERENCE
from shared.contracts.embedding import EmbeddedTexts, EmbedTexts
from shared.contracts.errors import unavailable
from shared.llm import Vector
from shared.messaging.queries import ask

_AT_ONCE = 32
_LONGEST = 2000
_PATIENCE = 30.0
_REMEMBERED = 4
_LEADS = tuple(lead for by_what in LEADS.values() for lead in by_what.values())
_SPEAKER = re.compile(r"^[^:\n]{1,40}: ", re.MULTILINE)

_centres: OrderedDict[int, Centres] = OrderedDict()
"""By space: the reference texts are embedded once a process."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Vectors of texts in one space, in their order; None of a text that is nowhere."""

    space_id: int
    vectors: tuple[tuple[float, ...] | None, ...]


def text_of(title: str, description: str) -> str:
    """What of a proposal is compared: without the fixed words of basic mode, which are alike everywhere.

    These are what a title begins with, and who said a line.
    """
    bare = next((title.removeprefix(lead) for lead in _LEADS if title.startswith(lead)), title)
    said = _SPEAKER.sub("", description)
    return f"{bare.rstrip(' .')}. {said}"[:_LONGEST] if said else bare


async def place_texts(texts: Sequence[str]) -> Placed:
    """Where texts lie, from where those of their language lie on average.

    Raises:
        QueryError: `unavailable`, when embedding has no vectors to give.
    """
    space_id, vectors = await _embed(texts)
    centres = await _centres_of(space_id)
    placed = (centred(text, vector, centres) for text, vector in zip(texts, vectors, strict=True))
    return Placed(space_id, tuple(placed))


async def _centres_of(space_id: int) -> Centres:
    if space_id not in _centres:
        found, vectors = await _embed([text for texts in REFERENCE.values() for text in texts])
        if found != space_id:
            raise _changed()
        _centres[space_id] = centres_of(vectors)
        while len(_centres) > _REMEMBERED:
            _centres.popitem(last=False)
    return _centres[space_id]


async def _embed(texts: Sequence[str]) -> tuple[int, list[Vector]]:
    answers: list[EmbeddedTexts] = []
    for start in range(0, len(texts), _AT_ONCE):
        query = EmbedTexts(texts=list(texts[start : start + _AT_ONCE]))
        answers.append(await ask(query, timeout=_PATIENCE))
    if len({answer.space_id for answer in answers}) != 1:
        raise _changed()
    return answers[0].space_id, [array("f", packed) for answer in answers for packed in answer.vectors]


def _changed() -> Exception:
    return unavailable("The vector space changed at this moment.")
