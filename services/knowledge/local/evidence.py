"""What a sentence shows by itself of which type it is, in log-odds: its vector, its cues, its substance."""

import math
from collections import defaultdict
from collections.abc import Mapping

from services.knowledge.local.cues import DECISIVE, find_cues
from services.knowledge.local.dialogue import JEST, Turn, Unit
from services.knowledge.local.types import NOTHING, TYPES
from services.knowledge.local.words import Word, words

_START = dict.fromkeys(TYPES, -1.8) | {NOTHING: -0.4}
"""Where a sentence starts when its vector says nothing."""

_CUES, _CUES_ALONE = 0.6, 1.0
"""What a cue's weight counts: beside what the vector says, and where it says nothing."""

_CUES_FOR_ANY, _CUES_FOR_ANY_SAID_OUTRIGHT = 0.3, 0.9
"""How much of it counts for a sentence being an atom of any type, beside what the vector says."""

_ASKED_WITH = """
хто кого кому ким що чого чому чим який яка яке які якого якої яких якому якій яку яким якою якими де куди
звідки коли навіщо скільки чи чий чия чиє чиї як кто кем что чего чем какой какая какое какие какого каких
каком какую каким какими где куда откуда когда почему зачем сколько ли чей чья чье чьи как можна треба
потрібно варто є нема немає можно нужно надо стоит есть нет
"""
_ASKING = frozenset(_ASKED_WITH.split())
"""Words with which a sentence asks, or says that something is, without a verb."""

_STATED = tuple(name for name in TYPES if name != "question")
_LEANINGS = {"insight": -0.3, "problem": 0.2}
"""Beside the probe's odds: people tell facts for the sake of something else."""

_AGAINST = {"hearsay": 1.6, "hypothetical": 0.8, "joke": 1.0, "personal": 1.0, "phatic": 0.3}
"""What the weight of a cue counts against there being anything in a sentence."""

_ANNOUNCED = frozenset({"problem", "solution", "decision", "requirement", "insight"})
_ASKED, _REPORTED, _HALF_ASKED, _NOT_ASKED = 3.0, 2.0, -1.0, -3.0
_SOUND = 1.5
_BARE, _THIN = 2, 4
_BARE_SENTENCE, _THIN_SENTENCE, _BARE_QUESTION, _ELLIPTIC_QUESTION = 2.0, 0.7, 2.5, 1.5
_FIGURE, _MOST_FIGURES = 0.3, 3
_IN_JEST, _WITH_A_SMILE, _BY_A_MACHINE = 1.5, 0.4, 20.0


def own_evidence(turn: Turn, unit: Unit, prior: Mapping[str, float] | None) -> dict[str, float]:
    """Log-odds of each type and of `nothing`.

    Args:
        turn: The message.
        unit: The sentence.
        prior: What the probe makes of its vector.
    """
    weights = weights_of(unit)
    scores = _by_type(dict(prior or _START), weights, probed=prior is not None)
    if "sound" in weights:
        scores["problem"] -= _SOUND
    for kind, against in _AGAINST.items():
        scores[NOTHING] += against * weights.get(kind, 0.0)
    scores["question"] += _asking(unit, weights)
    scores[NOTHING] += _emptiness(turn, unit)
    return scores


def _by_type(scores: dict[str, float], weights: Mapping[str, float], *, probed: bool) -> dict[str, float]:
    """With what the cues say of the type.

    Beside the probe they say which type it is rather than whether it is any: chatter borrows their words.
    """
    before = _sum_of_odds(scores)
    share = _CUES if probed else _CUES_ALONE
    for name, weight in _for_types(weights).items():
        scores[name] += share * weight
    if probed:
        for name, leaning in _LEANINGS.items():
            scores[name] += leaning
        outright = any(weights.get(name, 0.0) >= DECISIVE for name in _STATED)
        kept = _CUES_FOR_ANY_SAID_OUTRIGHT if outright else _CUES_FOR_ANY
        gained = max(0.0, _sum_of_odds(scores) - before)
        for name in _STATED:
            scores[name] -= (1 - kept) * gained
    return scores


def _for_types(weights: Mapping[str, float]) -> dict[str, float]:
    found: dict[str, float] = {name: weights.get(name, 0.0) for name in _STATED}
    found["problem"] -= min(found["problem"], weights.get("sound", 0.0)) + weights.get("works", 0.0)
    found["solution"] += weights.get("works", 0.0)
    found["decision"] += weights.get("reversal", 0.0)
    return found


def _sum_of_odds(scores: Mapping[str, float]) -> float:
    highest = max(scores[name] for name in _STATED)
    return highest + math.log(sum(math.exp(scores[name] - highest) for name in _STATED))


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


def is_elliptic(unit: Unit) -> bool:
    """Whether a Ukrainian or Russian sentence has neither a verb nor a word that asks ("Друга коробка?")."""
    return not any(
        word.text in _ASKING or word.marks & {"en", "unknown"} or _only_a_verb(word) for word in unit.words
    )


def _only_a_verb(word: Word) -> bool:
    return "verb" in word.marks and not word.marks & {"noun", "adj"}


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
    elif unit.asks and is_elliptic(unit):
        against += _ELLIPTIC_QUESTION
    if turn.laughter:
        against += _IN_JEST if turn.laughter == JEST else _WITH_A_SMILE
    return against + _BY_A_MACHINE * turn.machine
