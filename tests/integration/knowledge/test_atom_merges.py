"""Atoms taken over by those whose duplicates they are, and put back as they were."""

import asyncio
import random
from typing import Any

import pytest

from services.knowledge.reviews.atoms import edit_atom
from services.knowledge.reviews.links import create_link, links_of_atom, remove_link
from services.knowledge.reviews.merges import (
    latest_merges,
    take_atom_over,
    take_topic_over,
    undo_merge,
)
from shared.contracts.atoms import CreateLink, DeleteLink, EditAtom, LinkRecord, LinkType, ListLinks
from shared.contracts.errors import QueryError
from shared.contracts.revisions import ListMerges, MergeAtoms, MergeRecord, MergeTopics, UndoMerge
from tests.integration.knowledge.conftest import Run
from tests.integration.knowledge.people import (
    atom,
    atom_now,
    refused,
    reviewed,
    rows,
    said,
    superseded,
    topic,
)


async def merged(merged_id: int, kept_id: int, by: str = "Олена") -> MergeRecord:
    return await take_atom_over(MergeAtoms(kept_id=kept_id, merged_id=merged_id, by=by))


async def undone(merge: MergeRecord, by: str = "Петро") -> MergeRecord:
    return await undo_merge(UndoMerge(merge_id=merge.id, by=by))


async def linked(
    from_atom: int, to_atom: int, kind: LinkType = "supports", strength: float = 0.5
) -> LinkRecord:
    return await create_link(
        CreateLink(from_atom=from_atom, to_atom=to_atom, type=kind, strength=strength, by="Олена")
    )


async def links() -> list[Any]:
    return await rows("SELECT from_atom, to_atom, type, strength FROM knowledge.atom_links ORDER BY id")


async def everything() -> dict[str, list[Any]]:
    """All that merges move, down to the ids of rows."""
    statements = {
        "atoms": "SELECT id, merged_into, superseded_by, valid_to FROM knowledge.atoms ORDER BY id",
        "topics": "SELECT id, merged_into FROM knowledge.topics ORDER BY id",
        "citations": "SELECT * FROM knowledge.atom_sources ORDER BY id",
        "links": "SELECT * FROM knowledge.atom_links ORDER BY id",
        "members": "SELECT topic_id, atom_id FROM knowledge.topic_atoms ORDER BY 1, 2",
        "messages": "SELECT topic_id, message_id FROM knowledge.message_topics ORDER BY 1, 2",
    }
    return {name: await rows(statement) for name, statement in statements.items()}


async def three_atoms() -> None:
    """Atoms 1 and 2 share a quote and topic 2; atom 3 is linked to both."""
    for name in ("Реліз", "Випуск", "Дизайн"):
        await topic(name)
    await atom("Реліз", topic_ids=[1, 2], quotes=[(1, "реліз"), (2, "реліз")])
    await atom("Випуск", topic_ids=[2, 3], quotes=[(2, "реліз"), (3, "реліз")])
    await atom("Думка", type="insight", quotes=[(4, "реліз")])
    await linked(1, 3, strength=0.9)
    await linked(2, 3, strength=0.4)
    await linked(3, 2, "refines")
    await linked(2, 1, "continues")


def test_quotes_topics_and_links_go_over_and_nothing_is_double(review: Run) -> None:
    async def scenario() -> tuple[Any, ...]:
        await three_atoms()
        merge = await merged(2, 1)
        events = [event for event in await said("entity_changed") if '"merged"' in event]
        commands = await said("embed_atoms_batch_task")
        now = await atom_now(1), await atom_now(2)
        return merge, now, await links(), await everything(), events, commands

    merge, (kept, gone), found, state, events, commands = review(scenario)
    assert (merge.entity, merge.kept_id, merge.merged_id, merge.merged_by) == ("atom", 1, 2, "Олена")
    assert [(each.message_id, each.quote) for each in kept.citations] == [
        (1, "реліз"),
        (2, "реліз"),
        (3, "реліз"),
    ]
    assert sorted(each.id for each in kept.topics) == [1, 2, 3]
    assert (gone.merged_into, gone.citations, gone.topics) == (1, [], [])
    assert found == [(1, 3, "supports", 0.9), (3, 1, "refines", 0.5)]
    assert state["messages"] == [(topic_id, number) for topic_id in (1, 2, 3) for number in (1, 2, 3)]
    assert len(events) == 2
    assert '"atom_ids":[2,1]' in commands[-1]


def test_an_undo_puts_back_exactly_what_was_there(review: Run) -> None:
    async def scenario() -> tuple[Any, ...]:
        await three_atoms()
        before = await everything()
        merge = await merged(2, 1)
        first, again = await undone(merge), await undone(merge, by="Інший")
        return before, await everything(), first, again

    before, after, first, again = review(scenario)
    assert after == before
    assert first == again
    assert first.undone_by == "Петро"


