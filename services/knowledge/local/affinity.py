"""How likely two atoms are about one matter, in log-odds: near in time, linked, alike in words and vectors.

The weights were fitted, each conversation left out in turn, on pairs of atoms of the labelled conversations
of `development`.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import median

from services.knowledge.local.content import content_words, is_among
from services.knowledge.local.dialogue import Turn
from services.knowledge.local.draft import Draft
from services.knowledge.local.vectors import Vector, cosine

_WORDS, _LINKED, _ANSWERS, _TURNS, _TIME, _VECTORS, _NEW_MATTER, _BIAS = (
    11.4,
    0.7,
    1.6,
    1.2,
    2.4,
    0.25,
    -0.33,
    -1.84,
)
_MOST_SHARED, _MOST_NEW_MATTERS = 0.4, 3
_TURNS_APART = 3.0
"""After so many turns nearness is down to a third."""

_PACES_APART = 4.0
"""The same for time, in the usual pauses of the conversation."""

_SHORTEST_PACE = 30.0
_LONGEST_CHAIN = 6
_NO_SPREAD = 1e-6

Pair = tuple[int, int]


def affinities(
    turns: Sequence[Turn], drafts: Sequence[Draft], vectors: Mapping[int, Vector]
) -> dict[Pair, float]:
    """Log-odds for each pair of places of atoms, the lower place first."""
    pairs = [(a, b) for b in range(len(drafts)) for a in range(b)]
    near = _standardised({pair: _near(drafts[pair[0]].turn, drafts[pair[1]].turn, vectors) for pair in pairs})
    shared = _SharedWords(turns)
    chains = [_chain(turns, draft.turn) for draft in drafts]
    opened = _opened_before(turns, drafts)
    pace = _pace(turns)
    found = {}
    for a, b in pairs:
        one, other = turns[drafts[a].turn], turns[drafts[b].turn]
        paces = abs((other.line.sent_at - one.line.sent_at).total_seconds()) / pace
        found[a, b] = (
            _WORDS * min(shared.of(one.index, other.index), _MOST_SHARED)
            + _LINKED * bool(chains[a] & chains[b])
            + _ANSWERS * _answers(one, other, drafts[b])
            + _TURNS * math.exp(-abs(other.index - one.index) / _TURNS_APART)
            + _TIME * math.exp(-paces / _PACES_APART)
            + _VECTORS * near[a, b]
            + _NEW_MATTER * min(opened[b] - opened[a], _MOST_NEW_MATTERS)
            + _BIAS
        )
    return found


def _answers(one: Turn, other: Turn, draft: Draft) -> bool:
    if other.index == one.index:
        return True
    return other.parent == one.index and (other.linked or draft.type in {"solution", "decision", "insight"})


def _opened_before(turns: Sequence[Turn], drafts: Sequence[Draft]) -> list[int]:
    """How many atoms up to each place bring up something: questions and problems that answer nobody."""
    count, found = 0, []
    for draft in drafts:
        count += draft.type in {"question", "problem"} and not turns[draft.turn].linked
        found.append(count)
    return found


def _pace(turns: Sequence[Turn]) -> float:
    """The usual pause between two turns, in seconds."""
    pauses = [(after.line.sent_at - before.line.sent_at).total_seconds() for before, after in pairwise(turns)]
    return max(_SHORTEST_PACE, median(pauses)) if pauses else _SHORTEST_PACE


def _near(one: int, other: int, vectors: Mapping[int, Vector]) -> float | None:
    return cosine(vectors[one], vectors[other]) if one in vectors and other in vectors else None


def _standardised(values: Mapping[Pair, float | None]) -> dict[Pair, float]:
    """In standard deviations from the mean, as models differ in what is near; 0 where nothing is known."""
    known = [value for value in values.values() if value is not None]
    mean = sum(known) / len(known) if known else 0.0
    spread = math.sqrt(sum((value - mean) ** 2 for value in known) / len(known)) if known else 0.0
    return {
        pair: 0.0 if value is None or spread < _NO_SPREAD else (value - mean) / spread
        for pair, value in values.items()
    }


def _chain(turns: Sequence[Turn], index: int) -> frozenset[int]:
    """A turn and what it answers by links of replies."""
    found = [index]
    while turns[found[-1]].linked and len(found) < _LONGEST_CHAIN:
        parent = turns[found[-1]].parent
        if parent is None:
            break
        found.append(parent)
    return frozenset(found)


class _SharedWords:
    """How much two turns share of their rarer words."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._words = [content_words(turn.line.text) for turn in turns]
        counts = Counter(word for found in self._words for word in found)
        self._weight = {word: math.log(1 + len(turns) / count) for word, count in counts.items()}

    def of(self, one: int, other: int) -> float:
        """0..1, of the weight of the words of the one with less."""
        first, second = self._words[one], self._words[other]
        whole = min(self._sum(first), self._sum(second))
        shared = frozenset(word for word in first if is_among(word, second))
        return self._sum(shared) / whole if whole else 0.0

    def _sum(self, found: frozenset[str]) -> float:
        return sum(self._weight[word] for word in sorted(found))
