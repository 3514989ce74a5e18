"""Which type of atom each sentence is, or none: what it shows by itself and what its neighbours show."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.knowledge.local.context import evidence_of_neighbours
from services.knowledge.local.corrections import Corrections
from services.knowledge.local.dialogue import Turn, Unit
from services.knowledge.local.evidence import own_evidence, weights_of
from services.knowledge.local.features import features
from services.knowledge.local.opinions import Opinion
from services.knowledge.local.types import NOTHING, TYPES
from shared.contracts.knowledge import AtomType

_LIKELIER = 0.5
_FLOOR = -6.0
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
        learnt: They were corrected by what labelled conversations taught.
    """

    unit: Unit
    type: AtomType
    probability: float
    keep: float
    strength: float
    scores: Mapping[str, float]
    learnt: bool = False

    @property
    def odds(self) -> dict[str, float]:
        """The scores as log-probabilities, those of what is out of the question not lower than a floor."""
        highest = max(self.scores.values())
        total = highest + math.log(sum(math.exp(score - highest) for score in self.scores.values()))
        return {name: max(_FLOOR, score - total) for name, score in self.scores.items()}


def classify(
    turns: Sequence[Turn],
    opinions: Mapping[tuple[int, int], Opinion],
    corrections: Corrections | None = None,
) -> list[list[Reading]]:
    """Readings of every sentence, by turn.

    Args:
        turns: The conversation.
        opinions: The probe's, by turn and place of the sentence in it.
        corrections: Of what they are taken for; only where there is an opinion.
    """
    alone = [
        [
            _reading(unit, _own(turn, unit, opinions.get((turn.index, place))))
            for place, unit in enumerate(turn.units)
        ]
        for turn in turns
    ]
    kinds = [_main_kind(readings) for readings in alone]
    idle = {NOTHING: _idleness(alone)}
    read = [
        [
            _reading(own.unit, _sum(own.scores, evidence_of_neighbours(turns, kinds, own.unit), idle))
            for own in readings
        ]
        for readings in alone
    ]
    return (
        read
        if corrections is None
        else [_corrected(turns, readings, opinions, corrections) for readings in read]
    )


def _own(turn: Turn, unit: Unit, opinion: Opinion | None) -> dict[str, float]:
    return own_evidence(turn, unit, opinion.prior if opinion is not None else None)


def _corrected(
    turns: Sequence[Turn],
    readings: Sequence[Reading],
    opinions: Mapping[tuple[int, int], Opinion],
    corrections: Corrections,
) -> list[Reading]:
    return [
        _reading(
            reading.unit,
            _sum(reading.odds, corrections.of(features(turns, reading.unit, place, opinions))),
            learnt=True,
        )
        if (reading.unit.turn, place) in opinions
        else reading
        for place, reading in enumerate(readings)
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


def _reading(unit: Unit, scores: Mapping[str, float], *, learnt: bool = False) -> Reading:
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
        learnt,
    )
