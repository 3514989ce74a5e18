"""What can go wrong, each kind a class of its own: catch the one you can do something about."""

from collections.abc import Mapping, Sequence

import msgspec


class TaskTrackerError(Exception):
    """Every error of this package."""


class Unreachable(TaskTrackerError):  # noqa: N818 - what is the matter reads best without a suffix
    """Nothing answered, or it broke off: the server is down, the address is wrong, or a time limit passed.

    Attributes:
        url: The server's address.
    """

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url} does not answer: {reason}")
        self.url = url


class UnexpectedAnswer(TaskTrackerError):  # noqa: N818 - what is the matter reads best without a suffix
    """Something answered, but not as Task Tracker does: another program, or a version that does not fit."""


class FieldProblem(msgspec.Struct, frozen=True, kw_only=True):
    """One field at fault.

    Attributes:
        field: Its name; a dotted path inside a body.
        message: What is wrong with it.
        source: Where it stands: `query`, `path`, `header`, `cookie` or `body`.
    """

    field: str
    message: str = ""
    source: str | None = None


class ProblemDetails(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a refusal, by RFC 9457."""

    title: str = ""
    status: int = 0
    detail: str = ""
    code: str = "error"
    instance: str | None = None
    errors: list[FieldProblem] = []
    error_id: str | None = None


class Problem(TaskTrackerError):  # noqa: N818 - what is the matter reads best without a suffix
    """The server refused, and said why. `str()` of it is fit to be shown to a person.

    Attributes:
        status: The HTTP status.
        title: The status in words.
        detail: What happened, to which item, and what to do.
        code: The kind of problem, for programs: `not_found`, `conflict`, `invalid` and so on.
        instance: The path that was asked for.
        errors: The fields at fault, if any.
        error_id: For a defect of the server: what to look for in its log.
        retry_after: Seconds to wait before another try, where the server said so.
    """

    def __init__(self, details: ProblemDetails, retry_after: float | None = None) -> None:
        super().__init__(_sentence(details))
        self.status = details.status
        self.title = details.title
        self.detail = details.detail
        self.code = details.code
        self.instance = details.instance
        self.errors: Sequence[FieldProblem] = tuple(details.errors)
        self.error_id = details.error_id
        self.retry_after = retry_after


class BadRequest(Problem):
    """400: the request cannot be read."""


class Unauthorized(Problem):
    """401: there is no such key, or it was revoked or has expired."""


class Forbidden(Problem):
    """403: the key has not the scope that this needs."""


class NotFound(Problem):
    """404: there is no such item."""


class Conflict(Problem):
    """409: the state of the item does not allow it; the detail names what is in the way."""


class PreconditionFailed(Problem):
    """412: somebody changed the item since you read it. Read it again, then decide."""


class TooLarge(Problem):
    """413: more bytes than the server takes."""


class Invalid(Problem):
    """422: the server understood and cannot do it; `errors` names the fields."""


class TooManyRequests(Problem):
    """429: more requests than the key may make; `retry_after` says when to go on."""


class ServerProblem(Problem):
    """5xx: it is the server's fault."""


class Internal(ServerProblem):
    """500: a defect of the server; its log has more under `error_id`."""


class Unavailable(ServerProblem):
    """503: something that is needed is down for now; nothing is lost by trying again."""


class NoSpace(ServerProblem):
    """507: the server's disk has no room for an upload."""


KINDS: Mapping[int, type[Problem]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: PreconditionFailed,
    413: TooLarge,
    422: Invalid,
    429: TooManyRequests,
    500: Internal,
    503: Unavailable,
    507: NoSpace,
}
"""The class of each status that has one."""

_SERVER_FAULTS = range(500, 600)


def kind_of(status: int) -> type[Problem]:
    """The class that stands for an HTTP status."""
    return KINDS.get(status) or (ServerProblem if status in _SERVER_FAULTS else Problem)


def _sentence(details: ProblemDetails) -> str:
    said = details.detail or details.title or f"HTTP status {details.status}"
    fields = "; ".join(
        f"{error.field}: {error.message}" for error in details.errors if error.message not in said
    )
    whole = f"{said} {fields}" if fields else said
    return f"{whole} (error {details.error_id})" if details.error_id else whole