def test_merging_twice_answers_with_the_merge_that_there_is(review: Run) -> None:
    async def scenario() -> tuple[Any, ...]:
        await three_atoms()
        return await merged(2, 1), await merged(2, 1, by="Інший"), await latest_merges(ListMerges())

    first, again, listed = review(scenario)
    assert first == again
    assert listed == [first]


def test_what_was_taken_away_or_added_since_stays_so(review: Run) -> None:
    async def scenario() -> tuple[Any, ...]:
        await three_atoms()
        merge = await merged(2, 1)
        (moved,) = [link for link in await links_of_atom(ListLinks(atom_id=1)) if link.type == "refines"]
        await remove_link(DeleteLink(link_id=moved.id, by="Петро"))
        await linked(1, 3, "depends_on")
        await edit_atom(EditAtom(atom_id=1, by="Петро", title="Інакше", topic_ids=[1, 2]))
        await undone(merge)
        return await atom_now(1), await atom_now(2), await links()

    one, other, found = review(scenario)
    assert (one.title, [each.id for each in one.topics]) == ("Інакше", [2, 1])
    assert [each.id for each in other.topics] == [2]
    assert sorted(found) == [
        (1, 3, "depends_on", 0.5),
        (1, 3, "supports", 0.9),
        (2, 1, "continues", 0.5),
        (2, 3, "supports", 0.4),
    ]


def test_a_quote_that_went_stale_meanwhile_comes_back_stale(review: Run) -> None:
    async def scenario() -> list[Any]:
        await three_atoms()
        merge = await merged(2, 1)
        await rows("UPDATE knowledge.atom_sources SET stale = true WHERE message_id = 2 RETURNING id")
        await undone(merge)
        return await rows("SELECT atom_id, message_id FROM knowledge.atom_sources WHERE stale ORDER BY 1")

    assert review(scenario) == [(1, 2), (2, 2)]


def test_what_was_merged_away_is_not_merged_edited_reviewed_or_linked(review: Run) -> None:
    async def scenario() -> list[Any]:
        await three_atoms()
        await merged(2, 1)
        return [
            await refused(merged(3, 2)),
            await refused(merged(2, 3)),
            await refused(merged(1, 2)),
            await refused(edit_atom(EditAtom(atom_id=2, by="Олена", title="а"))),
            await refused(reviewed(2, "rejected")),
            await refused(linked(2, 3)),
            await refused(linked(3, 2)),
            await refused(superseded(2, 1)),
        ]

    found = review(scenario)
    assert {(body.code, body.message) for body in found} == {
        ("conflict", "Atom 2 was merged into atom 1: change that one, or undo the merge.")
    }
    fields = ["kept_id", None, "kept_id", None, None, "from_atom", "to_atom", None]
    assert [body.field for body in found] == fields


def test_what_cannot_be_merged_is_refused(review: Run) -> None:
    async def scenario() -> list[Any]:
        await atom()
        return [await refused(merged(1, 1)), await refused(merged(1, 9)), await refused(merged(9, 1))]

    assert [(body.code, body.field, body.message) for body in review(scenario)] == [
        ("invalid", "kept_id", "An atom cannot be merged into itself."),
        ("invalid", "kept_id", "There is no atom 9."),
        ("not_found", None, "There is no atom 9."),
    ]


def test_what_a_merged_decision_superseded_its_original_supersedes(review: Run) -> None:
    async def scenario() -> tuple[Any, ...]:
        for number in (1, 3, 4):
            await atom(f"Рішення {number}", quotes=[(number, "реліз")])
        await superseded(1, 3)
        before = await everything()
        merge = await merged(3, 2)
        during = await atom_now(1)
        await undone(merge)
        return during, before, await everything()

    during, before, after = review(scenario)
    assert during.superseded_by == 2
    assert during.valid_to is not None
    assert after == before


def test_a_decision_is_not_merged_into_one_that_cannot_supersede_what_it_did(review: Run) -> None:
    async def scenario() -> list[Any]:
        for number in (1, 2, 3):
            await atom(f"Рішення {number}", quotes=[(number, "реліз")])
        await atom("Думка", type="insight")
        await superseded(2, 3)
        return [await refused(merged(3, 1)), await refused(merged(3, 2)), await refused(merged(3, 4))]

    assert [body.message for body in review(scenario)] == [
        f"Atom 3 supersedes atom 2, which atom {kept} cannot: take that back first." for kept in (1, 2, 4)
    ]


