"""Records of atoms."""

from tasktracker.record import Record
from tasktracker.records.common import LinkRecord


class ErrorBody(Record, frozen=True, kw_only=True):
    """What an error answer carries.

    Attributes:
        code: The kind of failure; the gateway answers 404, 409, 422, 503 or 403. One of `not_found`,
            `conflict`, `invalid`, `unavailable`, `forbidden`.
        message: One sentence for a person: what happened, to which item, what to do.
        field: The field of the query at fault, when there is one.
        retry_after: Seconds after which to try again, where somebody else said how long.
    """

    code: str
    message: str
    field: str | None = None
    retry_after: int | None = None


class LinkItems(Record, frozen=True, kw_only=True):
    """The links of an atom, strongest first; at most a thousand."""

    items: list[LinkRecord]
    next_cursor: str | None = None


class QuoteOf(Record, frozen=True, kw_only=True):
    """Words that stand in a message, word for word; white space does not matter."""

    message_id: int
    quote: str


class ReviewOutcome(Record, frozen=True, kw_only=True):
    """What became of one of many that were reviewed: the status that it has now, or why it has not.

    Attributes:
        status: One of `needs_review`, `approved`, `rejected`.
    """

    atom_id: int
    status: str | None = None
    error: ErrorBody | None = None


class ReviewedItems(Record, frozen=True, kw_only=True):
    """What became of each, in the order asked: the status that it has now, or why it has not."""

    items: list[ReviewOutcome]
