"""Cursors of keyset pagination: opaque to the client, the last row's sort key to us."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from shared.contracts.errors import QueryError

Key = TypeVar("Key")
BigInt = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class TimeAndId(msgspec.Struct, frozen=True, array_like=True):
    """The key of a list by time, newest first; the id decides between equal times."""

    at: datetime
    id: BigInt


def write_cursor(key: msgspec.Struct) -> str:
    """The cursor that goes on after a row with this key."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def read_cursor(cursor: str | None, kind: type[Key]) -> Key | None:
    """The key within a cursor; None for the first page.

    Raises:
        QueryError: `invalid`, when it is not a cursor of this list.
    """
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return msgspec.json.decode(base64.urlsafe_b64decode(padded), type=kind)
    except (binascii.Error, msgspec.DecodeError, ValueError) as error:
        raise QueryError("invalid", "The cursor is not one of this list.", field="cursor") from error
