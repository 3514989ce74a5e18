"""What may go wrong in an actor, and what is done about it."""

from dramatiq.errors import Retry
from dramatiq.middleware import Shutdown

from shared.contracts.errors import QueryError
from shared.database.outages import is_away

MOST_RETRIES = 8
"""Tries again after an error of the work itself; an unreachable server is waited for without limit."""

MIN_BACKOFF_MS = 500
MAX_BACKOFF_MS = 60_000


class FinalFailure(Exception):  # noqa: N818 - it is an outcome that was expected, not a defect
    """The task ended without success, in a way that trying again cannot mend; the message is for a person."""


class UnreadableCommand(Exception):  # noqa: N818 - named for the message that is at fault
    """A command's fields do not fit its contract: dead-lettered at once."""


class NotNow(Retry):
    """Cannot be done now, through no fault of its own: tried again without limit, without a warning."""


def is_outage(error: BaseException) -> bool:
    """Whether the error says that a server could not be reached, so that only waiting helps."""
    if isinstance(error, NotNow):
        return True
    if isinstance(error, QueryError):
        return error.code == "unavailable"
    return is_away(error)


def will_retry(retries: int, error: BaseException) -> bool:
    """Whether a task that failed for the (retries + 1)th time is tried again."""
    if isinstance(error, UnreadableCommand):
        return False
    # Its process was told to end: that is no fault of the task, however often it happens.
    return is_outage(error) or isinstance(error, Shutdown) or retries < MOST_RETRIES
