"""What one proposal takes over from another, and what it gives back. Pure."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from shared.contracts.proposals import ProposalQuote, ProposalRecord

MOST_TAGS = 20
"""As many as a person may give a proposal: no more are taken over, so that they can still be edited."""

Item = TypeVar("Item")


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken over: only what the other one had not already."""

    quotes: list[ProposalQuote] = []
    atom_ids: list[int] = []
    tags: list[str] = []


@dataclass(frozen=True, slots=True)
class Merged:
    """One merge into a target.

    Attributes:
        taken: What was taken over by it.
        remains: The proposal that is merged by it now; None when that was taken back, or is to be.
        edited_since: A person has given the target other tags since then.
    """

    taken: Taken
    remains: ProposalRecord | None = None
    edited_since: bool = False


def take_over(target: ProposalRecord, other: ProposalRecord) -> Taken:
    """What a target takes over from another proposal, without repetition."""
    return Taken(
        quotes=_missing(target.quotes, other.quotes, _place),
        atom_ids=_missing(target.atom_ids, other.atom_ids, _itself),
        tags=_missing(target.tags, other.tags, str.casefold)[: max(0, MOST_TAGS - len(target.tags))],
    )


def with_taken(target: ProposalRecord, taken: Taken) -> Taken:
    """What a target has once it has taken that over."""
    return Taken(
        quotes=[*target.quotes, *taken.quotes],
        atom_ids=[*target.atom_ids, *taken.atom_ids],
        tags=[*target.tags, *taken.tags],
    )


def give_back(target: ProposalRecord, merges: Sequence[Merged]) -> Taken:
    """What a target keeps when a merge into it is taken back.

    What was taken over at any time is not its own: it stays only while one that is still merged into it
    has it, too. So it does not matter in which order merges are taken back.

    Args:
        target: As it is.
        merges: Every merge into it that there ever was.
    """
    since = [each for each in merges if not each.edited_since]
    return Taken(
        quotes=_kept(
            target.quotes,
            (quote for each in merges for quote in each.taken.quotes),
            (quote for each in merges if each.remains for quote in each.remains.quotes),
            _place,
        ),
        atom_ids=_kept(
            target.atom_ids,
            (atom_id for each in merges for atom_id in each.taken.atom_ids),
            (atom_id for each in merges if each.remains for atom_id in each.remains.atom_ids),
            _itself,
        ),
        tags=_kept(
            target.tags,
            (tag for each in since for tag in each.taken.tags),
            (tag for each in since if each.remains for tag in each.remains.tags),
            str.casefold,
        ),
    )


def message_ids(quotes: Iterable[ProposalQuote]) -> list[int]:
    """The messages that are quoted, each once, in the order of their first quotes."""
    return list(dict.fromkeys(quote.message_id for quote in quotes))


def _missing(has: Iterable[Item], offered: Iterable[Item], key: Callable[[Item], Hashable]) -> list[Item]:
    known = {key(each) for each in has}
    found: dict[Hashable, Item] = {}
    for each in offered:
        if key(each) not in known:
            found.setdefault(key(each), each)
    return list(found.values())


def _kept(
    has: Iterable[Item], taken: Iterable[Item], held: Iterable[Item], key: Callable[[Item], Hashable]
) -> list[Item]:
    going = {key(each) for each in taken} - {key(each) for each in held}
    return [each for each in has if key(each) not in going]


def _place(quote: ProposalQuote) -> Hashable:
    return quote.message_id, quote.quote


def _itself(number: int) -> Hashable:
    return number
