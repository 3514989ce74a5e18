"""Records of search."""

from datetime import datetime

from msgspec import field

from tasktracker.record import Record
from tasktracker.records.common import AuthorRecord, ChatRecord


class ScoreParts(Record, frozen=True, kw_only=True):
    """What a hit's score is made of.

    Attributes:
        vector: Cosine similarity in -1..1, in basic mode to the query's vector without what all queries
            have in common; None when the item has no vector or was found by words alone.
        words: Trigram word similarity in 0..1.
        vector_z: The first, standardised over the candidates.
        words_z: The second, standardised over the candidates.
    """

    vector: float | None = None
    words: float
    vector_z: float
    words_z: float


class SearchItem(Record, frozen=True, kw_only=True):
    """One item found.

    Attributes:
        kind: One of `message`, `atom`.
        score: `vector_z + 0.25 * words_z`; compares within one answer only.
        matches: Ranges of `text` that match the query's words, as [start, end) in characters.
        title_matches: The same of `title`.
        message_class: One of `noise`, `weak_signal`, `signal`.
        atom_type: For atoms; messages have `message_class`, `chat_id` and `author_id` instead.
        author: Who wrote the message; null for atoms.
        chat: Where it was written; null for atoms.
        telegram_message_id: Telegram's id of the message within its chat; null for atoms.
    """

    kind: str
    id: int
    score: float
    parts: ScoreParts
    text: str
    title: str | None = None
    matches: list[tuple[int, int]] = field(default_factory=list)
    title_matches: list[tuple[int, int]] = field(default_factory=list)
    at: datetime
    message_class: str | None = None
    chat_id: int | None = None
    author_id: int | None = None
    atom_type: str | None = None
    status: str | None = None
    author: AuthorRecord | None = None
    chat: ChatRecord | None = None
    telegram_message_id: int | None = None


class SearchItems(Record, frozen=True, kw_only=True):
    """What was found, best first; an answer goes 200 items deep.

    Attributes:
        space_id: The vector space that was searched; null when words alone decided.
        basic_mode: The vectors are of the `local` provider.
        under_filled: There may be more than was found.
        degraded: Why this answer is less than it could be; null when it is not.
        took_ms: Milliseconds that the search took.
    """

    items: list[SearchItem]
    next_cursor: str | None = None
    space_id: int | None = None
    basic_mode: bool = False
    under_filled: bool = False
    degraded: str | None = None
    took_ms: float = 0.0
