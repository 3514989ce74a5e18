"""Matters: statements that are about one thing, made one proposal. Pure."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from services.analysis.answers import GivenLink
from services.analysis.local.asking import Asks
from services.analysis.local.statements import Statement
from services.analysis.local.talk import Talk, stems

_WEIGHTS: Mapping[Asks, float] = {
    "trouble": 0.15,
    "need": 0.12,
    "decision": 0.1,
    "promise": 0.05,
    "question": -0.1,
}
_TAKEN_UP = 0.05
_ALIKE, _FEW = 0.5, 2
_NEAR = 6


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing to do.

    Attributes:
        main: What says it best.
        others: What else is said of it, in the order said.
    """

    main: Statement
    others: tuple[Statement, ...]

    @property
    def all(self) -> tuple[Statement, ...]:
        """All statements, in the order said."""
        return tuple(sorted((self.main, *self.others), key=lambda each: (each.line, each.atom.id)))


class _Groups:
    """Statements by what they are about: each begins by itself, and is joined with others."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self._statements = statements
        self._heads = {each.atom.id: each.atom.id for each in statements}

    def join(self, one: int, other: int) -> None:
        """Say that two statements, by their atoms, are about one thing; of others it does not know."""
        if one in self._heads and other in self._heads:
            first, second = self._head(one), self._head(other)
            self._heads[second] = first

    def all(self) -> list[list[Statement]]:
        """The groups, and those in each, in the order said."""
        groups: dict[int, list[Statement]] = {}
        for statement in self._statements:
            groups.setdefault(self._head(statement.atom.id), []).append(statement)
        return list(groups.values())

    def _head(self, atom_id: int) -> int:
        while self._heads[atom_id] != atom_id:
            atom_id = self._heads[atom_id]
        return atom_id


def matters(statements: Sequence[Statement], links: Sequence[GivenLink], talk: Talk) -> list[Matter]:
    """What is to be done, in the order in which it was first said; what is over is left out."""
    groups = _Groups(statements)
    counts = Counter(each.line for each in statements)
    crowded = {line for line, count in counts.items() if count > 1}
    for link in links:
        groups.join(link.target, link.source)
    for place, one in enumerate(statements):
        for other in statements[place + 1 :]:
            if _are_one(one, other, talk, crowded):
                groups.join(one.atom.id, other.atom.id)
    alone = [each for each in statements if each.line not in crowded]
    for statement in statements:
        home = _home(statement, alone) if statement.borrowed else None
        if home is not None:
            groups.join(home.atom.id, statement.atom.id)
    return [found for group in groups.all() if (found := _matter(group)) is not None]


def _are_one(one: Statement, other: Statement, talk: Talk, crowded: Container[int]) -> bool:
    """Whether the second answers the first, goes on with it, or both say much the same.

    Of several statements in one message it is not known which one an answer is to.
    """
    first, second = stems(one.said), stems(other.said)
    common = len(first & second)
    if one.line != other.line and common >= max(_FEW, _ALIKE * min(len(first), len(second))):
        return True
    if one.asks == other.asks == "decision" or one.line in crowded or talk.parent(other.line) != one.line:
        return False
    # What merely stands behind it, or asks for something itself, has to share a word with it.
    says_so = talk.lines[other.line].reply_to == one.line
    both_ask = one.asks is not None and other.asks is not None
    return common > 0 or (says_so and not both_ask)


def _home(statement: Statement, others: Sequence[Statement]) -> Statement | None:
    """The nearest statement of a topic that asks for something in words of its own."""
    near = [
        each
        for each in others
        if each.asks is not None
        and not each.borrowed
        and abs(each.line - statement.line) <= _NEAR
        and not set(each.atom.topics).isdisjoint(statement.atom.topics)
    ]
    return min(near, key=lambda each: (abs(each.line - statement.line), each.line), default=None)


def _matter(group: Sequence[Statement]) -> Matter | None:
    """The matter that statements make; None when nothing of it asks for anything any more."""
    done = max((each.line for each in group if each.ends), default=0)
    asking = [each for each in group if each.asks is not None and not each.over and each.asked_at > done]
    if all(each.asks == "question" for each in asking) and any(each.over for each in group):
        return None
    main = max(asking, key=lambda each: (_weight(each), -each.line), default=None)
    return None if main is None else Matter(main, tuple(each for each in group if each is not main))


def _weight(statement: Statement) -> float:
    """How well a statement says what there is to do."""
    taken_up = _TAKEN_UP if statement.answers else 0.0
    return statement.atom.confidence + _WEIGHTS[statement.asks or "question"] + taken_up
