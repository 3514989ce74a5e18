"""Topics taken over into others, and put back as they were."""

import asyncio
from typing import Any

from services.knowledge.reviews.atoms import edit_atom, page_of_atoms
from services.knowledge.reviews.merges import latest_merges, take_atom_over, take_topic_over, undo_merge
from services.knowledge.reviews.topics import edit_topic, review_topic
from shared.contracts.atoms import EditAtom, ListAtoms
from shared.contracts.errors import QueryError
from shared.contracts.revisions import ListMerges, MergeAtoms, MergeRecord, MergeTopics, UndoMerge
from shared.contracts.topics import EditTopic, ReviewTopic, TopicRecord
from tests.integration.knowledge.conftest import Run
from tests.integration.knowledge.people import atom, refused, rows, said, topic, topic_now


async def merged(merged_id: int, kept_id: int, by: str = "Олена") -> MergeRecord:
    return await take_topic_over(MergeTopics(kept_id=kept_id, merged_id=merged_id, by=by))


async def undone(merge: MergeRecord, by: str = "Петро") -> MergeRecord:
    return await undo_merge(UndoMerge(merge_id=merge.id, by=by))


async def without(atom_id: int, *topic_ids: int) -> None:
    await edit_atom(EditAtom(atom_id=atom_id, by="Петро", topic_ids=list(topic_ids)))


async def members() -> tuple[list[Any], list[Any]]:
    """Which atoms and which messages are in which topics."""
    return (
        await rows("SELECT topic_id, atom_id FROM knowledge.topic_atoms ORDER BY 1, 2"),
        await rows("SELECT topic_id, message_id FROM knowledge.message_topics ORDER BY 1, 2"),
    )


async def two_topics() -> tuple[TopicRecord, TopicRecord]:
    """Topic 1 has the atoms 1 and 2, topic 2 the atoms 2 and 3; atom n quotes message n."""
    one, other = await topic("Реліз"), await topic("Випуск")
    for number, topic_ids in ((1, [one.id]), (2, [one.id, other.id]), (3, [other.id])):
        await atom(f"Рішення {number}", topic_ids=topic_ids, quotes=[(number, "реліз")])
    return one, other


def test_atoms_and_messages_go_over_and_the_merged_topic_leads_to_the_kept_one(review: Run) -> None:
    async def scenario() -> tuple[Any, ...]:
        one, other = await two_topics()
        merge = await merged(one.id, other.id)
        listed = [each.id for each in (await page_of_atoms(ListAtoms(topic_id=other.id))).items]
        events = [event for event in await said("entity_changed") if '"merged"' in event]
        commands = (await said("embed_topics_batch_task"))[-1], (await said("embed_atoms_batch_task"))[-1]
        now = await topic_now(one.id), await topic_now(other.id)
        return merge, now, listed, await members(), events, commands

    merge, (one, other), listed, (atoms, messages), events, commands = review(scenario)
    assert (merge.entity, merge.kept_id, merge.merged_id, merge.merged_by) == ("topic", 2, 1, "Олена")
    assert (one.merged_into, one.name, one.atoms, one.messages) == (2, "Реліз", 0, 0)
    assert (other.merged_into, other.atoms, other.messages) == (None, 3, 3)
    assert listed == [3, 2, 1]
    assert atoms == messages == [(2, 1), (2, 2), (2, 3)]
    assert len(events) == 2
    assert '"topic_ids":[1,2]' in commands[0]
    assert '"atom_ids":[1,2]' in commands[1]


def test_an_undo_puts_back_exactly_what_was_there(review: Run) -> None:
    async def scenario() -> tuple[Any, ...]:
        one, other = await two_topics()
        before = await members()
        merge = await merged(one.id, other.id)
        first = await undone(merge)
        again = await undone(merge, by="Інший")
        return before, await members(), first, again, await topic_now(one.id)

    before, after, first, again, one = review(scenario)
    assert after == before
    assert first == again
    assert (first.undone_by, one.merged_into, one.atoms) == ("Петро", None, 2)


