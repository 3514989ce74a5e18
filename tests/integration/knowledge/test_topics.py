"""Topics as people make, change, review and read them."""

import asyncio
from typing import Any

import msgspec
import pytest

from services.knowledge.reviews.changes import page_of_changes
from services.knowledge.reviews.topics import create_topic, edit_topic, page_of_topics, review_topic
from services.knowledge.reviews.versions import page_of_versions
from shared.contracts.revisions import ListChanges, ListVersions
from shared.contracts.topics import CreateTopic, EditTopic, GetTopic, ListTopics, ReviewTopic, TopicRecord
from tests.integration.knowledge.conftest import Run
from tests.integration.knowledge.people import (
    atom,
    draft,
    refused,
    rows,
    said,
    topic,
    topic_now,
)


def test_a_topic_of_a_person_is_approved_and_logged_and_search_hears_of_it(review: Run) -> None:
    async def scenario() -> tuple[TopicRecord, Any, Any, Any]:
        made = await topic("  Реліз \n у четвер ", description=" Коли ")
        changes = await page_of_changes(ListChanges(entity="topic", entity_id=made.id))
        return made, changes.items, await said("entity_changed"), await said("embed_topics_batch_task")

    made, (change,), events, commands = review(scenario)
    assert (made.name, made.description, made.status, made.confidence) == (
        "Реліз у четвер",
        "Коли",
        "approved",
        1.0,
    )
    assert (made.version, made.drafts, made.atoms, made.messages) == (1, 0, 0, 0)
    assert made.reviewed_by == "Олена"
    assert (change.change, change.by) == ("created", "Олена")
    assert len(events) == len(commands) == 1


@pytest.mark.parametrize("name", ["Реліз у четвер", "реліз  у ЧЕТВЕР"])
def test_a_taken_name_is_a_conflict_that_names_the_topic_that_has_it(review: Run, name: str) -> None:
    async def scenario() -> tuple[TopicRecord, Any, Any]:
        made = await topic("Реліз у четвер")
        other = await topic("Дизайн")
        return (
            made,
            await refused(topic(name)),
            await refused(edit_topic(EditTopic(topic_id=other.id, by="Петро", name=name))),
        )

    made, created, renamed = review(scenario)
    assert created == renamed
    assert (created.code, created.field) == ("conflict", "name")
    assert created.message == f"Topic {made.id} has the name “Реліз у четвер” already (approved)."


def test_of_many_who_make_a_topic_of_one_name_at_once_one_does(review: Run) -> None:
    async def scenario() -> list[Any]:
        asked = [create_topic(CreateTopic(name=name, by="Олена")) for name in ["Реліз", "реліз"] * 4]
        return await asyncio.gather(*asked, return_exceptions=True)

    found = review(scenario)
    made = [each for each in found if isinstance(each, TopicRecord)]
    assert len(made) == 1
    assert {each.body.message for each in found if each is not made[0]} == {
        f"Topic {made[0].id} has the name “{made[0].name}” already (approved)."
    }


def test_two_topics_that_take_each_others_name_at_once_end_without_a_database_error(review: Run) -> None:
    async def scenario() -> tuple[Any, list[str]]:
        one, other = await topic("Реліз"), await topic("Дизайн")
        found = await asyncio.gather(
            edit_topic(EditTopic(topic_id=one.id, by="Олена", name="Дизайн")),
            edit_topic(EditTopic(topic_id=other.id, by="Петро", name="Реліз")),
            return_exceptions=True,
        )
        return found, [name for (name,) in await rows("SELECT name FROM knowledge.topics ORDER BY id")]

    found, names = review(scenario)
    refusals = [each.body for each in found if not isinstance(each, TopicRecord)]
    assert refusals
    assert {(each.code, each.field) for each in refusals} == {("conflict", "name")}
    assert "_" not in "".join(each.message for each in refusals)
    assert len(set(names)) == 2


def test_an_edit_holds_at_once_and_is_an_approved_version(review: Run) -> None:
    async def scenario() -> tuple[TopicRecord, Any, Any]:
        made = await topic("Реліз")
        edited = await edit_topic(EditTopic(topic_id=made.id, by="Петро", name="Випуск", icon="🚀"))
        versions = await page_of_versions(ListVersions(entity="topic", entity_id=made.id))
        return edited, versions.items, await said("version_created")

    edited, (version,), events = review(scenario)
    assert (edited.name, edited.icon, edited.version) == ("Випуск", "🚀", 2)
    assert (version.number, version.status, version.created_by, version.reviewed_by) == (
        2,
        "approved",
        "Петро",
        "Петро",
    )
    assert [(each.field, each.before, each.after) for each in version.changes] == [
        ("name", "Реліз", "Випуск"),
        ("icon", "💬", "🚀"),
    ]
    assert len(events) == 1


def test_an_edit_that_changes_nothing_leaves_no_trace(review: Run) -> None:
    async def scenario() -> tuple[TopicRecord, TopicRecord, TopicRecord, Any]:
        made = await topic("Реліз")
        first = await edit_topic(EditTopic(topic_id=made.id, by="Петро", name="Випуск"))
        second = await edit_topic(EditTopic(topic_id=made.id, by="Петро", name="Випуск"))
        nothing = await edit_topic(EditTopic(topic_id=made.id, by="Петро"))
        return first, second, nothing, await rows("SELECT number FROM knowledge.topic_versions")

    first, second, nothing, numbers = review(scenario)
    assert first == second == nothing
    assert numbers == [(2,)]


def test_only_the_case_of_a_name_can_change(review: Run) -> None:
    async def scenario() -> TopicRecord:
        made = await topic("реліз")
        return await edit_topic(EditTopic(topic_id=made.id, by="Петро", name="Реліз"))

    assert review(scenario).name == "Реліз"


