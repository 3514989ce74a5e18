"""A typed client of Task Tracker.

    with Client("http://127.0.0.1:8000", key) as client:
        for message in client.messages.iterate(class_="signal"):
            print(message.text)

`tasktracker.records` has what is answered, `tasktracker.live` follows events as they happen.
"""

from msgspec import UNSET

from tasktracker.client import Client
from tasktracker.config import NotLoggedIn
from tasktracker.errors import (
    BadRequest,
    Conflict,
    FieldProblem,
    Forbidden,
    Internal,
    Invalid,
    NoSpace,
    NotFound,
    PreconditionFailed,
    Problem,
    ServerProblem,
    TaskTrackerError,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    UnexpectedAnswer,
    Unreachable,
)

__all__ = [
    "UNSET",
    "BadRequest",
    "Client",
    "Conflict",
    "FieldProblem",
    "Forbidden",
    "Internal",
    "Invalid",
    "NoSpace",
    "NotFound",
    "NotLoggedIn",
    "PreconditionFailed",
    "Problem",
    "ServerProblem",
    "TaskTrackerError",
    "TooLarge",
    "TooManyRequests",
    "Unauthorized",
    "Unavailable",
    "UnexpectedAnswer",
    "Unreachable",
]
