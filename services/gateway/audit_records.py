"""Entries of the audit log as values: what is written before a change, after it, and shown of it."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import msgspec

LONGEST_PATH: Final = 2000
Kind = Literal["change", "sign_in", "guesses"]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What is written before it is done; bodies never are.

    Attributes:
        kind: `change` for a request that is no reading, `sign_in` for a session that began, `guesses` for
            wrong keys from one address within a minute.
        key_id: Whose; None for guesses.
        key_name: Its name at that time.
        method: Of the request.
        route: Its template, for example `/api/v1/keys/{key_id}`.
        path: As it was asked for, without its query.
        address: From where, as `TT_TRUSTED_PROXIES` lets it be told.
        attempts: How many guesses.
    """

    kind: Kind
    key_id: UUID | None = None
    key_name: str = ""
    method: str = ""
    route: str = ""
    path: str = ""
    address: str
    attempts: int = 1


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How an entry ended.

    Attributes:
        entry_id: Which.
        status: The HTTP status that answered it.
        run_id: The chain that it began; None for none.
        ended_at: When.
    """

    entry_id: int
    status: int
    run_id: UUID | None
    ended_at: datetime


class AuditRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as it is shown.

    Attributes:
        id: Grows.
        at: When it began.
        kind: `change` for a request that is no reading, `sign_in` for a session that began, `guesses` for
            wrong keys from one address within a minute.
        key_id: Whose; null for guesses.
        key_name: Its name at that time.
        method: Of the request.
        route: Its template, for example `/api/v1/keys/{key_id}`.
        path: As it was asked for, without its query.
        address: From where.
        attempts: How many guesses; 1 for everything else.
        status: The HTTP status that answered it; null while it is worked on, and for good when the gateway
            died meanwhile: then it was done or not.
        run_id: The chain that it began, whose trace has the rest; null for none.
        ended_at: When it was answered.
    """

    id: int
    at: datetime
    kind: Kind
    key_id: UUID | None
    key_name: str
    method: str
    route: str
    path: str
    address: str
    attempts: int
    status: int | None
    run_id: UUID | None
    ended_at: datetime | None


def storable_path(path: str) -> str:
    """A path as the database takes it: not endless, and without zeros, which its texts cannot have."""
    return path[:LONGEST_PATH].replace("\x00", "\ufffd")
