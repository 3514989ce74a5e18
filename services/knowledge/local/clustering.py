"""Which atoms belong to one topic: near in time, linked by replies, in the same words, with near vectors.

Agglomerative clustering: two clusters are joined while the log-odds that they are about one matter are high
enough. The weights were fitted on pairs of atoms in the labelled conversations of `development`.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from services.knowledge.local.atoms import Draft
from services.knowledge.local.content import content_words, is_among
from services.knowledge.local.dialogue import Turn
from services.knowledge.local.vectors import Vector, cosine

_WORDS, _LINKED, _ANSWERS, _TURNS, _MINUTES, _VECTORS, _BIAS = 12.5, 0.85, 1.8, 2.5, 2.0, 0.4, -2.5
_JOINED_ABOVE = -0.4
_MOST_SHARED = 0.4
_NO_SPREAD = 1e-6
_LONGEST_CHAIN = 6
_ATOMS_A_TOPIC = 2.5


def cluster(turns: Sequence[Turn], drafts: Sequence[Draft], vectors: Mapping[int, Vector]) -> list[list[int]]:
    """Places of atoms by topic: topics in the order of their first atom, atoms in the order said.

    Args:
        turns: The conversation.
        drafts: Its atoms.
        vectors: Of turns, where there are any.
    """
    size = len(drafts)
    odds = _pairwise(turns, drafts, vectors)
    sums, highest = dict(odds), dict(odds)
    members = {place: [place] for place in range(size)}
    most = max(1, math.ceil(size / _ATOMS_A_TOPIC))
    while len(members) > 1:
        pairs = [(a, b) for a in members for b in members if a < b]
        score, a, b = max(
            (0.5 * sums[a, b] / (len(members[a]) * len(members[b])) + 0.5 * highest[a, b], -a, -b)
            for a, b in pairs
        )
        if score < _JOINED_ABOVE and len(members) <= most:
            break
        a, b = -a, -b
        members[a] += members.pop(b)
        for other in members:
            if other != a:
                kept, gone = (min(a, other), max(a, other)), (min(b, other), max(b, other))
                sums[kept] += sums[gone]
                highest[kept] = max(highest[kept], highest[gone])
    return [sorted(found) for _, found in sorted(members.items())]


def _pairwise(
    turns: Sequence[Turn], drafts: Sequence[Draft], vectors: Mapping[int, Vector]
) -> dict[tuple[int, int], float]:
    shared = _Shared(turns)
    pairs = [(a, b) for b in range(len(drafts)) for a in range(b)]
    near = _standardised({pair: _near(drafts[pair[0]].turn, drafts[pair[1]].turn, vectors) for pair in pairs})
    chains = [_chain(turns, draft.turn) for draft in drafts]
    found = {}
    for a, b in pairs:
        one, other = turns[drafts[a].turn], turns[drafts[b].turn]
        minutes = abs((other.line.sent_at - one.line.sent_at).total_seconds()) / 60
        found[a, b] = (
            _WORDS * min(shared(one.index, other.index), _MOST_SHARED)
            + _LINKED * bool(chains[a] & chains[b])
            + _ANSWERS * (one.index in {other.parent, other.index})
            + _TURNS * math.exp(-abs(other.index - one.index) / 3)
            + _MINUTES * math.exp(-minutes / 15)
            + _VECTORS * near[a, b]
            + _BIAS
        )
    return found


def _near(one: int, other: int, vectors: Mapping[int, Vector]) -> float | None:
    return cosine(vectors[one], vectors[other]) if one in vectors and other in vectors else None


def _standardised(values: Mapping[tuple[int, int], float | None]) -> dict[tuple[int, int], float]:
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


class _Shared:
    """How much of the rarer words two turns share, 0..1: of the weight of the poorer one's words."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._words = [content_words(turn.line.text) for turn in turns]
        counts = Counter(word for found in self._words for word in found)
        self._weight = {word: math.log(1 + len(turns) / count) for word, count in counts.items()}

    def __call__(self, one: int, other: int) -> float:
        first, second = self._words[one], self._words[other]
        whole = min(self._sum(first), self._sum(second))
        return (
            self._sum(frozenset(word for word in first if is_among(word, second))) / whole if whole else 0.0
        )

    def _sum(self, found: frozenset[str]) -> float:
        return sum(self._weight[word] for word in sorted(found))
