"""Atoms that quote certain messages, with how they stand to each other, as much as fits into one answer."""

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from services.knowledge.paging import LARGEST_PAGE
from services.knowledge.repository.atom_records import quoting_atoms
from services.knowledge.repository.links import living_links
from shared.contracts.atoms import GetQuotedAtoms, QuotedAtoms
from shared.messaging.transaction import transaction

Item = TypeVar("Item", bound=msgspec.Struct)

MOST_ATOMS = 500
"""Atoms of one answer: two hundred messages have seldom half as many."""

ROOM_FOR_LINKS = LARGEST_PAGE // 4
"""Bytes of links as JSON: what is left of a page goes to the atoms."""


async def quoted_atoms(query: GetQuotedAtoms) -> QuotedAtoms:
    """The atoms that quote one of these messages, with the links from and to them.

    Of very many the newest are left out, and the weakest links.
    """
    async with transaction() as tx:
        found = await quoting_atoms(tx, query.message_ids, MOST_ATOMS)
        atoms = _fitting(found, LARGEST_PAGE - ROOM_FOR_LINKS)
        links = await living_links(tx, [atom.id for atom in atoms])
    strongest = _fitting(links, ROOM_FOR_LINKS)
    return QuotedAtoms(atoms=atoms, links=sorted(strongest, key=lambda link: link.id))


def _fitting(items: Sequence[Item], room: int) -> list[Item]:
    """The first items that fit into so many bytes as JSON, and one at least."""
    kept: list[Item] = []
    for item in items:
        room -= len(msgspec.json.encode(item))
        if room < 0 and kept:
            break
        kept.append(item)
    return kept
