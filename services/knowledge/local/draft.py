"""An atom to be: what kind, by which sentence, quoted where."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.knowledge.local.classify import Reading
from services.knowledge.local.dialogue import Turn, Unit
from shared.contracts.knowledge import AtomType


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
        confidence: 0..1.
        settles: The question or proposal without which it could not be understood; None for most.
    """

    type: AtomType
    main: Reading
    spans: tuple[Span, ...]
    confidence: float
    settles: Unit | None = None

    @property
    def turn(self) -> int:
        """Where it was said."""
        return self.main.unit.turn


def quoted(turns: Sequence[Turn], span: Span) -> str:
    """The words of a span, as they stand in the message."""
    return turns[span.turn].line.text[span.start : span.end]
