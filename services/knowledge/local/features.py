"""What a sentence and its place are like, as numbers: what `corrections` are learnt from."""

import math
from collections.abc import Mapping, Sequence

from services.knowledge.local.context import answers_to
from services.knowledge.local.cues import past_openers
from services.knowledge.local.dialogue import Turn, Unit
from services.knowledge.local.evidence import is_elliptic, weights_of
from services.knowledge.local.opinions import Opinion
from services.knowledge.local.types import CLASSES

_FLOOR = -6.0
_OF_LOGARITHMS, _OF_CUES, _MOST_OF_A_CUE = 3.0, 2.4, 4.0
_MOST_UNITS, _MOST_FIGURES = 5, 3
_FIRST_WORDS = 3
_SHORTLY = 8


def features(
    turns: Sequence[Turn], unit: Unit, place: int, opinions: Mapping[tuple[int, int], Opinion]
) -> dict[str, float]:
    """By name, each roughly between 0 and 1 (-2 and 0 where it is a logarithm); what is 0 may be left out.

    Args:
        turns: The conversation.
        unit: The sentence.
        place: Its place in its message.
        opinions: What the probe makes of each sentence, by turn and place; of this one for certain.
    """
    turn, opinion = turns[unit.turn], opinions[unit.turn, place]
    found = {"always": 1.0}
    found |= {f"own.{name}": _logarithm(opinion.own[name]) for name in CLASSES}
    found |= {f"whole.{name}": _logarithm(opinion.whole[name]) for name in CLASSES}
    found |= _brought_up(turn, opinions)
    after = opinions.get((turn.index + 1, 0))
    if after is not None:
        found |= {f"after.{name}": math.exp(after.whole[name]) for name in CLASSES}
    found |= {
        f"cue.{kind}": min(weight, _MOST_OF_A_CUE) / _OF_CUES for kind, weight in weights_of(unit).items()
    }
    flags = _of_sentence(unit) | _of_message(turn, place) | _of_neighbours(turns, turn)
    return found | {name: float(value) for name, value in flags.items() if value}


def _brought_up(turn: Turn, opinions: Mapping[tuple[int, int], Opinion]) -> dict[str, float]:
    """What was said shortly before that waits for an answer: at the surest."""
    earlier = range(max(0, turn.index - _SHORTLY), turn.index)
    said = [opinions[at, 0].whole for at in earlier if (at, 0) in opinions]
    return {
        f"brought up.{name}": max((math.exp(each[name]) for each in said), default=0.0)
        for name in ("problem", "question")
    }


def _logarithm(value: float) -> float:
    return max(_FLOOR, value) / _OF_LOGARITHMS


def _of_sentence(unit: Unit) -> dict[str, float]:
    text = unit.sentence.text
    opened = past_openers(unit.words)
    figures = sum(1 for word in unit.words if word.marks & {"technical", "number"})
    marks = {mark for word in unit.words for mark in word.marks}
    first = {mark for word in unit.words[opened : opened + _FIRST_WORDS] for mark in word.marks}
    return {
        "asks": unit.asks,
        "asks a word": unit.asks and is_elliptic(unit),
        "size": math.log1p(len(unit.content)) / 2,
        "figures": min(figures, _MOST_FIGURES) / _MOST_FIGURES,
        "listed": bool(unit.sentence.heading),
        "capital": text[:1].isupper(),
        "full stop": text[-1:] in {".", "!"},
        "told to": bool(first & {"2", "imperative"}),
        "opened": opened > 0,
        **{
            f"has {mark}": mark in marks for mark in ("1sg", "1pl", "past", "present", "future", "infinitive")
        },
    }


def _of_message(turn: Turn, place: int) -> dict[str, float]:
    return {
        "asks beside": any(unit.asks for at, unit in enumerate(turn.units) if at != place),
        "first": place == 0,
        "last": place == len(turn.units) - 1,
        "alone": len(turn.units) == 1,
        "sentences": min(len(turn.units), _MOST_UNITS) / _MOST_UNITS,
        "laughter": turn.laughter / 2,
    }


def _of_neighbours(turns: Sequence[Turn], turn: Turn) -> dict[str, float]:
    replies = answers_to(turns, turn)
    parent = turns[turn.parent] if turn.parent is not None else None
    return {
        "begins": turn.index == 0,
        "linked": turn.linked,
        "follows": parent is not None and not turn.linked,
        "answers": parent is not None and any(unit.asks for unit in parent.units),
        "answers at once": parent is not None and parent.units != () and parent.units[-1].asks,
        "answered": bool(replies),
        "answered with a question": any(unit.asks for reply in replies for unit in reply.units),
        "agreed to": any(reply.opens_with("agreement") for reply in replies),
        "refused": any(reply.opens_with("refusal") for reply in replies),
        "goes on": turn.index > 0 and turns[turn.index - 1].line.author == turn.line.author,
    }
