"""How atoms of one topic stand to each other, where that can be seen: who answers whom, and in what order."""

from collections.abc import Sequence

from services.knowledge.answers import ExtractedLink
from services.knowledge.local.content import overlap
from services.knowledge.local.dialogue import Turn
from services.knowledge.local.draft import Draft
from shared.contracts.atoms import LinkType

_FAR = 12
"""Turns between a problem and its solution, without a reply link, at the most."""

_ANSWERS: dict[tuple[str, str], LinkType] = {
    ("solution", "problem"): "solves",
    ("decision", "problem"): "solves",
    ("solution", "pattern"): "solves",
    ("decision", "pattern"): "solves",
    ("solution", "question"): "solves",
    ("decision", "question"): "solves",
    ("insight", "question"): "solves",
    ("requirement", "question"): "solves",
    ("insight", "problem"): "supports",
    ("insight", "decision"): "supports",
    ("insight", "solution"): "supports",
    ("decision", "requirement"): "continues",
    ("solution", "requirement"): "solves",
}
"""What an atom is to the one that its message answers."""


def links(
    turns: Sequence[Turn], drafts: Sequence[Draft], topics: Sequence[Sequence[int]]
) -> list[ExtractedLink]:
    """Links between atoms of the same topic; each atom has one at the most, to an earlier one."""
    return [
        link
        for topic in topics
        for order, place in enumerate(topic)
        if (link := _link(turns, drafts, topic[:order], place)) is not None
    ]


def _link(
    turns: Sequence[Turn], drafts: Sequence[Draft], earlier: Sequence[int], place: int
) -> ExtractedLink | None:
    draft = drafts[place]
    turn = turns[draft.turn]
    if draft.type == "decision" and draft.main.unit.has("reversal"):
        for other in reversed(earlier):
            if drafts[other].type == "decision":
                return _made(place, other, "contradicts", 0.5)
    for other in reversed(earlier):
        relation = _ANSWERS.get((draft.type, drafts[other].type))
        if relation and turn.parent == drafts[other].turn:
            return _made(place, other, relation, 0.6 if turn.linked else 0.5)
    if draft.type == "solution":
        problems = [
            other
            for other in earlier
            if drafts[other].type == "problem" and draft.turn - drafts[other].turn <= _FAR
        ]
        if problems:
            nearest = max(problems, key=lambda other: (_shared(turns, drafts, place, other), other))
            return _made(place, nearest, "solves", 0.4)
    return None


def _shared(turns: Sequence[Turn], drafts: Sequence[Draft], one: int, other: int) -> float:
    return overlap(turns[drafts[one].turn].line.text, turns[drafts[other].turn].line.text)


def _made(source: int, target: int, relation: LinkType, strength: float) -> ExtractedLink:
    return ExtractedLink(source=source + 1, target=target + 1, type=relation, strength=strength)
