"""From readings of sentences to atoms: which are taken, what is quoted, how sure they are."""

from collections.abc import Sequence

from services.knowledge.local.classify import Reading
from services.knowledge.local.dialogue import Turn, Unit
from services.knowledge.local.draft import Draft, Span
from services.knowledge.local.settling import settled
from services.knowledge.local.standing import stands_alone

HIGHEST_CONFIDENCE = 0.6
"""Basic mode never claims more."""

LEAST_CONFIDENCE = 0.28
"""What is less sure is left out: it is as often wrong as right."""

MOST_ATOMS = 50
"""Of one conversation: more would be a text that nobody talked about."""

_KEEP, _KEEP_BY_CUES = 0.5, 0.7
"""How likely a sentence must be an atom of any type: as it was learnt, and where cues decide alone."""

_SECOND, _BESIDE_A_QUESTION = 0.85, 0.6
"""How likely its type, to be a second atom of its message; what leads to a question needs less."""

_BASE, _FOR_PROBABILITY, _FOR_CUES, _FOR_ANSWERING = 0.15, 0.33, 0.03, 0.06
_A_WORD, _LONG, _OUTRIGHT, _ONLY_A_FACT = 0.05, 6, 0.06, 0.1
_STRONGEST = 4.0
_BRIEF, _GAP, _LONGEST_QUOTE = 2, 5, 400


def drafts(turns: Sequence[Turn], readings: Sequence[Sequence[Reading]]) -> list[Draft]:
    """The atoms of a conversation, in the order said."""
    found = [
        draft
        for turn in turns
        if not turn.line.context
        for draft in _of_turn(turns, turn, readings[turn.index])
    ]
    return _most_sure([draft for draft in settled(turns, found) if draft.confidence >= LEAST_CONFIDENCE])


def _most_sure(found: list[Draft]) -> list[Draft]:
    """As many as an answer holds, in the order said."""
    if len(found) <= MOST_ATOMS:
        return found
    places = sorted(range(len(found)), key=lambda place: (-found[place].confidence, place))[:MOST_ATOMS]
    return [found[place] for place in sorted(places)]


def _of_turn(turns: Sequence[Turn], turn: Turn, readings: Sequence[Reading]) -> list[Draft]:
    """Its best sentence, and others that surely say something else; every item of a list."""
    kept = [reading for reading in readings if _is_kept(reading)]
    if not kept:
        return []
    best = max(kept, key=lambda reading: (_worth(reading), -reading.unit.sentence.start))
    chosen = [
        reading
        for reading in kept
        if reading is best or reading.unit.sentence.heading or _stands_alone(reading, best)
    ]
    others = [reading.unit for reading in kept if reading not in chosen and reading.type == best.type]
    return [
        Draft(
            reading.type,
            reading,
            (_span(turn, reading, others if reading is best else []),),
            _confidence(turns, turn, reading),
        )
        for reading in chosen
    ]


def _is_kept(reading: Reading) -> bool:
    """Whether a sentence is likely enough an atom, and can be understood by itself."""
    if not stands_alone(reading.unit, reading.type):
        return False
    return reading.keep >= (_KEEP if reading.learnt else _KEEP_BY_CUES)


def _stands_alone(reading: Reading, best: Reading) -> bool:
    says_enough = len(reading.unit.content) > _BRIEF
    needed = _BESIDE_A_QUESTION if best.type == "question" else _SECOND
    return reading.type != best.type and reading.probability >= needed and says_enough


def _worth(reading: Reading) -> float:
    """How much a sentence makes its message an atom: that it is sure, long and says outright what it is.

    A fact stands behind what it is told for: a decision, a need, a trouble.
    """
    size = min(len(reading.unit.content), _LONG)
    said_outright = _OUTRIGHT * min(reading.strength, _STRONGEST)
    fact = _ONLY_A_FACT * (reading.type == "insight")
    return reading.keep * reading.probability + _A_WORD * size + said_outright - fact


def _confidence(turns: Sequence[Turn], turn: Turn, reading: Reading) -> float:
    """By how likely it is, how outright its cues say so, and whether it answers a question."""
    asked = turns[turn.parent] if turn.linked and turn.parent is not None else None
    answers = asked is not None and any(unit.asks and len(unit.content) > _BRIEF for unit in asked.units)
    sure = (
        _BASE
        + _FOR_PROBABILITY * reading.keep * reading.probability
        + _FOR_CUES * min(reading.strength, _STRONGEST)
        + _FOR_ANSWERING * answers
    )
    return round(min(HIGHEST_CONFIDENCE, sure), 2)


def _span(turn: Turn, main: Reading, others: Sequence[Unit]) -> Span:
    """What is quoted: the sentence, with what beside it says the same or makes it plain."""
    start, end = main.unit.sentence.start, main.unit.sentence.end
    if main.unit.sentence.heading:
        return Span(turn.index, start, end)
    for beside in [*_openers(turn, main), *others]:
        first, last = min(start, beside.sentence.start), max(end, beside.sentence.end)
        gap = max(beside.sentence.start - end, start - beside.sentence.end)
        if gap < _GAP and last - first <= _LONGEST_QUOTE:
            start, end = first, last
    return Span(turn.index, start, end)


def _openers(turn: Turn, main: Reading) -> list[Unit]:
    """The word or two before a sentence that are the answer itself ("Now. That is why they come.")."""
    place = turn.units.index(main.unit)
    before = turn.units[place - 1] if place else None
    if before is None or len(before.content) > _BRIEF or before.has("phatic") or before.has("agreement"):
        return []
    return [before] if turn.parent is not None and main.type in {"decision", "insight"} else []
