"""Pages that fit into one answer."""

from collections.abc import Sequence
from typing import TypeVar

import msgspec

Item = TypeVar("Item")

LARGEST_PAGE = 512 * 1024
"""Bytes of a page's items as JSON; an item that is larger by itself is a page of its own."""


def cut(found: Sequence[Item], limit: int) -> tuple[list[Item], bool]:
    """The page's items, and whether more follow.

    Args:
        found: What was found, in order; one more than the limit when more follow.
        limit: Items of a page at the most.
    """
    page: list[Item] = []
    size = 0
    for item in found[:limit]:
        size += len(msgspec.json.encode(item))
        if size > LARGEST_PAGE and page:
            break
        page.append(item)
    return page, len(found) > len(page)
