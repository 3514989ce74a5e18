"""Joining what was agreed to, or proved to work, to the atom of which that was said."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from services.knowledge.local.content import overlap
from services.knowledge.local.context import answers_to
from services.knowledge.local.dialogue import Turn, Unit
from services.knowledge.local.draft import Draft, Span, quoted
from services.knowledge.local.standing import is_brief

_NEAR = 6
_SAME_MATTER = 0.2


def settled(turns: Sequence[Turn], found: Sequence[Draft]) -> list[Draft]:
    """The atoms, in the order said: what only agrees with or proves an earlier one becomes a quote of it."""
    made: list[Draft] = []
    for draft in found:
        place = _said_of(turns, made, draft)
        if place is None:
            made.append(draft)
        else:
            made[place] = replace(made[place], spans=(*made[place].spans, *draft.spans))
    mains = {id(draft.main.unit) for draft in made}
    standing = (_with_what_it_settles(turns, draft, mains) for draft in made)
    return [_with_agreement(turns, draft) for draft in standing if draft is not None]


def _with_what_it_settles(turns: Sequence[Turn], draft: Draft, mains: Collection[int]) -> Draft | None:
    """A decision of a few words with the question or proposal that it settles; None for what says too little.

    That is quoted with it, unless it is an atom of its own (one of `mains`, by identity) or context.
    """
    unit, turn = draft.main.unit, turns[draft.turn]
    if draft.type == "question" or not is_brief(unit) or len(draft.spans) > 1:
        return draft
    parent = turns[turn.parent] if turn.parent is not None else None
    if draft.type != "decision" or parent is None or unit is not turn.units[0]:
        return None
    settles = _what_it_settles(turn, parent)
    if settles is None:
        return None
    asked = Span(parent.index, settles.sentence.start, settles.sentence.end)
    apart = parent.line.context or id(settles) in mains
    return replace(draft, spans=draft.spans if apart else (asked, *draft.spans), settles=settles)


def _what_it_settles(turn: Turn, parent: Turn) -> Unit | None:
    """The question or proposal that a turn answers; else what it is about, when it says what is done."""
    asked = [each for each in parent.units if each.asks or each.has("proposal")]
    told = [each for each in parent.units if not is_brief(each)]
    near = turn.linked or parent.index == turn.index - 1
    acts = any(word.marks & {"verb", "en"} for word in turn.units[0].words)
    return next(reversed(asked), next(reversed(told), None) if near and acts else None)


def _said_of(turns: Sequence[Turn], made: Sequence[Draft], draft: Draft) -> int | None:
    """The place of the atom that this one only agrees to, or proves to work."""
    turn = turns[draft.turn]
    for place, other in reversed(list(enumerate(made))):
        if other.turn == draft.turn or turn.index - other.turn > _NEAR:
            continue
        answers = turn.parent == other.turn
        agrees = answers and turn.opens_with("agreement") and draft.type == "decision"
        if agrees and other.type in {"decision", "requirement"}:
            return place
        proves = turn.has("works") and draft.type in {"solution", "insight"} and other.type == "solution"
        if proves and ((turn.linked and answers) or _one_matter(turns, draft, other)):
            return place
    return None


def _one_matter(turns: Sequence[Turn], draft: Draft, other: Draft) -> bool:
    return overlap(quoted(turns, draft.spans[0]), quoted(turns, other.spans[0])) > _SAME_MATTER


def _with_agreement(turns: Sequence[Turn], draft: Draft) -> Draft:
    """With the word of whoever agreed to a decision, when that says more than yes."""
    if draft.type != "decision" or len(draft.spans) > 1 or draft.settles is not None:
        return draft
    for reply in answers_to(turns, turns[draft.turn]):
        if reply.opens_with("agreement") and reply.linked and len(reply.units[0].words) > 1:
            sentence = reply.units[0].sentence
            return replace(draft, spans=(*draft.spans, Span(reply.index, sentence.start, sentence.end)))
    return draft
