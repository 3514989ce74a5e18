"""What its neighbours show of which type a sentence is, in log-odds: whom it answers, who answers it."""

from collections.abc import Mapping, Sequence

from services.knowledge.local.cues import PLAIN, STRONG, past_openers
from services.knowledge.local.dialogue import Turn, Unit
from services.knowledge.local.types import NOTHING

_LINKED, _GUESSED = 1.0, 0.5
"""How sure it is that one turn answers another: its author linked them, or it comes next."""

_TO_A_CHOICE = {"insight": 0.4, "decision": 1.3, "solution": 0.6, "problem": -0.6}
_TO_A_QUESTION = {"insight": 1.2, "decision": 0.3, "solution": 0.6, "problem": -0.6}
_TO_A_PROBLEM = {"solution": 0.9, "insight": 0.3}
_TELLING, _SHORT_ANSWER, _DENIAL = 0.9, 0.6, -1.2
_REFUSED = {"decision": -1.5, "insight": 0.7}
_ANSWERS_MATTER = {"question": -0.8, "problem": -0.4, "requirement": -0.4, "pattern": -0.4}
"""What answers one of these is less likely nothing."""

_AGREED_TO, _TURNED_DOWN, _LEFT_OPEN = 2.5, 2.5, 1.5
_HELPED = 1.0
_ONLY_A_STEP = 0.5
_BRIEF = 2
_YES_OR_NO = frozenset(["не", "ні", "нет", "ни", "no", "not", "nope", "так", "да", "yes", "yep", "yeah"])


def evidence_of_neighbours(turns: Sequence[Turn], kinds: Sequence[str], unit: Unit) -> dict[str, float]:
    """What to add to a sentence's own log-odds.

    Args:
        turns: The conversation.
        kinds: What each turn was taken for by itself: a type, or `nothing`.
        unit: The sentence.
    """
    turn = turns[unit.turn]
    found: dict[str, float] = {}
    if turn.parent is not None and not unit.asks:
        _add(found, _as_answer(turns[turn.parent], kinds[turn.parent], turn, unit))
    if not unit.asks:
        _add(found, _as_answered(answers_to(turns, turn)))
    if unit.has("refusal") and unit is turn.units[0]:
        _add(found, _REFUSED)
    if unit.has("proposal"):
        _add(found, _as_proposal(answers_to(turns, turn)))
    if unit.has("commitment") and not unit.has("decision", at_least=PLAIN):
        _add(found, {NOTHING: _ONLY_A_STEP})
    if unit.has("chore") and not unit.has("requirement", at_least=STRONG):
        _add(found, {NOTHING: _ONLY_A_STEP})
    return found


def answers_to(turns: Sequence[Turn], turn: Turn) -> list[Turn]:
    """The turns of others that answer one."""
    return [
        other
        for other in turns[turn.index + 1 :]
        if other.parent == turn.index and other.line.author != turn.line.author
    ]


def _add(found: dict[str, float], more: Mapping[str, float]) -> None:
    for name, value in more.items():
        found[name] = found.get(name, 0.0) + value


def _as_answer(parent: Turn, kind: str, turn: Turn, unit: Unit) -> dict[str, float]:
    found: dict[str, float] = {}
    asked = [other for other in parent.units if other.asks or other.has("reported")]
    if asked and any(other.has("choice") for other in asked):
        _add(found, _TO_A_CHOICE)
        if len(turn.units[0].content) <= _BRIEF:
            _add(found, {"decision": _SHORT_ANSWER})  # "Now. That is what they come to us for."
    elif asked:
        _add(found, _TO_A_QUESTION)
    if asked and unit.words and unit.words[0].text in _YES_OR_NO:
        _add(found, {"problem": _DENIAL})
    if kind == "problem":
        _add(found, _TO_A_PROBLEM)
        if _tells_to(unit):
            _add(found, {"solution": _TELLING})
    _add(found, {NOTHING: _ANSWERS_MATTER.get(kind, 0.0)})
    sure = _LINKED if turn.linked else _GUESSED
    return {name: sure * value for name, value in found.items()}


def _as_answered(replies: Sequence[Turn]) -> dict[str, float]:
    """Who is told at once what to do about it has told of a problem."""
    helped = any(
        reply.linked and (_tells_to(unit) or unit.has("solution", at_least=STRONG))
        for reply in replies
        for unit in reply.units[:1]
    )
    return {"problem": _HELPED} if helped else {}


def _tells_to(unit: Unit) -> bool:
    """Whether a sentence opens by telling somebody to do something."""
    opened = unit.words[past_openers(unit.words) :]
    return bool(opened) and "imperative" in opened[0].marks


def _as_proposal(replies: Sequence[Turn]) -> dict[str, float]:
    if any(reply.opens_with("agreement") for reply in replies):
        return {"decision": _AGREED_TO}
    refused = any(reply.opens_with("refusal") for reply in replies)
    return {NOTHING: _TURNED_DOWN if refused else _LEFT_OPEN}
