"""What requests about keys say, and what is answered."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from services.gateway.keys import KeyRecord, Scope

KeyName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=r"^[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$",
        description="Without spaces at its ends, and without control characters.",
    ),
]
Scopes = Annotated[list[Scope], Meta(min_length=1, max_length=3)]
GraceHours = Annotated[float, Meta(ge=0, le=168)]


class NewKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key to make.

    Attributes:
        name: Stands as the author of what is done with it; no other good key may have it, whatever its case.
        scopes: `read`, `write`, or `admin`, which is all.
        expires_at: From then on it opens nothing; never when left out. UTC when it has no zone.
    """

    name: Annotated[KeyName, Meta(examples=["nightly import"])]
    scopes: Annotated[Scopes, Meta(examples=[["read", "write"]])]
    expires_at: datetime | None = None


class KeyChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall change; what is left out stays, and an `expires_at` of null is never."""

    name: KeyName | UnsetType = UNSET
    scopes: Scopes | UnsetType = UNSET
    expires_at: datetime | UnsetType | None = UNSET


class Rotation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to change over to a new text.

    Attributes:
        grace_hours: How long the present text stays good; at most a week, a day when left out.
    """

    grace_hours: Annotated[GraceHours, Meta(examples=[24])] = 24


class KeyWithText(msgspec.Struct, frozen=True, kw_only=True):
    """A key that was just made or rotated.

    Attributes:
        key: The key.
        text: What to send as `Authorization: Bearer <text>`. Shown this once; null when the request was a
            repeated one, whose `Idempotency-Key` was answered before.
    """

    key: KeyRecord
    text: str | None


class KeyItems(msgspec.Struct, frozen=True, kw_only=True):
    """Keys, newest first."""

    items: list[KeyRecord]
    next_cursor: str | None = None


_MADE = datetime(2026, 3, 12, 9, 41, 7, tzinfo=UTC)
KEY = KeyRecord(
    id=UUID("0b1f6b2c-8d3f-4c55-a3a9-c1d2e3f40516"),
    name="nightly import",
    prefix="tt_5f0c9a4e",
    scopes=["read", "write"],
    created_by="first key",
    created_at=_MADE,
    expires_at=datetime(2027, 3, 12, tzinfo=UTC),
    last_used_at=_MADE,
    rotated_at=None,
    previous_until=None,
    revoked_at=None,
)
SHOWN_ONCE = KeyWithText(key=KEY, text="tt_5f0c9a4e_…")
