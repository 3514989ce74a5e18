"""What the probe makes of the sentences of a conversation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.knowledge.local.dialogue import Turn
from services.knowledge.local.probe import Probe
from services.knowledge.local.vectors import Vector

_SHARE_OF_WHOLE = 0.3
"""How much of what a sentence is taken for comes from its whole message."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the probe makes of a sentence: log-probabilities of the classes.

    Attributes:
        own: By its own vector.
        whole: By that of its message.
        prior: Both together, which is what it is first taken for.
    """

    own: Mapping[str, float]
    whole: Mapping[str, float]
    prior: Mapping[str, float]


def opinions(
    turns: Sequence[Turn], vectors: Mapping[str, Vector], probe: Probe | None
) -> dict[tuple[int, int], Opinion]:
    """By turn and place of the sentence in it, where there are vectors; none without a probe."""
    if probe is None:
        return {}
    made = {}
    for turn in turns:
        if turn.spoken not in vectors:
            continue
        whole = probe.log_probabilities(vectors[turn.spoken])
        for place, unit in enumerate(turn.units):
            if unit.spoken in vectors:
                own = probe.log_probabilities(vectors[unit.spoken])
                made[turn.index, place] = Opinion(own, whole, _mixed(own, whole))
    return made


def _mixed(own: Mapping[str, float], whole: Mapping[str, float]) -> dict[str, float]:
    return {
        name: (1 - _SHARE_OF_WHOLE) * value + _SHARE_OF_WHOLE * whole[name] for name, value in own.items()
    }