def test_merging_twice_answers_with_the_merge_that_there_is(review: Run) -> None:
    async def scenario() -> tuple[Any, ...]:
        one, other = await two_topics()
        first = await merged(one.id, other.id)
        again = await merged(one.id, other.id, by="Інший")
        await undone(first)
        anew = await merged(one.id, other.id)
        listed = await latest_merges(ListMerges(entity="topic", entity_id=one.id))
        return first, again, anew, listed

    first, again, anew, listed = review(scenario)
    assert first == again
    assert anew.id > first.id
    assert [each.id for each in listed] == [anew.id, first.id]
    assert listed[1].undone_by == "Петро"


def test_what_changed_since_stays_as_it_was_changed(review: Run) -> None:
    async def scenario() -> Any:
        one, other = await two_topics()
        merge = await merged(one.id, other.id)
        await without(1)
        await atom("Новіше", topic_ids=[other.id], quotes=[(4, "реліз")])
        await edit_topic(EditTopic(topic_id=other.id, by="Петро", icon="🚀"))
        await undone(merge)
        return await members(), await topic_now(other.id)

    (atoms, messages), other = review(scenario)
    assert atoms == messages == [(1, 2), (2, 2), (2, 3), (2, 4)]
    assert other.icon == "🚀"


def test_an_atom_that_was_put_into_the_kept_topic_by_hand_meanwhile_goes_back(review: Run) -> None:
    async def scenario() -> Any:
        one, other = await two_topics()
        merge = await merged(one.id, other.id)
        await without(1)
        await without(1, other.id)
        await undone(merge)
        return (await members())[0]

    assert review(scenario) == [(1, 1), (1, 2), (2, 2), (2, 3)]


def test_merging_into_what_was_merged_away_is_a_conflict(review: Run) -> None:
    async def scenario() -> list[Any]:
        for name in ("Реліз", "Випуск", "Дизайн"):
            await topic(name)
        await merged(1, 2)
        return [
            await refused(merged(3, 1)),
            await refused(merged(1, 3)),
            await refused(merged(2, 1)),
            await refused(edit_topic(EditTopic(topic_id=1, by="Олена", icon="🚀"))),
            await refused(review_topic(ReviewTopic(topic_id=1, status="rejected", by="Олена"))),
        ]

    found = review(scenario)
    assert {(body.code, body.message) for body in found} == {
        ("conflict", "Topic 1 was merged into topic 2: change that one, or undo the merge.")
    }
    assert [body.field for body in found[:3]] == ["kept_id", None, "kept_id"]


def test_what_cannot_be_merged_is_refused(review: Run) -> None:
    async def scenario() -> list[Any]:
        await topic("Реліз")
        return [
            await refused(merged(1, 1)),
            await refused(merged(1, 9)),
            await refused(merged(9, 1)),
            await refused(undo_merge(UndoMerge(merge_id=9, by="Олена"))),
        ]

    assert [(body.code, body.field, body.message) for body in review(scenario)] == [
        ("invalid", "kept_id", "A topic cannot be merged into itself."),
        ("invalid", "kept_id", "There is no topic 9."),
        ("not_found", None, "There is no topic 9."),
        ("not_found", None, "There is no merge 9."),
    ]


def test_a_merge_is_not_undone_while_its_kept_topic_is_merged_on(review: Run) -> None:
    async def scenario() -> tuple[Any, Any, Any]:
        await two_topics()
        await topic("Дизайн")
        before = await members()
        first, second = await merged(1, 2), await merged(2, 3)
        refusal = await refused(undone(first))
        await undone(second)
        await undone(first)
        return refusal, before, await members()

    refusal, before, after = review(scenario)
    assert refusal.code == "conflict"
    assert refusal.message == (
        "Topic 2 was merged into topic 3 after that, which rests on this merge: undo merge 2 first."
    )
    assert after == before


