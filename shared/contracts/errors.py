"""The typed failures of a query, and how they travel."""

from typing import Literal

import msgspec

ErrorCode = Literal["not_found", "conflict", "invalid", "unavailable", "forbidden"]


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an error answer carries.

    Attributes:
        code: The kind of failure; the gateway answers 404, 409, 422, 503 or 403.
        message: One sentence for a person: what happened, to which item, what to do.
        field: The field of the query at fault, when there is one.
        retry_after: Seconds after which to try again, where somebody else said how long.
    """

    code: ErrorCode
    message: str
    field: str | None = None
    retry_after: int | None = None


class QueryError(Exception):
    """A query that was refused or could not be answered."""

    def __init__(
        self, code: ErrorCode, message: str, *, field: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.body = ErrorBody(code=code, message=message, field=field, retry_after=retry_after)

    @property
    def code(self) -> ErrorCode:
        """The kind of failure."""
        return self.body.code


def not_found(what: str) -> QueryError:
    """The error for an item that is not there, for example `not_found("message 7")`."""
    return QueryError("not_found", f"There is no {what}.")


def unavailable(message: str) -> QueryError:
    """The error for a service that did not answer in time."""
    return QueryError("unavailable", message)
