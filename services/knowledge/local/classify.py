"""Which type of atom each sentence is, or none: what it shows by itself and what its neighbours show."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.knowledge.local.context import evidence_of_neighbours
from services.knowledge.local.dialogue import Turn, Unit
from services.knowledge.local.evidence import own_evidence, weights_of
from services.knowledge.local.types import NOTHING, TYPES
from shared.contracts.knowledge import AtomType

_LIKELIER = 0.5
_FEW_TURNS, _FOR_CHATTER, _USUAL_CHATTER = 6, 5.0, 0.55


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sentence was taken for.

    Attributes:
        type: The likeliest type, if it is an atom.
        probability: Of that type, 0..1.
        keep: That it is an atom of any type, 0..1.
        strength: The weight of its own cues for the type.
        scores: Log-odds of the types and of `nothing`.
    """

    unit: Unit
    type: AtomType
    probability: float
    keep: float
    strength: float
    scores: Mapping[str, float]


def classify(
    turns: Sequence[Turn], priors: Mapping[tuple[int, int], Mapping[str, float]]
) -> list[list[Reading]]:
    """Readings of every sentence, by turn.

    Args:
        turns: The conversation.
        priors: The probe's log-probabilities, by turn and place of the sentence in it.
    """
    alone = [
        [
            _reading(unit, own_evidence(turn, unit, priors.get((turn.index, place))))
            for place, unit in enumerate(turn.units)
        ]
        for turn in turns
    ]
    kinds = [_main_kind(readings) for readings in alone]
    idle = {NOTHING: _idleness(alone)}
    return [
        [
            _reading(own.unit, _sum(own.scores, evidence_of_neighbours(turns, kinds, own.unit), idle))
            for own in readings
        ]
        for readings in alone
    ]


def _idleness(alone: Sequence[Sequence[Reading]]) -> float:
    """What it counts against a sentence that the whole conversation is chatter.

    Where people talk about their work, about half of the messages hold something. Where hardly one does, what
    looks like something is most often said in jest.
    """
    empty = [1 - max((reading.keep for reading in readings), default=0.0) for readings in alone]
    if len(empty) < _FEW_TURNS:
        return 0.0
    return max(0.0, _FOR_CHATTER * (sum(empty) / len(empty) - _USUAL_CHATTER))


def _main_kind(readings: Sequence[Reading]) -> str:
    """What a turn is for others to answer: the type of its surest sentence."""
    kept = [reading for reading in readings if reading.keep >= _LIKELIER]
    return max(kept, key=lambda reading: reading.keep).type if kept else NOTHING


def _sum(scores: Mapping[str, float], *more: Mapping[str, float]) -> dict[str, float]:
    return {name: score + sum(each.get(name, 0.0) for each in more) for name, score in scores.items()}


def _reading(unit: Unit, scores: Mapping[str, float]) -> Reading:
    highest = max(scores.values())
    odds = {name: math.exp(score - highest) for name, score in scores.items()}
    total = sum(odds.values())
    likeliest = max(TYPES, key=lambda name: (odds[name], -TYPES.index(name)))
    return Reading(
        unit,
        likeliest,
        odds[likeliest] / total,
        1 - odds[NOTHING] / total,
        weights_of(unit).get(likeliest, 0.0),
        scores,
    )