def test_a_merge_is_not_undone_while_its_name_is_taken(review: Run) -> None:
    async def scenario() -> tuple[Any, TopicRecord]:
        await two_topics()
        merge = await merged(1, 2)
        other = await topic("реліз")
        refusal = await refused(undone(merge))
        await edit_topic(EditTopic(topic_id=other.id, by="Петро", name="Реліз у четвер"))
        await undone(merge)
        return refusal, await topic_now(1)

    refusal, now = review(scenario)
    assert (refusal.code, refusal.field) == ("conflict", "name")
    assert refusal.message == "Topic 3 has the name “реліз” already (approved)."
    assert now.merged_into is None


def test_merges_into_one_topic_are_undone_in_any_order_unless_they_brought_the_same_atom(review: Run) -> None:
    async def scenario() -> tuple[Any, Any, Any]:
        kept, one, other, third = [(await topic(name)).id for name in ("Реліз", "Випуск", "Дизайн", "Обіди")]
        await atom("Спільне", topic_ids=[one, other], quotes=[(1, "реліз")])
        await atom("Саме", topic_ids=[third], quotes=[(2, "реліз")])
        before = await members()
        first, second, beside = await merged(one, kept), await merged(other, kept), await merged(third, kept)
        refusal = await refused(undone(first))
        for merge in (beside, second, first):
            await undone(merge)
        return refusal, before, await members()

    refusal, before, after = review(scenario)
    assert refusal.message.endswith("undo merge 2 first.")
    assert after == before


def test_a_merge_is_not_undone_while_an_atom_that_it_moved_is_merged_away(review: Run) -> None:
    async def scenario() -> tuple[Any, Any, Any]:
        await two_topics()
        await atom("Ще", quotes=[(4, "реліз")])
        before = await members()
        topics = await merged(1, 2)
        atoms = await take_atom_over(MergeAtoms(kept_id=4, merged_id=1, by="Олена"))
        refusal = await refused(undone(topics))
        await undone(atoms)
        await undone(topics)
        return refusal, before, await members()

    refusal, before, after = review(scenario)
    assert refusal.message == (
        "Atom 1 was merged into atom 4 after that, which rests on this merge: undo merge 2 first."
    )
    assert after == before


def test_of_two_merges_that_cross_one_holds_and_nothing_is_lost(review: Run) -> None:
    async def scenario() -> tuple[list[Any], Any, Any]:
        await two_topics()
        found = await asyncio.gather(
            *(merged(*each) for each in ((1, 2), (2, 1), (1, 2), (2, 1))), return_exceptions=True
        )
        away = await rows("SELECT id FROM knowledge.topics WHERE merged_into IS NOT NULL")
        return list(found), away, await members()

    found, away, (atoms, _) = review(scenario)
    held = {each.id for each in found if isinstance(each, MergeRecord)}
    assert len(held) == 1
    assert {each.code for each in found if isinstance(each, QueryError)} == {"conflict"}
    assert len(away) == 1
    assert sorted(atom_id for _, atom_id in atoms) == [1, 2, 3]
    assert {topic_id for topic_id, _ in atoms} == {1, 2} - {away[0][0]}


def test_merges_edits_and_undos_at_the_same_time_lose_no_atom(review: Run) -> None:
    async def scenario() -> tuple[list[Any], Any]:
        one, other = await two_topics()

        async def merge_and_undo(merged_id: int, kept_id: int) -> None:
            for _ in range(4):
                try:
                    await undone(await merged(merged_id, kept_id))
                except QueryError as error:
                    assert error.code == "conflict"  # noqa: PT017 - either order is right

        async def edit() -> None:
            for _ in range(6):
                for topic_ids in ([], [one.id], [other.id], [one.id, other.id]):
                    try:
                        await without(2, *topic_ids)
                    except QueryError as error:
                        assert error.code == "conflict"  # noqa: PT017 - a topic is merged away at times

        await asyncio.gather(merge_and_undo(1, 2), merge_and_undo(2, 1), edit())
        derived = await rows(
            "SELECT DISTINCT topic_id, message_id FROM knowledge.topic_atoms JOIN knowledge.atom_sources"
            " USING (atom_id) ORDER BY 1, 2"
        )
        return derived, await members()

    derived, (atoms, messages) = review(scenario)
    assert {atom_id for _, atom_id in atoms} >= {1, 3}
    assert messages == derived
