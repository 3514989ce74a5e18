"""Drafts of changes: approved, rejected, outdated, decided by two at once."""

import asyncio
from typing import Any

import pytest

from services.knowledge.reviews.atoms import edit_atom
from services.knowledge.reviews.merges import take_topic_over
from services.knowledge.reviews.topics import edit_topic
from services.knowledge.reviews.versions import page_of_versions, review_version
from shared.contracts.atoms import AtomRecord, EditAtom
from shared.contracts.errors import QueryError
from shared.contracts.revisions import ListVersions, MergeTopics, ReviewVersion, VersionRecord
from shared.contracts.topics import EditTopic, TopicRecord
from tests.integration.knowledge.conftest import Run
from tests.integration.knowledge.people import (
    atom,
    atom_now,
    draft,
    refused,
    rows,
    said,
    topic,
    topic_now,
)


async def decide(version_id: int, *, by: str = "Петро", approve: bool = True) -> VersionRecord:
    return await review_version(ReviewVersion(version_id=version_id, approve=approve, by=by))


def test_an_approved_draft_of_a_topic_holds(review: Run) -> None:
    async def scenario() -> tuple[TopicRecord, TopicRecord, VersionRecord, Any]:
        made = await topic("Реліз")
        waiting = await draft(
            "topic", made.id, ("name", "Реліз", "Випуск"), ("icon", "💬", "🚀"), reason="Так його звуть"
        )
        before = await topic_now(made.id)
        decided = await decide(waiting.id)
        return before, await topic_now(made.id), decided, await said("entity_changed")

    before, after, decided, events = review(scenario)
    assert (before.name, before.version, before.drafts) == ("Реліз", 1, 1)
    assert (after.name, after.icon, after.version, after.drafts) == ("Випуск", "🚀", 2, 0)
    assert (decided.status, decided.reviewed_by, decided.number) == ("approved", "Петро", 2)
    assert decided.reviewed_at is not None
    assert '"change":"edited"' in events[-1]


def test_an_approved_draft_of_an_atom_holds_with_its_topics(review: Run) -> None:
    async def scenario() -> tuple[AtomRecord, list[Any]]:
        one, other = await topic("Реліз"), await topic("Дизайн")
        made = await atom(topic_ids=[one.id])
        waiting = await draft(
            "atom",
            made.id,
            ("title", made.title, "Реліз у п'ятницю"),
            ("confidence", 1.0, 0.9),
            ("topics", [one.id], [other.id]),
        )
        await decide(waiting.id)
        return await atom_now(made.id), await rows(
            "SELECT message_id, topic_id FROM knowledge.message_topics"
        )

    now, messages = review(scenario)
    assert (now.title, now.confidence) == ("Реліз у п'ятницю", 0.9)
    assert [each.name for each in now.topics] == ["Дизайн"]
    assert messages == [(1, now.topics[0].id)]


def test_a_rejected_draft_is_kept_and_changes_nothing(review: Run) -> None:
    async def scenario() -> tuple[TopicRecord, list[VersionRecord]]:
        made = await topic("Реліз")
        waiting = await draft("topic", made.id, ("icon", "💬", "🚀"))
        await decide(waiting.id, approve=False)
        return await topic_now(made.id), (await page_of_versions(ListVersions(status="rejected"))).items

    now, (version,) = review(scenario)
    assert (now.icon, now.version, now.drafts) == ("💬", 1, 0)
    assert (version.status, version.reviewed_by) == ("rejected", "Петро")


@pytest.mark.parametrize(
    ("edit", "at_fault"),
    [({"icon": "⛵"}, "icon"), ({"description": "інше"}, None), ({"icon": "🚀"}, None)],
)
def test_a_draft_is_refused_when_just_what_it_changes_has_become_something_else(
    review: Run, edit: dict[str, Any], at_fault: str | None
) -> None:
    async def scenario() -> tuple[Any, TopicRecord]:
        made = await topic("Реліз")
        waiting = await draft("topic", made.id, ("icon", "💬", "🚀"))
        await edit_topic(EditTopic(topic_id=made.id, by="Олена", **edit))
        asked = decide(waiting.id)
        return (await refused(asked)) if at_fault else (await asked), await topic_now(made.id)

    answer, now = review(scenario)
    if at_fault is None:
        assert (answer.status, now.icon) == ("approved", "🚀")
    else:
        assert (answer.code, answer.field) == ("conflict", at_fault)
        assert answer.message.startswith("The icon of topic 1 has changed since version 2 was written")
        assert (now.icon, now.drafts) == ("⛵", 1)


def test_a_draft_that_gives_a_taken_name_is_a_conflict_and_goes_on_waiting(review: Run) -> None:
    async def scenario() -> tuple[Any, TopicRecord]:
        made, other = await topic("Реліз"), await topic("Випуск")
        waiting = await draft("topic", made.id, ("name", "Реліз", "випуск"), ("icon", "💬", "🚀"))
        refusal = await refused(decide(waiting.id))
        assert str(other.id) in refusal.message
        return refusal, await topic_now(made.id)

    refusal, now = review(scenario)
    assert (refusal.code, refusal.field) == ("conflict", "name")
    assert (now.name, now.icon, now.drafts) == ("Реліз", "💬", 1)


