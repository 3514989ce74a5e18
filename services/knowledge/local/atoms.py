"""From readings of sentences to atoms: what is quoted, what belongs together, how sure it is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.knowledge.local.classify import Reading
from services.knowledge.local.content import overlap
from services.knowledge.local.context import answers_to
from services.knowledge.local.dialogue import Turn, Unit
from shared.contracts.knowledge import AtomType

HIGHEST_CONFIDENCE = 0.6
"""Basic mode never claims more."""

MOST_ATOMS = 50
"""Of one conversation: more would be a text that nobody talked about."""

_KEEP = 0.68
_SECOND = 0.85
_LONGEST_QUOTE = 400
_NEAR = 6
_GAP = 5
_BRIEF = 2
_SAME_MATTER = 0.2


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a turn's text."""

    turn: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Draft:
    """An atom to be.

    Attributes:
        main: The sentence that makes it one.
        spans: What is quoted, in the order said; the first is where it was said.
    """

    type: AtomType
    main: Reading
    spans: tuple[Span, ...]
    confidence: float

    @property
    def turn(self) -> int:
        """Where it was said."""
        return self.main.unit.turn


def drafts(turns: Sequence[Turn], readings: Sequence[Sequence[Reading]]) -> list[Draft]:
    """The atoms of a conversation, in the order said."""
    found = [
        draft for turn in turns if not turn.line.context for draft in _of_turn(turn, readings[turn.index])
    ]
    return _most_sure(_settled(turns, found))


def _most_sure(found: list[Draft]) -> list[Draft]:
    """As many as an answer holds, in the order said."""
    if len(found) <= MOST_ATOMS:
        return found
    places = sorted(range(len(found)), key=lambda place: (-found[place].confidence, place))[:MOST_ATOMS]
    return [found[place] for place in sorted(places)]


def _of_turn(turn: Turn, readings: Sequence[Reading]) -> list[Draft]:
    kept = [reading for reading in readings if reading.keep >= _KEEP]
    if not kept:
        return []
    best = max(kept, key=lambda reading: (_worth(reading), -reading.unit.sentence.start))
    chosen = [
        reading
        for reading in kept
        if reading is best
        or reading.unit.sentence.heading
        or (
            reading.type != best.type
            and reading.probability >= _SECOND
            and len(reading.unit.content) > _BRIEF
        )
    ]
    return [_draft(turn, reading, [other for other in kept if other not in chosen]) for reading in chosen]


def _worth(reading: Reading) -> float:
    """How much a sentence makes its message an atom: that it is sure, long and says outright what it is.

    A fact stands behind what it is told for: a decision, a need, a trouble.
    """
    size, strength = min(len(reading.unit.content), 6), min(reading.strength, 4.0)
    return (
        reading.keep * reading.probability + 0.05 * size + 0.06 * strength - 0.1 * (reading.type == "insight")
    )


def _draft(turn: Turn, main: Reading, others: Sequence[Reading]) -> Draft:
    """An atom of a sentence, and of what beside it says the same or makes it plain."""
    start, end = main.unit.sentence.start, main.unit.sentence.end
    if not main.unit.sentence.heading:
        for beside in [*_openers(turn, main), *(other.unit for other in others if other.type == main.type)]:
            first, last = min(start, beside.sentence.start), max(end, beside.sentence.end)
            gap = max(beside.sentence.start - end, start - beside.sentence.end)
            if gap < _GAP and last - first <= _LONGEST_QUOTE:
                start, end = first, last
    sure = 0.15 + 0.33 * main.keep * main.probability + 0.03 * min(main.strength, 4.0)
    return Draft(main.type, main, (Span(turn.index, start, end),), round(min(HIGHEST_CONFIDENCE, sure), 2))


def _openers(turn: Turn, main: Reading) -> list[Unit]:
    """The word or two before a sentence that are the answer itself ("Now. That is why they come.")."""
    place = turn.units.index(main.unit)
    before = turn.units[place - 1] if place else None
    if before is None or len(before.content) > _BRIEF or before.has("phatic") or before.has("agreement"):
        return []
    return [before] if turn.parent is not None and main.type in {"decision", "insight"} else []


def _settled(turns: Sequence[Turn], found: Sequence[Draft]) -> list[Draft]:
    """With what was agreed to or proved joined to what it was said of."""
    made: list[Draft] = []
    for draft in found:
        earlier = _said_of(turns, made, draft)
        if earlier is None:
            made.append(draft)
        else:
            place = made.index(earlier)
            made[place] = replace(earlier, spans=(*earlier.spans, *draft.spans))
    return [_agreed(turns, draft) for draft in made]


def _said_of(turns: Sequence[Turn], made: Sequence[Draft], draft: Draft) -> Draft | None:
    """The atom that this one only agrees to, or proves to work."""
    turn = turns[draft.turn]
    for other in reversed(made):
        if other.turn == draft.turn or turn.index - other.turn > _NEAR:
            continue
        answers = turn.parent == other.turn
        shared = overlap(_text(turns, draft), _text(turns, other))
        if (
            answers
            and turn.opens_with("agreement")
            and draft.type == "decision"
            and other.type in {"decision", "requirement"}
        ):
            return other
        proves = turn.has("works") and draft.type in {"solution", "insight"} and other.type == "solution"
        if proves and ((turn.linked and answers) or shared > _SAME_MATTER):
            return other
    return None


def _agreed(turns: Sequence[Turn], draft: Draft) -> Draft:
    """With the word of whoever agreed to a decision, when that says more than yes."""
    if draft.type != "decision" or len(draft.spans) > 1:
        return draft
    for reply in answers_to(turns, turns[draft.turn]):
        if reply.opens_with("agreement") and reply.linked and len(reply.units[0].words) > 1:
            sentence = reply.units[0].sentence
            return replace(draft, spans=(*draft.spans, Span(reply.index, sentence.start, sentence.end)))
    return draft


def _text(turns: Sequence[Turn], draft: Draft) -> str:
    span = draft.spans[0]
    return turns[span.turn].line.text[span.start : span.end]
