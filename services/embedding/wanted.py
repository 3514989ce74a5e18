"""What a search or a look for neighbours is narrowed to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.embedding import HitKind, NeighbourFilter, Search
from shared.contracts.scoring import MessageClass


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which items may be found; what is not given does not matter. `since` is inclusive, `until` is not.

    Attributes:
        chat_ids: All the ids that one chat has had.
        exclude_ids: Never these.
    """

    chat_ids: Sequence[int] | None = None
    author_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    message_class: MessageClass | None = None
    atom_types: Sequence[str] | None = None
    include_noise: bool = False
    exclude_ids: Sequence[int] = ()


def wanted_by_search(query: Search) -> Wanted:
    """What a search is narrowed to."""
    return Wanted(
        chat_ids=query.chat_ids,
        author_id=query.author_id,
        since=query.since,
        until=query.until,
        message_class=query.message_class,
        atom_types=query.atom_types,
        include_noise=query.include_noise or query.message_class == "noise",
    )


def wanted_by_filter(given: NeighbourFilter) -> Wanted:
    """What a look for neighbours is narrowed to."""
    return Wanted(
        chat_ids=given.chat_ids,
        since=given.since,
        until=given.until,
        atom_types=given.atom_types,
        include_noise=given.include_noise,
        exclude_ids=given.exclude_ids,
    )


def kinds_of(query: Search) -> list[HitKind]:
    """What can be found at all: only messages have a class, only atoms have a type."""
    kinds: list[HitKind] = [kind for kind in ("message", "atom") if kind in query.kinds]
    if query.message_class is not None:
        kinds = [kind for kind in kinds if kind == "message"]
    if query.atom_types is not None:
        kinds = [kind for kind in kinds if kind == "atom"]
    return kinds
