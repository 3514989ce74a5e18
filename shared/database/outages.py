"""What of the errors of a database says that it is away, so that only waiting helps."""

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError


def is_away(error: BaseException) -> bool:
    """Whether an error says that a server could not be reached, or lets nobody in at this moment.

    Postgres may be starting, stopping or out of connections, or a connection was lost; or all of the pool's
    are in use. An error of the operating system has no server's name in it: it counts, whoever was called.
    """
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or _is_refused(error)
    return isinstance(error, OSError | TimeoutError | PoolTimeoutError)


def _is_refused(error: DBAPIError) -> bool:
    """SQLSTATE classes 57P and 53, or 08: the connection is gone."""
    state = getattr(error.orig, "sqlstate", None) or ""
    return state.startswith(("57P", "53", "08"))
