"""What an atom asks for: in its own words, in others of its message, or in those of who answers it. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from services.analysis.answers import ChatLine, GivenAtom
from services.analysis.local.cues_kinds import FAILS, MOMENTARY, PRIVATE, TROUBLE
from services.analysis.local.cues_work import (
    AGREED,
    ASKED,
    CARRIED_OUT,
    CONDITIONAL,
    CONFIRMING,
    LEFT_ALONE,
    NEEDED,
    PROMISED,
    SUGGESTED,
)
from services.analysis.local.sentences import assigned, says_enough, sentences
from services.analysis.local.talk import Talk, says_done, stems
from shared.contracts.knowledge import AtomType

Asks = Literal["trouble", "need", "promise", "decision", "question"]
"""What is asked for: to mend it, to make it so, to keep a word, to carry it out, to answer it."""

_SURE: Mapping[AtomType, float] = {"problem": 0.4, "requirement": 0.3, "decision": 0.28}
"""Below these a type counts only where words bear it out."""

_SURE_OF_FIGURES, _MANY_FIGURES = 0.45, 4
_SURE_DECISION = 0.4
_FEWEST_TAKEN_UP = 4
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked for, in which words; `line` is where, when others say it, or another sentence does."""

    asks: Asks
    title: str
    line: int | None = None


def own_ask(atom: GivenAtom, said: str) -> Ask | None:
    """What an atom asks for by its type and its own words."""
    if PRIVATE.are_in(said) or not says_enough(said):
        return None
    if atom.type == "question":
        is_open = "?" in said and not MOMENTARY.are_in(said) and not CONFIRMING.are_in(said)
        return Ask("question", atom.title) if is_open else None
    return _by_type(atom, said) or _by_words(atom, said)


def _by_type(atom: GivenAtom, said: str) -> Ask | None:
    sure = atom.approved or atom.confidence >= _SURE.get(atom.type, 1.0)
    if atom.type == "problem" and (sure or TROUBLE.are_in(said)) and not _is_measured(atom, said):
        return Ask("trouble", atom.title)
    if atom.type == "requirement" and sure:
        return Ask("need", atom.title)
    if atom.type == "decision" and sure and _is_carried_out(atom, said):
        return Ask("decision", atom.title)
    return None


def _by_words(atom: GivenAtom, said: str) -> Ask | None:
    sentence = next(filter(_is_work, sentences(said)), None)
    if sentence is not None:
        title = sentence if len(stems(sentence)) >= _FEWEST_TAKEN_UP else atom.title
        return Ask("promise" if PROMISED.are_in(sentence) else "need", title)
    if assigned(said):
        return Ask("need", atom.title)
    is_trouble = atom.type in {"insight", "pattern"} and FAILS.are_in(said)
    return Ask("trouble", atom.title) if is_trouble else None


def _is_carried_out(atom: GivenAtom, said: str) -> bool:
    """Whether a decision is to be carried out: unless it leaves all as it is, or depends on something."""
    sure = atom.approved or atom.confidence >= _SURE_DECISION
    return (sure or CARRIED_OUT.are_in(said)) and not LEFT_ALONE.are_in(said) and not CONDITIONAL.are_in(said)


def leads_to_question(own: Ask, said: str, text: str) -> bool:
    """Whether what was taken for a trouble only leads up to a question."""
    return own.asks == "trouble" and text.rstrip(" )").endswith("?") and not TROUBLE.are_in(said)


def _is_measured(atom: GivenAtom, said: str) -> bool:
    """Whether an unsure statement gives figures: a result, rather than a trouble."""
    figures = len(_NUMBER.findall(said))
    if figures >= _MANY_FIGURES and not TROUBLE.are_in(said):
        return not atom.approved
    return figures > 1 and atom.confidence < _SURE_OF_FIGURES


def agreed_to(atom: GivenAtom, said: str, answers: Sequence[ChatLine]) -> Ask | None:
    """What was suggested and agreed to is to be done."""
    is_agreed = SUGGESTED.are_in(said) and any(AGREED.are_in(each.text) for each in answers)
    return Ask("need", atom.title) if is_agreed and says_enough(atom.title) else None


def beside(said: str, line: ChatLine) -> Ask | None:
    """What the message asks for in another of its sentences."""
    for sentence in sentences(line.text):
        if sentence not in said and not sentence.endswith("?") and says_enough(sentence):
            if NEEDED.are_in(sentence) or ASKED.are_in(sentence):
                return Ask("need", sentence, line.number)
            if PROMISED.are_in(sentence):
                return Ask("promise", sentence, line.number)
    return None


def answered(
    own: Ask, talk: Talk, numbers: Sequence[int], solving: Sequence[GivenAtom], line: int
) -> Ask | None:
    """A question: what its answer says is to be done; None when that only answers it."""
    if numbers:
        return taken_up(None, talk, numbers) or own
    is_answered = solving or any(not each.text.rstrip(" )").endswith("?") for each in talk.answers(line))
    return None if is_answered else own


def taken_up(atom: GivenAtom | None, talk: Talk, numbers: Sequence[int]) -> Ask | None:
    """What somebody says is to be done, or will be, about what others said; of few words, in theirs."""
    for number in numbers:
        sentence = sentence_of_work(talk.lines[number].text)
        if sentence is not None:
            asks: Asks = "promise" if PROMISED.are_in(sentence) else "need"
            if len(stems(sentence)) >= _FEWEST_TAKEN_UP:
                return Ask(asks, sentence, number)
            if atom is not None and says_enough(atom.title):
                return Ask("trouble" if atom.type == "problem" else "need", atom.title, number)
    return None


def fuller(one: Ask | None, other: Ask | None) -> Ask | None:
    """The one that says more."""
    return max((each for each in (one, other) if each is not None), key=_length, default=None)


def sentence_of_work(text: str) -> str | None:
    """The first sentence that says that something is to be done, or will be."""
    return next((sentence for sentence in sentences(text) if _is_work(sentence)), None)


def _is_work(sentence: str) -> bool:
    is_else = sentence.endswith("?") or says_done(sentence) or PRIVATE.are_in(sentence)
    return not is_else and any(cues.are_in(sentence) for cues in (PROMISED, NEEDED, ASKED))


def _length(ask: Ask) -> int:
    return len(stems(ask.title))
