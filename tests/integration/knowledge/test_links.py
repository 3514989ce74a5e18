"""Links between atoms."""

import asyncio
from typing import Any

from services.knowledge.reviews.changes import page_of_changes
from services.knowledge.reviews.links import create_link, links_of_atom, remove_link
from shared.contracts.atoms import CreateLink, DeleteLink, LinkRecord, ListLinks
from shared.contracts.revisions import ListChanges
from tests.integration.knowledge.conftest import Run
from tests.integration.knowledge.people import atom, atom_now, refused, rows, said


def link(from_atom: int, to_atom: int, **fields: Any) -> CreateLink:
    given: dict[str, Any] = {"type": "supports", "by": "Олена"} | fields
    return CreateLink(from_atom=from_atom, to_atom=to_atom, **given)


async def three_atoms() -> None:
    for number in range(1, 4):
        await atom(f"Рішення {number}")


def test_links_of_an_atom_come_strongest_first_from_either_end(review: Run) -> None:
    async def scenario() -> list[LinkRecord]:
        await three_atoms()
        await create_link(link(1, 2, strength=0.3))
        await create_link(link(3, 1, strength=0.9, type="refines"))
        await create_link(link(2, 3))
        return await links_of_atom(ListLinks(atom_id=1))

    found = review(scenario)
    assert [(each.from_atom, each.to_atom, each.type, each.strength) for each in found] == [
        (3, 1, "refines", 0.9),
        (1, 2, "supports", 0.3),
    ]


def test_an_atom_says_how_many_links_it_has(review: Run) -> None:
    async def scenario() -> list[int]:
        await three_atoms()
        await create_link(link(1, 2))
        await create_link(link(3, 1))
        return [(await atom_now(number)).links for number in range(1, 4)] + [(await atom("Ще")).links]

    assert review(scenario) == [2, 1, 1, 0]


def test_the_same_link_made_again_has_the_new_strength(review: Run) -> None:
    async def scenario() -> tuple[LinkRecord, LinkRecord, list[LinkRecord]]:
        await three_atoms()
        first = await create_link(link(1, 2, strength=0.3))
        second = await create_link(link(1, 2, strength=0.8))
        return first, second, await links_of_atom(ListLinks(atom_id=2))

    first, second, listed = review(scenario)
    assert (first.id, second.strength) == (second.id, 0.8)
    assert listed == [second]


def test_links_made_by_many_at_once_are_one(review: Run) -> None:
    async def scenario() -> list[Any]:
        await three_atoms()
        await asyncio.gather(*(create_link(link(1, 2, strength=number / 10)) for number in range(8)))
        return await rows("SELECT count(*) FROM knowledge.atom_links")

    assert review(scenario) == [(1,)]


def test_a_link_is_deleted_once_and_both_atoms_tell_of_it(review: Run) -> None:
    async def scenario() -> tuple[list[LinkRecord], Any, list[str]]:
        await three_atoms()
        made = await create_link(link(1, 2))
        for _ in range(2):
            await remove_link(DeleteLink(link_id=made.id, by="Петро"))
        changes = await page_of_changes(ListChanges(entity="atom", entity_id=2))
        return await links_of_atom(ListLinks(atom_id=1)), changes.items, await said("linked")

    listed, changes, events = review(scenario)
    assert listed == []
    assert [(each.change, each.by) for each in changes] == [
        ("unlinked", "Петро"),
        ("linked", "Олена"),
        ("created", "Олена"),
    ]
    assert changes[0].details == {"from_atom": 1, "to_atom": 2, "type": "supports"}
    assert len(events) == 4


def test_what_cannot_be_linked_is_refused_with_the_end_at_fault(review: Run) -> None:
    async def scenario() -> list[Any]:
        await three_atoms()
        return [
            await refused(create_link(link(1, 1))),
            await refused(create_link(link(1, 9))),
            await refused(create_link(link(9, 1))),
            await refused(links_of_atom(ListLinks(atom_id=9))),
        ]

    assert [(body.code, body.field, body.message) for body in review(scenario)] == [
        ("invalid", "to_atom", "An atom cannot be linked to itself."),
        ("invalid", "to_atom", "There is no atom 9."),
        ("invalid", "from_atom", "There is no atom 9."),
        ("not_found", None, "There is no atom 9."),
    ]