def test_of_two_people_who_decide_at_once_one_does_and_the_other_hears_of_it(review: Run) -> None:
    async def scenario() -> tuple[list[Any], TopicRecord, list[Any]]:
        made = await topic("Реліз")
        waiting = await draft("topic", made.id, ("icon", "💬", "🚀"))
        people = [f"Людина {number}" for number in range(6)]
        found = await asyncio.gather(
            *(decide(waiting.id, by=by, approve=place % 2 == 0) for place, by in enumerate(people)),
            return_exceptions=True,
        )
        return (
            list(found),
            await topic_now(made.id),
            await rows("SELECT status FROM knowledge.topic_versions"),
        )

    found, now, statuses = review(scenario)
    (decided,) = [each for each in found if isinstance(each, VersionRecord)]
    refusals = [each for each in found if isinstance(each, QueryError)]
    assert len(refusals) == 5
    assert {str(each) for each in refusals} == {
        f"Version 2 of topic 1 was {decided.status} by {decided.reviewed_by} already."
    }
    assert now.icon == ("🚀" if decided.status == "approved" else "💬")
    assert statuses == [(decided.status,)]


def test_the_same_decision_again_is_answered_as_the_first(review: Run) -> None:
    async def scenario() -> tuple[VersionRecord, VersionRecord, Any]:
        made = await topic("Реліз")
        waiting = await draft("topic", made.id, ("icon", "💬", "🚀"))
        first = await decide(waiting.id)
        await edit_topic(EditTopic(topic_id=made.id, by="Олена", icon="⛵"))
        second = await decide(waiting.id)
        return first, second, await refused(decide(waiting.id, approve=False))

    first, second, other = review(scenario)
    assert first == second
    assert other.code == "conflict"


def test_two_drafts_of_one_field_exclude_each_other(review: Run) -> None:
    async def scenario() -> tuple[Any, TopicRecord]:
        made = await topic("Реліз")
        one = await draft("topic", made.id, ("icon", "💬", "🚀"))
        other = await draft("topic", made.id, ("icon", "💬", "⛵"))
        assert (one.number, other.number) == (2, 3)
        await decide(other.id)
        return await refused(decide(one.id)), await topic_now(made.id)

    refusal, now = review(scenario)
    assert refusal.field == "icon"
    assert (now.icon, now.version, now.drafts) == ("⛵", 3, 1)


def test_drafts_written_at_the_same_time_have_numbers_of_their_own(review: Run) -> None:
    async def scenario() -> list[int]:
        made = await topic("Реліз")
        drafts = [draft("topic", made.id, ("icon", "💬", f"{number}")) for number in range(8)]
        return sorted(version.number for version in await asyncio.gather(*drafts))

    assert review(scenario) == list(range(2, 10))


def test_a_draft_of_what_was_merged_away_can_be_rejected_but_not_approved(review: Run) -> None:
    async def scenario() -> tuple[Any, VersionRecord]:
        made, kept = await topic("Реліз"), await topic("Випуск")
        waiting = await draft("topic", made.id, ("icon", "💬", "🚀"))
        await take_topic_over(MergeTopics(kept_id=kept.id, merged_id=made.id, by="Олена"))
        return await refused(decide(waiting.id)), await decide(waiting.id, approve=False)

    refusal, decided = review(scenario)
    assert refusal.message == "Topic 1 was merged into topic 2: change that one, or undo the merge."
    assert decided.status == "rejected"


def test_a_draft_into_a_topic_that_is_gone_is_a_conflict(review: Run) -> None:
    async def scenario() -> Any:
        gone, kept, made = await topic("Реліз"), await topic("Випуск"), await atom()
        waiting = await draft("atom", made.id, ("topics", [], [gone.id]))
        await take_topic_over(MergeTopics(kept_id=kept.id, merged_id=gone.id, by="Олена"))
        return await refused(decide(waiting.id))

    assert review(scenario).code == "conflict"


def test_versions_of_both_kinds_are_one_list_newest_first_without_gaps_or_repeats(review: Run) -> None:
    async def scenario() -> tuple[Any, Any, list[int]]:
        one, other = await topic("Реліз"), await atom()
        made = []
        for number in range(7):
            version = await draft("topic", one.id, ("icon", "💬", f"{number}"))
            made.append(("topic", version.id))
            version = await draft("atom", other.id, ("title", other.title, f"{number}"))
            made.append(("atom", version.id))
        found, cursor = [], None
        while True:
            page = await page_of_versions(ListVersions(status="draft", limit=4, cursor=cursor))
            found += [(each.entity, each.id) for each in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        of_one = await page_of_versions(ListVersions(entity="atom", entity_id=other.id))
        return found, made[::-1], [each.number for each in of_one.items]

    found, expected, numbers = review(scenario)
    assert found == expected
    assert numbers == list(range(8, 1, -1))


def test_long_versions_make_shorter_pages_and_none_is_lost(review: Run) -> None:
    async def scenario() -> tuple[int, list[int]]:
        made = await atom(content="а" * 8000)
        for number in range(40):
            content = f"{number % 10}" * 4000 + "я" * 4000
            await edit_atom(EditAtom(atom_id=made.id, by="Олена", content=content))
        pages, cursor = 0, None
        found: list[int] = []
        while True:
            page = await page_of_versions(ListVersions(limit=200, cursor=cursor))
            pages, found, cursor = pages + 1, found + [each.number for each in page.items], page.next_cursor
            if cursor is None:
                return pages, found

    pages, found = review(scenario)
    assert pages > 1
    assert found == list(range(41, 1, -1))


def test_the_id_of_something_needs_to_say_of_what(review: Run) -> None:
    async def scenario() -> Any:
        return await refused(page_of_versions(ListVersions(entity_id=1)))

    body = review(scenario)
    assert (body.code, body.field) == ("invalid", "entity")


def test_a_version_that_is_not_there_is_not_found(review: Run) -> None:
    async def scenario() -> Any:
        return await refused(decide(9))

    assert review(scenario).message == "There is no version 9."
