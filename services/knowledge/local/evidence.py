"""What a sentence shows by itself of which type it is, in log-odds: its vector, its cues, its substance."""

from collections import defaultdict
from collections.abc import Mapping

from services.knowledge.local.cues import find_cues
from services.knowledge.local.dialogue import JEST, Turn, Unit
from services.knowledge.local.types import NOTHING, TYPES
from services.knowledge.local.words import words

_START = dict.fromkeys(TYPES, -2.2) | {NOTHING: -0.4}
"""Where a sentence starts when its vector says nothing."""

_CUES, _CUES_ALONE = 0.6, 1.0
"""What a cue's weight counts: beside what the vector says, and where it says nothing."""

_LEANINGS = {"insight": -0.3, "problem": 0.2}
"""Beside the probe's odds: people tell facts for the sake of something else."""

_AGAINST = {"hearsay": 1.2, "hypothetical": 0.8, "joke": 1.0, "personal": 1.0, "phatic": 0.3}
"""What the weight of a cue counts against there being anything in a sentence."""

_ANNOUNCED = frozenset({"problem", "solution", "decision", "requirement", "insight"})
_ASKED, _REPORTED, _HALF_ASKED, _NOT_ASKED = 3.0, 2.0, -1.0, -3.0
_SOUND = 1.5
_BARE, _THIN = 2, 4
_BARE_SENTENCE, _THIN_SENTENCE, _BARE_QUESTION = 2.0, 0.7, 2.5
_FIGURE, _MOST_FIGURES = 0.3, 3
_IN_JEST, _WITH_A_SMILE, _BY_A_MACHINE = 1.5, 0.4, 20.0


def own_evidence(turn: Turn, unit: Unit, prior: Mapping[str, float] | None) -> dict[str, float]:
    """Log-odds of each type and of `nothing`.

    Args:
        turn: The message.
        unit: The sentence.
        prior: What the probe makes of its vector.
    """
    scores = dict(prior or _START)
    for name, leaning in _LEANINGS.items() if prior else ():
        scores[name] += leaning
    share = _CUES if prior else _CUES_ALONE
    weights = weights_of(unit)
    for name in TYPES:
        if name != "question":
            scores[name] += share * weights.get(name, 0.0)
    if "sound" in weights:
        scores["problem"] -= _SOUND + share * min(weights["sound"], weights.get("problem", 0.0))
    if "works" in weights and not unit.asks:
        scores["solution"] += share * weights["works"]
        scores["problem"] -= share * weights["works"]
    scores["decision"] += share * weights.get("reversal", 0.0)
    for kind, against in _AGAINST.items():
        scores[NOTHING] += against * weights.get(kind, 0.0)
    scores["question"] += _asking(unit, weights)
    scores[NOTHING] += _emptiness(turn, unit)
    return scores


def weights_of(unit: Unit) -> dict[str, float]:
    """The weight of a sentence's cues by kind; each further one counts half, and no words count twice.

    An item of a list has those of its heading as well ("Requirements:").
    """
    by_kind: defaultdict[str, list[tuple[float, int, int]]] = defaultdict(list)
    for cue in sorted(unit.cues, key=lambda cue: (-cue.weight, cue.first, cue.last)):
        taken = by_kind[cue.kind]
        if not any(cue.first <= last and first <= cue.last for _, first, last in taken):
            taken.append((cue.weight, cue.first, cue.last))
    found = {
        kind: sum(weight / 2**place for place, (weight, _, _) in enumerate(taken))
        for kind, taken in by_kind.items()
    }
    for kind, weight in _announced(unit.sentence.heading).items():
        found[kind] = found.get(kind, 0.0) + weight
    return found


def _announced(heading: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for cue in find_cues(words(heading)) if heading else ():
        if cue.kind in _ANNOUNCED:
            found[cue.kind] = max(cue.weight, found.get(cue.kind, 0.0))
    return found


def _asking(unit: Unit, weights: Mapping[str, float]) -> float:
    if unit.asks:
        return _ASKED
    if "reported" in weights:
        return _REPORTED
    return _HALF_ASKED if "question" in weights else _NOT_ASKED


def _emptiness(turn: Turn, unit: Unit) -> float:
    """Short sentences, jests and machines say little; figures and terms say something."""
    size = len(unit.content)
    figures = sum(1 for word in unit.words if word.marks & {"technical", "number"})
    against = -_FIGURE * min(figures, _MOST_FIGURES)
    if size + figures < _BARE:
        against += _BARE_SENTENCE
    elif size + figures < _THIN:
        against += _THIN_SENTENCE
    if unit.asks and size < _BARE:
        against += _BARE_QUESTION
    if turn.laughter:
        against += _IN_JEST if turn.laughter == JEST else _WITH_A_SMILE
    return against + _BY_A_MACHINE * turn.machine
