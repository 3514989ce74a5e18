"""Statements: the atoms of a batch, what they ask for, and whether that still stands. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.analysis.answers import Batch, GivenAtom
from services.analysis.local.asking import (
    Asks,
    agreed_to,
    answered,
    beside,
    fuller,
    leads_to_question,
    own_ask,
    sentence_of_work,
    taken_up,
)
from services.analysis.local.cues_work import DROPPED
from services.analysis.local.talk import Talk, says_done


@dataclass(frozen=True, slots=True)
class Statement:
    """An atom that quotes the batch.

    Attributes:
        line: The first line that it quotes.
        said: All that it quotes.
        asks: What is to be done about it; None when it only tells something.
        title: The words that say what: the atom's, or of who takes it up.
        asked_at: The line that says so.
        borrowed: What it asks for others say, or other sentences of its message.
        ends: It says itself that something is done.
        over: It is done, dropped, answered, or solved elsewhere.
        answers: Lines that take it up: a promise, what is needed, who looks into it.
    """

    atom: GivenAtom
    line: int
    said: str
    asks: Asks | None
    title: str
    asked_at: int
    borrowed: bool
    ends: bool
    over: bool
    answers: tuple[int, ...] = ()


def read(asked: Batch, talk: Talk) -> list[Statement]:
    """The statements of a batch, in the order said."""
    solving = _solving(asked)
    read = [_statement(atom, talk, solving.get(atom.id, ())) for atom in asked.atoms if atom.quotes]
    return sorted(read, key=lambda statement: (statement.line, statement.atom.id))


def _solving(asked: Batch) -> dict[int, list[GivenAtom]]:
    """By atom, those of the batch that solve it."""
    by_id = {atom.id: atom for atom in asked.atoms if atom.quotes}
    found: dict[int, list[GivenAtom]] = {}
    for link in asked.links:
        if link.type == "solves" and link.source in by_id:
            found.setdefault(link.target, []).append(by_id[link.source])
    return found


def _statement(atom: GivenAtom, talk: Talk, solving: Sequence[GivenAtom]) -> Statement:
    line, _ = min(atom.quotes)
    said = "\n".join(words for _, words in atom.quotes)
    answers = talk.answers(line)
    takers = tuple(each.number for each in answers if sentence_of_work(each.text) is not None)
    own = own_ask(atom, said)
    ask = own
    if own is not None and (own.asks == "question" or leads_to_question(own, said, talk.lines[line].text)):
        ask = agreed_to(atom, said, answers) or answered(own, talk, takers, solving, line)
    elif own is None and atom.type != "question":
        ask = agreed_to(atom, said, answers)
        ask = ask or fuller(beside(said, talk.lines[line]), taken_up(None, talk, takers))
        ask = ask or taken_up(atom, talk, takers)
    asked_at = line if ask is None or ask.line is None else ask.line
    done = _is_done(atom, talk, said, solving) if own is not None or ask is None else False
    done = done or any(talk.is_done_after(number, talk.lines[number].text) for number in takers)
    if own is None and ask is not None:
        done = done or talk.is_done_after(asked_at, ask.title)
    over = done or atom.settled or any(DROPPED.are_in(each.text) for each in answers)
    asks, title = (None, atom.title) if ask is None else (ask.asks, ask.title)
    return Statement(atom, line, said, asks, title, asked_at, own is None, says_done(said), over, takers)


def _is_done(atom: GivenAtom, talk: Talk, said: str, solving: Sequence[GivenAtom]) -> bool:
    """Whether what an atom says is done, by itself, by what solves it, or by what was said later."""
    line, _ = min(atom.quotes)
    return says_done(said) or any(_ends(each) for each in solving) or talk.is_done_after(line, said)


def _ends(solving: GivenAtom) -> bool:
    """Whether what solves something has done so, instead of saying what to do."""
    said = "\n".join(words for _, words in solving.quotes)
    return says_done(said) or (solving.type == "solution" and sentence_of_work(said) is None)
