"""Pages that fit into one answer."""

import msgspec

from shared.contracts.knowledge import Id
from shared.database.pages import LARGEST_PAGE, cut

__all__ = ["LARGEST_PAGE", "ById", "cut"]


class ById(msgspec.Struct, frozen=True, array_like=True):
    """The key of a list by id, newest first."""

    id: Id
