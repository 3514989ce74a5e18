"""What all records have in common."""

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A record of the API. Fields of newer servers that this version does not know are left out."""


class TaggedRecord(Record, frozen=True, kw_only=True):
    """A record that can be changed without overwriting what somebody else changed meanwhile.

    Attributes:
        etag: What to give a change as `if_match`; None where the record came as one of a list.
    """

    etag: str | None = None
