"""Which type of atom a sentence is, or none: what its vector, its cues and its place among others add up to.

All evidence is in log-odds. The vector gives log-probabilities (see `probe`); cues and context add to them.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.knowledge.local.cues import PLAIN, STRONG
from services.knowledge.local.dialogue import Turn, Unit
from services.knowledge.local.types import NOTHING, TYPES
from shared.contracts.knowledge import AtomType

WITHOUT_PROBE = dict.fromkeys(TYPES, -2.6) | {NOTHING: -0.4}
"""Where a sentence starts when its vector says nothing."""

_CUE_SHARE = 0.75
_AGAINST = {"hearsay": 1.2, "hypothetical": 0.8, "joke": 0.8, "personal": 0.7, "phatic": 0.5}


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

    @property
    def is_atom(self) -> bool:
        """Whether it is likelier to be one than not."""
        return self.keep >= 0.5  # noqa: PLR2004


def classify(
    turns: Sequence[Turn], priors: Mapping[tuple[int, int], Mapping[str, float]]
) -> list[list[Reading]]:
    """Readings of every sentence, by turn.

    Args:
        turns: The conversation.
        priors: The probe's log-probabilities, by turn and place of the sentence in it.
    """
    first = [
        [
            _reading(unit, _own_scores(turn, unit, priors.get((turn.index, place))))
            for place, unit in enumerate(turn.units)
        ]
        for turn in turns
    ]
    return [
        [_reading(reading.unit, _with_context(turns, first, turn, reading)) for reading in first[turn.index]]
        for turn in turns
    ]


def main_kind(readings: Sequence[Reading]) -> str:
    """What a turn is for others to answer: the kind of its surest sentence."""
    kept = [reading for reading in readings if reading.is_atom]
    return max(kept, key=lambda reading: reading.keep).type if kept else NOTHING


def _reading(unit: Unit, scores: Mapping[str, float]) -> Reading:
    highest = max(scores.values())
    odds = {name: math.exp(score - highest) for name, score in scores.items()}
    total = sum(odds.values())
    kind = max(TYPES, key=lambda name: (odds[name], -TYPES.index(name)))
    keep = 1 - odds[NOTHING] / total
    own = summed(unit).get(kind, 0.0)
    return Reading(unit, kind, odds[kind] / total, keep, own, scores)


def summed(unit: Unit) -> dict[str, float]:
    """The weight of a sentence's cues by kind; each further one counts half, and no words count twice."""
    by_kind: defaultdict[str, list[tuple[float, int, int]]] = defaultdict(list)
    for cue in sorted(unit.cues, key=lambda cue: (-cue.weight, cue.first, cue.last)):
        taken = by_kind[cue.kind]
        if not any(cue.first <= last and first <= cue.last for _, first, last in taken):
            taken.append((cue.weight, cue.first, cue.last))
    return {
        kind: sum(weight / 2**place for place, (weight, _, _) in enumerate(taken))
        for kind, taken in by_kind.items()
    }


def _own_scores(turn: Turn, unit: Unit, prior: Mapping[str, float] | None) -> dict[str, float]:
    scores = dict(prior or WITHOUT_PROBE)
    weights = summed(unit)
    if "sound" in weights:
        weights["problem"] = max(0.0, weights.get("problem", 0.0) - weights["sound"])
        scores["problem"] -= 1.5
    for name in TYPES:
        if name != "question":
            scores[name] += _CUE_SHARE * weights.get(name, 0.0)
    for kind, share in _AGAINST.items():
        scores[NOTHING] += share * weights.get(kind, 0.0)
    _ask(unit, weights, scores)
    _weigh_substance(turn, unit, scores)
    return scores


def _ask(unit: Unit, weights: Mapping[str, float], scores: dict[str, float]) -> None:
    if unit.asks:
        scores["question"] += 3.0
        if len(unit.content) < 2:  # noqa: PLR2004
            scores[NOTHING] += 2.5
    elif "question" in weights:
        scores["question"] -= 1.0
    else:
        scores["question"] -= 3.0


def _weigh_substance(turn: Turn, unit: Unit, scores: dict[str, float]) -> None:
    """Short sentences, jests and machines say little; figures and terms say something."""
    size = len(unit.content)
    hard = sum(1 for word in unit.words if word.marks & {"technical", "number"})
    if size + hard < 2:  # noqa: PLR2004
        scores[NOTHING] += 2.0
    elif size + hard < 4:  # noqa: PLR2004
        scores[NOTHING] += 0.7
    scores[NOTHING] -= min(hard, 3) * 0.3
    if turn.laughter == 2:  # noqa: PLR2004
        scores[NOTHING] += 1.5
    elif turn.laughter:
        scores[NOTHING] += 0.4
    if turn.machine:
        scores[NOTHING] += 20.0


def _with_context(
    turns: Sequence[Turn], first: Sequence[Sequence[Reading]], turn: Turn, reading: Reading
) -> dict[str, float]:
    scores = dict(reading.scores)
    unit = reading.unit
    if turn.parent is not None and not unit.asks:
        _as_answer(turns[turn.parent], main_kind(first[turn.parent]), turn, scores)
    if unit.has("proposal"):
        _as_proposal(turns, turn, scores)
    if unit.has("commitment") and not unit.has("decision", at_least=PLAIN):
        scores[NOTHING] += 0.5
    if unit.has("chore") and not unit.has("requirement", at_least=STRONG):
        scores[NOTHING] += 0.5
    return scores


def _as_answer(parent: Turn, kind: str, turn: Turn, scores: dict[str, float]) -> None:
    sure = 1.0 if turn.linked else 0.5
    if parent.units and any(unit.asks for unit in parent.units):
        scores["insight"] += 1.0 * sure
        scores["decision"] += 0.8 * sure
        scores["solution"] += 0.6 * sure
    if kind == "problem":
        scores["solution"] += 0.9 * sure
        scores["insight"] += 0.3 * sure
    if kind in {"problem", "question", "requirement", "pattern"}:
        scores[NOTHING] -= 0.4 * sure


def _as_proposal(turns: Sequence[Turn], turn: Turn, scores: dict[str, float]) -> None:
    replies = answers_to(turns, turn)
    if any(reply.opens_with("agreement") for reply in replies):
        scores["decision"] += 1.5
    elif any(reply.opens_with("refusal") for reply in replies):
        scores[NOTHING] += 2.5
    else:
        scores[NOTHING] += 1.0


def answers_to(turns: Sequence[Turn], turn: Turn) -> list[Turn]:
    """The turns that answer one, by others."""
    return [other for other in turns[turn.index + 1 :] if other.parent == turn.index]
