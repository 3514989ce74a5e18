"""Writing conversations down in tests: `Olha: text`, or `Olha > 2: text` for an answer to line 2."""

import re
from datetime import UTC, datetime, timedelta

from services.knowledge.answers import ChatLine, Conversation, ExtractedAtom, Extraction

_LINE = re.compile(r"(?P<author>[^:>\n]+?)(?: > (?P<reply>\d+))?: (?P<text>.*)", re.DOTALL)
_BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def conversation(*said: str, known: tuple[str, ...] = (), context: int = 0) -> Conversation:
    """A conversation, a message a minute; the first `context` lines are context."""
    lines = []
    for number, line in enumerate(said, start=1):
        parts = _LINE.fullmatch(line)
        assert parts, line
        lines.append(
            ChatLine(
                number=number,
                author=parts["author"],
                sent_at=_BEGAN + timedelta(minutes=number),
                text=parts["text"],
                reply_to=int(parts["reply"]) if parts["reply"] else None,
                context=number <= context,
            )
        )
    return Conversation(chat="Test", lines=lines, known_topics=list(known))


def types_at(extraction: Extraction, number: int) -> set[str]:
    """The types of the atoms that quote a message."""
    return {atom.type for atom in atoms_at(extraction, number)}


def atoms_at(extraction: Extraction, number: int) -> list[ExtractedAtom]:
    """The atoms that quote a message."""
    return [atom for atom in extraction.atoms if any(quote.message == number for quote in atom.quotes)]
