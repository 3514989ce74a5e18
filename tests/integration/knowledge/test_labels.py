"""Labels: which topic messages are of, as people gave it, or confirmed it with the topic."""

from typing import Any

from sqlalchemy import text

from services.knowledge.reviews.labels import label_messages, page_of_labels
from services.knowledge.reviews.merges import take_topic_over, undo_merge
from services.knowledge.reviews.topics import review_topic
from shared.contracts.revisions import MergeTopics, UndoMerge
from shared.contracts.topics import LabelMessages, ListLabels, ReviewTopic
from shared.messaging.transaction import transaction
from tests.integration.knowledge.conftest import Run
from tests.integration.knowledge.people import atom, refused, rows, topic


async def labelled(topic_id: int | None, *message_ids: int, by: str = "Олена") -> list[tuple[Any, ...]]:
    found = await label_messages(LabelMessages(message_ids=list(message_ids), topic_id=topic_id, by=by))
    return [(each.message_id, each.topic_id, each.source, each.by) for each in found]


async def labels(**asked: Any) -> list[tuple[int, int, str]]:
    page = await page_of_labels(ListLabels(**asked))
    return [(each.message_id, each.topic_id, each.source) for each in page.items]


async def rejected(topic_id: int) -> None:
    await review_topic(ReviewTopic(topic_id=topic_id, status="rejected", by="Петро"))


async def approved_by_a_rule(topic_id: int) -> None:
    async with transaction() as tx:
        await tx.execute(
            text(
                "UPDATE knowledge.topics SET rule_id = gen_random_uuid(), reviewed_by = NULL WHERE id = :id"
            ),
            {"id": topic_id},
        )


def test_a_label_is_kept_changed_and_taken_back(review: Run) -> None:
    async def scenario() -> tuple[Any, ...]:
        one, other = await topic("Реліз"), await topic("Пошук")
        first = await labelled(one.id, 2, 1)
        changed = await labelled(other.id, 2, by="Петро")
        gone = await labelled(None, 1)
        return first, changed, gone, await labels()

    first, changed, gone, left = review(scenario)
    assert first == [(1, 1, "given", "Олена"), (2, 1, "given", "Олена")]
    assert changed == [(2, 2, "given", "Петро")]
    assert gone == []
    assert left == [(2, 2, "given")]


def test_labelling_twice_changes_nothing(review: Run) -> None:
    async def scenario() -> tuple[Any, ...]:
        one = await topic("Реліз")
        first = await labelled(one.id, 1)
        again = await labelled(one.id, 1, by="Інший")
        logged = await rows("SELECT change, entity_id, details FROM knowledge.changes WHERE change ~ 'label'")
        return first, again, logged

    first, again, logged = review(scenario)
    assert first == again
    assert logged == [("labelled", 1, {"message_ids": [1]})]


def test_who_changed_a_label_is_in_the_log_of_both_topics(review: Run) -> None:
    async def scenario() -> Any:
        one, other = await topic("Реліз"), await topic("Пошук")
        await labelled(one.id, 1, 2)
        await labelled(other.id, 2, 3, by="Петро")
        await labelled(None, 1, by="Петро")
        return await rows(
            "SELECT change, entity_id, changed_by, details -> 'message_ids' FROM knowledge.changes"
            " WHERE change ~ 'label' ORDER BY id"
        )

    assert review(scenario) == [
        ("labelled", 1, "Олена", [1, 2]),
        ("unlabelled", 1, "Петро", [2]),
        ("labelled", 2, "Петро", [2, 3]),
        ("unlabelled", 1, "Петро", [1]),
    ]


def test_what_is_not_there_is_refused_and_nothing_is_labelled(review: Run) -> None:
    async def scenario() -> tuple[Any, ...]:
        one, other, gone = await topic("Реліз"), await topic("Пошук"), await topic("Обіди")
        await take_topic_over(MergeTopics(kept_id=one.id, merged_id=other.id, by="Олена"))
        await rejected(gone.id)
        no_message = await refused(labelled(one.id, 1, 5000))
        no_topic = await refused(labelled(77, 1))
        merged_away = await refused(labelled(other.id, 1))
        turned_down = await refused(labelled(gone.id, 1))
        return no_message, no_topic, merged_away, turned_down, await labels()

    no_message, no_topic, merged_away, turned_down, left = review(scenario)
    assert (no_message.code, no_message.field) == ("invalid", "message_ids")
    assert "5000" in no_message.message
    assert (no_topic.code, no_topic.field) == ("invalid", "topic_id")
    assert merged_away.code == turned_down.code == "conflict"
    assert left == []


def test_a_message_of_one_approved_topic_alone_is_confirmed(review: Run) -> None:
    async def scenario() -> Any:
        one, other, by_rule = await topic("Реліз"), await topic("Пошук"), await topic("Сканер")
        await approved_by_a_rule(by_rule.id)
        await atom("А", topic_ids=[one.id], quotes=[(1, "реліз")])
        await atom("Б", topic_ids=[one.id, other.id], quotes=[(2, "реліз")])
        await atom("В", topic_ids=[by_rule.id], quotes=[(3, "реліз")])
        await atom("Г", topic_ids=[other.id, by_rule.id], quotes=[(4, "реліз")])
        before = await labels()
        await rejected(other.id)
        return before, await labels()

    before, after = review(scenario)
    assert before == [(1, 1, "confirmed"), (4, 2, "confirmed")]
    assert after == [(1, 1, "confirmed"), (2, 1, "confirmed")]


def test_a_given_label_wins_and_what_it_hid_comes_back_with_it_gone(review: Run) -> None:
    async def scenario() -> tuple[Any, ...]:
        one, other = await topic("Реліз"), await topic("Пошук")
        await atom("А", topic_ids=[one.id], quotes=[(1, "реліз")])
        given = await labelled(other.id, 1)
        of_one, of_other = await labels(topic_ids=[one.id]), await labels(topic_ids=[other.id])
        return given, of_one, of_other, await labelled(None, 1)

    given, of_one, of_other, left = review(scenario)
    assert given == [(1, 2, "given", "Олена")]
    assert of_one == []
    assert of_other == [(1, 2, "given")]
    assert left == [(1, 1, "confirmed", "Олена")]


def test_pages_go_on_after_the_last_message(review: Run) -> None:
    async def scenario() -> list[Any]:
        one = await topic("Реліз")
        await labelled(one.id, *range(1, 8))
        pages, after = [], 0
        while True:
            page = await page_of_labels(ListLabels(after_id=after, limit=3))
            pages.append([each.message_id for each in page.items])
            if page.next_after_id is None:
                return pages
            after = page.next_after_id

    assert review(scenario) == [[1, 2, 3], [4, 5, 6], [7]]


def test_labels_go_over_with_a_merged_topic_and_come_back_with_its_undo(review: Run) -> None:
    async def scenario() -> tuple[Any, ...]:
        kept, merged = await topic("Реліз"), await topic("Випуск")
        await labelled(kept.id, 1)
        await labelled(merged.id, 2, 3, 4)
        merge = await take_topic_over(MergeTopics(kept_id=kept.id, merged_id=merged.id, by="Олена"))
        together = await labels()
        await labelled(None, 3)
        await labelled(None, 4)
        await labelled(kept.id, 4)
        await undo_merge(UndoMerge(merge_id=merge.id, by="Олена"))
        return together, await labels()

    together, apart = review(scenario)
    assert together == [(number, 1, "given") for number in (1, 2, 3, 4)]
    assert apart == [(1, 1, "given"), (2, 2, "given"), (4, 1, "given")]