def test_a_name_of_nothing_but_space_is_invalid(review: Run) -> None:
    async def scenario() -> Any:
        return await refused(topic(" \n\t"))

    body = review(scenario)
    assert (body.code, body.field, body.message) == ("invalid", "name", "The name is empty.")


def test_what_is_not_there_is_not_found(review: Run) -> None:
    async def scenario() -> list[Any]:
        return [
            await refused(topic_now(9)),
            await refused(edit_topic(EditTopic(topic_id=9, by="Олена", name="Реліз"))),
            await refused(review_topic(ReviewTopic(topic_id=9, status="approved", by="Олена"))),
        ]

    assert {(body.code, body.message) for body in review(scenario)} == {("not_found", "There is no topic 9.")}


def test_a_review_is_kept_with_who_and_when_and_can_be_taken_back(review: Run) -> None:
    async def scenario() -> tuple[list[TopicRecord], Any]:
        made = await topic("Реліз")
        found = [
            await review_topic(ReviewTopic(topic_id=made.id, status=status, by="Петро"))
            for status in ("rejected", "rejected", "needs_review", "approved")
        ]
        return found, (await page_of_changes(ListChanges())).items

    found, changes = review(scenario)
    assert [each.status for each in found] == ["rejected", "rejected", "needs_review", "approved"]
    assert found[0] == found[1]
    assert {each.reviewed_by for each in found} == {"Петро"}
    assert [each.details for each in changes if each.change == "reviewed"] == [
        {"status": "approved", "was": "needs_review"},
        {"status": "needs_review", "was": "rejected"},
        {"status": "rejected", "was": "approved"},
    ]


def test_topics_are_counted(review: Run) -> None:
    async def scenario() -> list[TopicRecord]:
        one, other = await topic("Реліз"), await topic("Дизайн")
        for number in range(1, 4):
            await atom(f"Рішення {number}", topic_ids=[one.id], quotes=[(number, "на четвер")])
        await atom("Обидва", topic_ids=[one.id, other.id], quotes=[(1, "реліз"), (2, "реліз")])
        await draft("topic", other.id, ("icon", "💬", "🚀"))
        return (await page_of_topics(ListTopics())).items

    found = {each.name: (each.atoms, each.messages, each.drafts) for each in review(scenario)}
    assert found == {"Реліз": (4, 3, 0), "Дизайн": (1, 2, 1)}


def test_topics_are_found_by_status_and_by_all_words_wherever_they_stand(review: Run) -> None:
    async def scenario() -> dict[str, list[str]]:
        await topic("Реліз у четвер", description="Що виходить 100% і коли_саме")
        await topic("Дизайн кошика", description="Реліз не тут")
        rejected = await topic("Обіди")
        await review_topic(ReviewTopic(topic_id=rejected.id, status="rejected", by="Олена"))
        queries = {
            "words": ListTopics(search="РЕЛІЗ кошика"),
            "one": ListTopics(search="реліз"),
            "signs": ListTopics(search="100%"),
            "underscore": ListTopics(search="и_с"),
            "none": ListTopics(search="_"),
            "rejected": ListTopics(status="rejected"),
            "approved": ListTopics(status="approved"),
        }
        return {
            name: [each.name for each in (await page_of_topics(query)).items]
            for name, query in queries.items()
        }

    found = review(scenario)
    assert found["words"] == ["Дизайн кошика"]
    assert found["one"] == ["Дизайн кошика", "Реліз у четвер"]
    assert found["signs"] == found["underscore"] == found["none"] == ["Реліз у четвер"]
    assert found["rejected"] == ["Обіди"]
    assert found["approved"] == ["Дизайн кошика", "Реліз у четвер"]


def test_pages_are_latest_change_first_without_gaps_or_repeats_while_others_change(review: Run) -> None:
    async def scenario() -> tuple[list[int], list[int]]:
        made = [await topic(f"Тема {number}") for number in range(12)]
        found: list[int] = []
        cursor = None
        while True:
            page = await page_of_topics(ListTopics(limit=5, cursor=cursor))
            found += [each.id for each in page.items]
            # One that was shown already moves to the front: it neither comes again nor shifts the rest.
            await edit_topic(EditTopic(topic_id=found[0], by="Олена", icon=f"{len(found)}"))
            cursor = page.next_cursor
            if cursor is None:
                return found, [each.id for each in reversed(made)]

    found, expected = review(scenario)
    assert found == expected


def test_a_cursor_of_another_list_is_invalid(review: Run) -> None:
    async def scenario() -> Any:
        return await refused(page_of_topics(ListTopics(cursor="bm9uc2Vuc2U")))

    assert review(scenario).field == "cursor"


def test_edits_at_the_same_time_are_all_kept_and_numbered(review: Run) -> None:
    async def scenario() -> tuple[TopicRecord, list[Any]]:
        made = await topic("Реліз")
        edits = [EditTopic(topic_id=made.id, by="Олена", description=f"{number}") for number in range(8)]
        await asyncio.gather(*(edit_topic(edit) for edit in edits))
        versions = await page_of_versions(ListVersions(entity="topic", entity_id=made.id))
        return await topic_now(made.id), versions.items

    now, versions = review(scenario)
    assert [version.number for version in versions] == list(range(9, 1, -1))
    assert now.version == 9
    assert versions[0].changes[0].after == now.description
    earlier = [version.changes[0].before for version in versions]
    assert earlier[:-1] == [version.changes[0].after for version in versions[1:]]


def test_ids_beyond_the_databases_are_refused_by_the_contract() -> None:
    with pytest.raises(msgspec.ValidationError, match="topic_id"):
        msgspec.json.decode(b'{"topic_id": 9223372036854775808}', type=GetTopic)