@pytest.mark.parametrize(
    ("later", "message"),
    [
        ((1, 4), "Atom 1 was merged into atom 4 after that"),
        ((3, 4), "Atom 3 was merged into atom 4 after that"),
    ],
)
def test_a_merge_is_not_undone_while_a_later_one_rests_on_it(
    review: Run, later: tuple[int, int], message: str
) -> None:
    async def scenario() -> tuple[Any, Any, Any]:
        await three_atoms()
        await atom("Ще", quotes=[(5, "реліз")])
        before = await everything()
        first = await merged(2, 1)
        second = await merged(*later)
        refusal = await refused(undone(first))
        await undone(second)
        await undone(first)
        return refusal, before, await everything()

    refusal, before, after = review(scenario)
    assert refusal.code == "conflict"
    assert refusal.message == f"{message}, which rests on this merge: undo merge 2 first."
    assert after == before


def test_a_merge_is_not_undone_while_a_topic_that_it_moved_is_merged_away(review: Run) -> None:
    async def scenario() -> tuple[Any, Any, Any]:
        await three_atoms()
        before = await everything()
        first = await merged(2, 1)
        second = await take_topic_over(MergeTopics(kept_id=1, merged_id=3, by="Олена"))
        refusal = await refused(undone(first))
        await undone(second)
        await undone(first)
        return refusal, before, await everything()

    refusal, before, after = review(scenario)
    assert refusal.message == (
        "Topic 3 was merged into topic 1 after that, which rests on this merge: undo merge 2 first."
    )
    assert after == before


def test_of_two_merges_that_cross_one_holds(review: Run) -> None:
    async def scenario() -> tuple[list[Any], list[Any]]:
        await three_atoms()
        pairs = ((1, 2), (2, 1), (3, 1), (1, 3), (2, 3), (3, 2))
        found = await asyncio.gather(*(merged(*each) for each in pairs), return_exceptions=True)
        return list(found), await rows("SELECT id, merged_into FROM knowledge.atoms ORDER BY id")

    found, kept = review(scenario)
    assert {each.code for each in found if isinstance(each, QueryError)} == {"conflict"}
    away = dict(kept)
    assert sum(into is not None for into in away.values()) == 2
    assert all(isinstance(each, MergeRecord | QueryError) for each in found)


def test_a_link_made_while_its_atom_is_merged_leads_to_the_kept_one_or_is_refused(review: Run) -> None:
    async def scenario() -> tuple[list[Any], list[Any]]:
        for number in range(3):
            await atom(f"Рішення {number}")
        found = await asyncio.gather(merged(2, 1), linked(3, 2), linked(2, 3), return_exceptions=True)
        return list(found), await links()

    found, kept = review(scenario)
    assert isinstance(found[0], MergeRecord)
    assert {each.code for each in found if isinstance(each, QueryError)} <= {"conflict"}
    assert all(2 not in (from_atom, to_atom) for from_atom, to_atom, _, _ in kept)


@pytest.mark.parametrize("seed", [0, 1, 2, 27, 33])
def test_whatever_is_merged_in_whatever_order_can_be_undone_to_what_was_there(review: Run, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret

    async def scenario() -> tuple[Any, Any, int]:
        for number in range(4):
            await topic(f"Тема {number}")
        for number in range(1, 8):
            quotes = [(chance.randint(1, 5), "реліз"), (chance.randint(1, 5), "на четвер")]
            await atom(f"Атом {number}", topic_ids=chance.sample(range(1, 5), 2), quotes=quotes)
        kinds: list[LinkType] = ["supports", "refines"]
        for _ in range(14):
            from_atom, to_atom = chance.sample(range(1, 8), 2)
            await linked(from_atom, to_atom, chance.choice(kinds))
        before = await everything()
        held: list[MergeRecord] = []
        for _ in range(30):
            held += await _merge_at_random(chance)
        count = len({merge.id for merge in held})
        waiting = list({merge.id: merge for merge in held}.values())
        while waiting:
            waiting = await _undo_what_can_be(chance, waiting)
        return before, await everything(), count

    before, after, count = review(scenario)
    assert count > 4
    assert after == before


async def _merge_at_random(chance: random.Random) -> list[MergeRecord]:
    try:
        if chance.random() < 0.3:
            kept_id, merged_id = chance.sample(range(1, 5), 2)
            return [await take_topic_over(MergeTopics(kept_id=kept_id, merged_id=merged_id, by="Олена"))]
        merged_id, kept_id = chance.sample(range(1, 8), 2)
        return [await merged(merged_id, kept_id)]
    except QueryError as error:
        assert error.code == "conflict"  # noqa: PT017 - merged away already
        return []


async def _undo_what_can_be(chance: random.Random, merges: list[MergeRecord]) -> list[MergeRecord]:
    """Try to undo each, in any order; returns those that something rests on, which must be fewer."""
    refusals = []
    for merge in chance.sample(merges, len(merges)):
        try:
            await undone(merge)
        except QueryError as error:
            assert "undo merge" in str(error)  # noqa: PT017
            refusals.append(merge)
    assert len(refusals) < len(merges)
    return refusals
