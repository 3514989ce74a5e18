"""Which atoms belong to one topic: agglomerative clustering by the log-odds that two are about one matter."""

import math
from collections.abc import Mapping, Sequence

from services.knowledge.local.affinity import affinities
from services.knowledge.local.dialogue import Turn
from services.knowledge.local.draft import Draft
from services.knowledge.local.vectors import Vector

_JOINED_ABOVE = -0.15
_ATOMS_A_TOPIC = 2.5
_MOST_TOPICS = 12


def cluster(turns: Sequence[Turn], drafts: Sequence[Draft], vectors: Mapping[int, Vector]) -> list[list[int]]:
    """Places of atoms by topic: topics in the order of their first atom, atoms in the order said.

    Two clusters are as near as the mean of the mean and the best of their pairs.

    Args:
        turns: The conversation.
        drafts: Its atoms.
        vectors: Of turns, where there are any.
    """
    odds = affinities(turns, drafts, vectors)
    sums, highest = dict(odds), dict(odds)
    members = {place: [place] for place in range(len(drafts))}
    most = min(_MOST_TOPICS, max(1, math.ceil(len(drafts) / _ATOMS_A_TOPIC)))
    while len(members) > 1:
        nearest, first, second = max(
            (0.5 * sums[a, b] / (len(members[a]) * len(members[b])) + 0.5 * highest[a, b], -a, -b)
            for a in members
            for b in members
            if a < b
        )
        if nearest < _JOINED_ABOVE and len(members) <= most:
            break
        kept, gone = -first, -second
        members[kept] += members.pop(gone)
        for other in members:
            if other != kept:
                mine, theirs = _pair(kept, other), _pair(gone, other)
                sums[mine] += sums[theirs]
                highest[mine] = max(highest[mine], highest[theirs])
    return [sorted(found) for _, found in sorted(members.items())]


def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)
