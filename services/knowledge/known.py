"""What is known already, as far as something found may turn out to be it."""

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.knowledge import AtomType, ReviewStatus


@dataclass(frozen=True, slots=True)
class KnownTopic:
    """A topic that stands."""

    id: int
    name: str
    description: str
    status: ReviewStatus


@dataclass(frozen=True, slots=True)
class KnownAtom:
    """An atom that stands; `said_at` is when its latest quote was said."""

    id: int
    type: AtomType
    title: str
    content: str
    status: ReviewStatus
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Near:
    """Something known that is near; `similarity` in 0..1."""

    id: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Seen:
    """How far an extraction has looked: the highest ids that extractions had given topics and atoms."""

    topic_id: int
    atom_id: int


def text_of(title: str, content: str) -> str:
    """What of a topic or an atom is compared by meaning."""
    return f"{title.rstrip(' .')}. {content}" if content else title
