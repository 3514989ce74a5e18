"""Where a search goes on after a page."""

import zlib

import msgspec

from services.embedding.ranking import Place, Standards
from shared.contracts.embedding import Search
from shared.database.cursors import BigInt


class SearchCursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a search goes on: after a place, in the same space, by the same standards.

    Attributes:
        asked: Tells one search from another.
        depth: Hits on the pages before.
    """

    asked: int
    space_id: BigInt | None
    standards: Standards
    place: Place
    depth: int


def fingerprint(query: Search) -> int:
    """Tells searches apart whose pages do not go together."""
    return zlib.crc32(msgspec.json.encode(msgspec.structs.replace(query, cursor=None, limit=1)))
