"""Which atoms quote certain messages, and how they stand to each other."""

from typing import Any

import pytest

from services.knowledge import quoted
from services.knowledge.queries import quoted_atoms
from services.knowledge.reviews.links import create_link
from services.knowledge.reviews.merges import take_atom_over
from shared.contracts.atoms import CreateLink, GetQuotedAtoms, QuotedAtoms
from shared.contracts.revisions import MergeAtoms
from tests.integration.knowledge.conftest import Run
from tests.integration.knowledge.people import WORDS, atom, reviewed

QUOTE = "переносимо реліз на четвер"


async def quoting(*message_ids: int, title: str = "Реліз у четвер") -> int:
    return (await atom(title, quotes=[(number, QUOTE) for number in message_ids])).id


async def linked(one: int, other: int, kind: Any = "solves", strength: float = 1.0) -> None:
    await create_link(CreateLink(from_atom=one, to_atom=other, type=kind, by="Олена", strength=strength))


async def ask_for(*message_ids: int) -> QuotedAtoms:
    return await quoted_atoms(GetQuotedAtoms(message_ids=list(message_ids)))


def pairs(found: QuotedAtoms) -> list[tuple[int, int, str]]:
    return [(link.from_atom, link.to_atom, link.type) for link in found.links]


def test_atoms_that_quote_one_of_the_messages_come_once_with_all_their_citations(review: Run) -> None:
    async def scenario() -> QuotedAtoms:
        await quoting(1, 2)
        await quoting(3)
        await quoting(2)
        return await ask_for(1, 2)

    found = review(scenario)
    assert [each.id for each in found.atoms] == [1, 3]
    assert [[cited.message_id for cited in each.citations] for each in found.atoms] == [[1, 2], [2]]
    assert found.links == []


def test_what_was_rejected_or_merged_away_is_not_among_them_nor_linked_to(review: Run) -> None:
    async def scenario() -> QuotedAtoms:
        for _ in range(4):
            await quoting(1)
        await linked(2, 1)
        await linked(3, 1)
        await linked(4, 1)
        await reviewed(2, "rejected")
        await take_atom_over(MergeAtoms(kept_id=4, merged_id=3, by="Олена"))
        return await ask_for(1)

    found = review(scenario)
    assert [each.id for each in found.atoms] == [1, 4]
    assert pairs(found) == [(4, 1, "solves")]


def test_links_to_atoms_that_quote_other_messages_are_told_too(review: Run) -> None:
    async def scenario() -> QuotedAtoms:
        await quoting(1)
        await quoting(9)
        await quoting(9)
        await linked(2, 1)
        await linked(1, 3, "continues")
        await linked(2, 3)
        return await ask_for(1)

    found = review(scenario)
    assert [each.id for each in found.atoms] == [1]
    assert pairs(found) == [(2, 1, "solves"), (1, 3, "continues")]


def test_messages_that_nothing_quotes_have_no_atoms(review: Run) -> None:
    async def scenario() -> list[QuotedAtoms]:
        await quoting(1)
        return [await ask_for(2), await ask_for()]

    assert review(scenario) == [QuotedAtoms(atoms=[], links=[])] * 2


def test_of_too_much_the_newest_atoms_and_the_weakest_links_are_left_out(
    review: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quoted, "LARGEST_PAGE", 6000)
    monkeypatch.setattr(quoted, "ROOM_FOR_LINKS", 300)

    async def scenario() -> QuotedAtoms:
        for number in range(1, 4):
            await atom(f"Рішення {number}", content="х" * 900, quotes=[(1, WORDS)])
        for strength in (0.9, 0.2, 0.8):
            await linked(1, 2, {0.9: "solves", 0.2: "refines", 0.8: "supports"}[strength], strength)
        return await ask_for(1)

    found = review(scenario)
    assert [each.id for each in found.atoms] == [1, 2]
    assert pairs(found) == [(1, 2, "solves"), (1, 2, "supports")]
