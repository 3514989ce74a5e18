"""Which atoms belong to one topic: agglomerative clustering by the log-odds that two are about one matter."""

import math
from collections.abc import Mapping, Sequence

from services.knowledge.local.affinity import affinities
from services.knowledge.local.dialogue import Turn
from services.knowledge.local.draft import Draft
from services.knowledge.local.vectors import Vector

_JOINED_ABOVE, _AT_ALL_NEAR = 0.1, -1.0
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
    return _without_single_ones([sorted(found) for _, found in sorted(members.items())], odds)


def _without_single_ones(topics: list[list[int]], odds: Mapping[tuple[int, int], float]) -> list[list[int]]:
    """A topic holds two atoms or more: one alone joins what it is nearest to, or the others left alone."""
    held = [topic for topic in topics if len(topic) > 1]
    left: list[int] = []
    for (place,) in (topic for topic in topics if len(topic) == 1):
        near = [(max(odds[_pair(place, other)] for other in topic), -at) for at, topic in enumerate(held)]
        if near and max(near)[0] >= _AT_ALL_NEAR:
            held[-max(near)[1]].append(place)
        else:
            left.append(place)
    if len(left) == 1 and held:
        held[-1 if held[-1][0] < left[0] else 0] += left
    elif left:
        held.append(left)
    return sorted(sorted(topic) for topic in held)


def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)
