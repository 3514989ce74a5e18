"""Invented conversations with every sentence marked, to learn from: `knowledge/dialogues/`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.knowledge.answers import ChatLine, Conversation
from services.knowledge.local.dialogue import Turn, turns
from services.knowledge.local.types import NOTHING
from tests.benchmarks.knowledge_conversations import FOLDER, Labelled

DIALOGUES = FOLDER / "dialogues"

Place = tuple[int, int]
"""A turn, and a sentence of it, both from 0."""

_LINE = re.compile(r"(?P<author>[^:>\n]+?)(?: > (?P<reply>\d+))?: (?P<text>.+)")
_MARK = re.compile(r"\s?\[(?P<type>[a-z]+)\]")
_BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Lesson:
    """A conversation to learn from.

    Attributes:
        turns: As basic mode reads it.
        accepted: What each sentence may be taken for, the best first; those that are left out could be
            anything.
    """

    conversation: Conversation
    turns: list[Turn]
    accepted: dict[Place, tuple[str, ...]]


def lessons() -> Iterator[Lesson]:
    """The invented conversations, in the order of their files."""
    for path in sorted(DIALOGUES.glob("*.txt")):
        yield from _of_file(path)


def lesson_of(labelled: Labelled) -> Lesson:
    """A labelled conversation as one to learn from.

    A sentence is what the label says whose quote covers most of it; one beside a quote is left out.
    """
    found = turns(labelled.conversation.lines)
    accepted: dict[Place, tuple[str, ...]] = {}
    for turn in found:
        text = turn.line.text
        quotes = [
            (text.find(source.quote), source.quote, label)
            for label in labelled.atoms
            for source in label.sources
            if source.message == turn.line.number
        ]
        for place, unit in enumerate(turn.units):
            start, end = unit.sentence.start, unit.sentence.end
            shares = [
                ((min(end, at + len(quote)) - max(start, at)) / min(end - start, len(quote)), -order, label)
                for order, (at, quote, label) in enumerate(quotes)
            ]
            best = max(shares, key=lambda share: share[:2], default=None)
            if best is not None and best[0] > 0:
                accepted[turn.index, place] = tuple(dict.fromkeys([best[2].type, *best[2].accept_types]))
            elif not quotes:
                accepted[turn.index, place] = (NOTHING,)
    return Lesson(labelled.conversation, found, accepted)


def _of_file(path: Path) -> Iterator[Lesson]:
    text = "\n".join(line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] != "#")
    for block in text.strip().split("\n\n"):
        yield _lesson([line for line in block.splitlines() if line])


def _lesson(said: list[str]) -> Lesson:
    lines: list[ChatLine] = []
    marks: list[list[tuple[int, str]]] = []
    for number, line in enumerate(said, start=1):
        parts = _LINE.fullmatch(line)
        if parts is None:
            raise ValueError(f"not a line of a dialogue: {line}")
        text, found = _without_marks(parts["text"])
        marks.append(found)
        lines.append(
            ChatLine(
                number=number,
                author=parts["author"],
                sent_at=_BEGAN + timedelta(minutes=number),
                text=text,
                reply_to=int(parts["reply"]) if parts["reply"] else None,
            )
        )
    found_turns = turns(lines)
    accepted = {
        (turn.index, place): classes
        for turn in found_turns
        for place, classes in _marked(turn, marks[turn.index]).items()
    }
    return Lesson(Conversation(chat="Dialogue", lines=lines), found_turns, accepted)


def _without_marks(marked: str) -> tuple[str, list[tuple[int, str]]]:
    """The text, and where in it which mark stood."""
    text, found, last = "", [], 0
    for mark in _MARK.finditer(marked):
        text += marked[last : mark.start()]
        found.append((len(text), mark["type"]))
        last = mark.end()
    return (text + marked[last:]).strip(), found


def _marked(turn: Turn, marks: list[tuple[int, str]]) -> dict[int, tuple[str, ...]]:
    made: dict[int, tuple[str, ...]] = {}
    for place, unit in enumerate(turn.units):
        after = (
            turn.units[place + 1].sentence.start if place + 1 < len(turn.units) else len(turn.line.text) + 1
        )
        found = tuple(name for at, name in marks if unit.sentence.start < at <= after)
        if found or not marks:
            made[place] = found or (NOTHING,)
    return made
