"""Atoms as people make, change, review and read them."""

import asyncio
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from services.knowledge.paging import LARGEST_PAGE
from services.knowledge.reviews.atoms import create_atom, edit_atom, find_atoms, page_of_atoms
from services.knowledge.reviews.decisions import review_atoms
from shared.contracts.atoms import (
    AtomRecord,
    CreateAtom,
    EditAtom,
    GetAtoms,
    ListAtoms,
    ReviewAtoms,
    ReviewOutcome,
)
from shared.contracts.knowledge import ReviewStatus
from shared.messaging.transaction import transaction
from tests.integration.knowledge.conftest import Run
from tests.integration.knowledge.people import (
    SENT,
    WORDS,
    atom,
    atom_now,
    refused,
    reviewed,
    rows,
    said,
    superseded,
    topic,
    topic_now,
)


async def listed(**query: Any) -> list[int]:
    return [each.id for each in (await page_of_atoms(ListAtoms(**query))).items]


def test_an_atom_of_a_person_is_approved_with_the_words_as_they_stand_in_the_message(review: Run) -> None:
    async def scenario() -> tuple[AtomRecord, Any, Any]:
        one = await topic("Реліз")
        quotes = [(2, "міграція \n довша"), (1, "Вирішили:  переносимо"), (1, "Вирішили: переносимо")]
        made = await atom(" Реліз\nу четвер ", topic_ids=[one.id, one.id], quotes=quotes)
        return made, await said("entity_changed"), await said("embed_atoms_batch_task")

    made, events, commands = review(scenario)
    assert (made.title, made.status, made.confidence, made.version) == ("Реліз у четвер", "approved", 1.0, 1)
    assert [(each.message_id, each.quote) for each in made.citations] == [
        (1, "Вирішили: переносимо"),
        (2, "міграція довша"),
    ]
    assert made.citations[0].author == "Олена Коваль"
    assert made.valid_from == made.citations[-1].sent_at > SENT
    assert [each.name for each in made.topics] == ["Реліз"]
    assert made.reviewed_by == "Олена"
    assert len(events) == 2
    assert len(commands) == 1


def test_only_decisions_have_a_validity(review: Run) -> None:
    assert review(lambda: atom(type="insight")).valid_from is None


@pytest.mark.parametrize(
    ("quotes", "field", "why"),
    [
        ([(1, "на четвер"), (1, "на п'ятницю")], "quotes[1]", "Message 1 does not say “на п'ятницю” word"),
        ([(1, "четве")], "quotes[0]", "Message 1 does not say “четве” word for word."),
        ([(1001, "на четвер")], "quotes[0]", "There is no message 1001 to quote."),
        ([(1, " \n ")], "quotes[0]", "word for word"),
        ([(1, "я" * 4096)], "quotes[0]", "я…” word for word."),
    ],
)
def test_a_quote_that_is_not_there_word_for_word_is_refused_and_nothing_is_kept(
    review: Run, quotes: Any, field: str, why: str
) -> None:
    async def scenario() -> tuple[Any, Any]:
        return await refused(atom(quotes=quotes)), await rows("SELECT count(*) FROM knowledge.atoms")

    body, count = review(scenario)
    assert (body.code, body.field) == ("invalid", field)
    assert why in body.message
    assert count == [(0,)]


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"topic_ids": [9]}, "topic_ids"), ({"title": " "}, "title"), ({"content": "\n"}, "content")],
)
def test_what_makes_no_atom_is_refused_and_nothing_is_kept(
    review: Run, fields: dict[str, Any], field: str
) -> None:
    async def scenario() -> tuple[Any, Any]:
        given = {
            "type": "decision",
            "title": "а",
            "content": "б",
            "by": "Олена",
            "quotes": [(1, WORDS)],
        } | fields
        body = await refused(create_atom(CreateAtom(**given)))
        return body, await rows("SELECT count(*) FROM knowledge.atoms")

    body, count = review(scenario)
    assert (body.code, body.field) == ("invalid", field)
    assert count == [(0,)]


def test_an_edit_holds_at_once_is_a_version_and_moves_the_messages_with_the_topics(review: Run) -> None:
    async def scenario() -> tuple[AtomRecord, Any, Any]:
        one, other = await topic("Реліз"), await topic("Дизайн")
        made = await atom(topic_ids=[one.id])
        beside = await atom("Ще", topic_ids=[one.id], quotes=[(1, "реліз"), (2, "реліз")])
        edited = await edit_atom(EditAtom(atom_id=made.id, by="Петро", title="Б", topic_ids=[other.id]))
        again = await edit_atom(EditAtom(atom_id=made.id, by="Петро", title="Б", topic_ids=[other.id]))
        assert again == edited
        await edit_atom(EditAtom(atom_id=beside.id, by="Петро", topic_ids=[]))
        members = await rows("SELECT topic_id, message_id FROM knowledge.message_topics ORDER BY 1, 2")
        return edited, members, other.id

    edited, members, other_id = review(scenario)
    assert (edited.title, edited.version) == ("Б", 2)
    assert [each.id for each in edited.topics] == [other_id]
    assert members == [(other_id, 1)]


def test_a_message_stays_in_a_topic_while_another_atom_of_the_topic_quotes_it(review: Run) -> None:
    async def scenario() -> Any:
        one = await topic("Реліз")
        made = await atom(topic_ids=[one.id])
        await atom("Ще", topic_ids=[one.id])
        await edit_atom(EditAtom(atom_id=made.id, by="Петро", topic_ids=[]))
        return (await topic_now(one.id)).messages

    assert review(scenario) == 1


def test_atoms_that_leave_a_topic_at_the_same_time_leave_no_message_behind(review: Run) -> None:
    async def scenario() -> Any:
        one = await topic("Реліз")
        made = [await atom(f"Рішення {number}", topic_ids=[one.id]) for number in range(6)]
        await asyncio.gather(
            *(edit_atom(EditAtom(atom_id=each.id, by="Петро", topic_ids=[])) for each in made)
        )
        return (await topic_now(one.id)).messages

    assert review(scenario) == 0


def test_atoms_are_found_by_each_filter(review: Run) -> None:
    async def scenario() -> dict[str, list[int]]:
        one = await topic("Реліз")
        decision = await atom(topic_ids=[one.id])
        insight = await atom("Ще", type="insight", quotes=[(2, "реліз")])
        later = await atom("Пізніше", topic_ids=[one.id], quotes=[(3, "реліз")])
        rejected = await atom("Ні", topic_ids=[one.id], quotes=[(2, "реліз")])
        await reviewed(rejected.id, "rejected")
        await superseded(decision.id, later.id)
        assert [decision.id, insight.id, later.id, rejected.id] == [1, 2, 3, 4]
        return {
            "all": await listed(),
            "topic": await listed(topic_id=one.id),
            "type": await listed(type="insight"),
            "rejected": await listed(status="rejected"),
            "approved": await listed(status="approved", type="decision"),
            "message": await listed(message_id=2),
            "rejected of the message": await listed(message_id=2, status="rejected"),
            "that hold": await listed(include_superseded=False),
            "none": await listed(topic_id=99),
        }

    assert review(scenario) == {
        "all": [3, 2, 1],
        "topic": [3, 1],
        "type": [2],
        "rejected": [4],
        "approved": [3, 1],
        "message": [2],
        "rejected of the message": [4],
        "that hold": [3, 2],
        "none": [],
    }


def test_pages_are_newest_first_without_gaps_or_repeats(review: Run) -> None:
    async def scenario() -> list[int]:
        for number in range(11):
            await atom(f"Рішення {number}")
        found, cursor = [], None
        while True:
            page = await page_of_atoms(ListAtoms(limit=4, cursor=cursor))
            found += [each.id for each in page.items]
            await atom("Новіше")
            cursor = page.next_cursor
            if cursor is None:
                return found

    assert review(scenario) == list(range(11, 0, -1))


def test_long_atoms_make_shorter_pages_and_none_is_lost(review: Run) -> None:
    async def scenario() -> tuple[int, list[int]]:
        for number in range(45):
            await atom(f"Рішення {number}", content="я" * 8000)
        pages, cursor = 0, None
        found: list[int] = []
        while True:
            page = await page_of_atoms(ListAtoms(limit=200, cursor=cursor))
            pages, found, cursor = pages + 1, found + [each.id for each in page.items], page.next_cursor
            if cursor is None:
                return pages, found

    pages, found = review(scenario)
    assert pages > 1
    assert found == list(range(45, 0, -1))


def test_an_atom_shows_its_first_hundred_citations(review: Run) -> None:
    async def scenario() -> list[int]:
        made = await atom(quotes=[(1, "реліз")])
        async with transaction() as tx:
            await tx.connection.exec_driver_sql(
                """
                INSERT INTO knowledge.atom_sources
                    (atom_id, message_id, quote, chat_id, sent_at, content_hash)
                SELECT id, number, 'реліз', 1, now() + number * interval '1 minute', ''
                FROM knowledge.atoms, generate_series(2, 150) number
                """
            )
        return [each.message_id for each in (await atom_now(made.id)).citations]

    assert review(scenario) == list(range(1, 101))


def test_atoms_by_id_come_in_id_order_and_unknown_ones_are_left_out(review: Run) -> None:
    async def scenario() -> list[int]:
        await atom()
        await atom("Ще")
        return [each.id for each in await find_atoms(GetAtoms(atom_ids=[99, 2, 1]))]

    assert review(scenario) == [1, 2]


def test_atoms_by_id_that_are_too_long_for_one_answer_are_asked_for_in_parts(review: Run) -> None:
    async def scenario() -> list[list[int]]:
        for number in range(20):
            await atom(f"Довге {number}", content="👍" * 8000)
        parts: list[list[int]] = []
        left = list(range(1, 21))
        while left:
            found = await find_atoms(GetAtoms(atom_ids=left))
            assert len(msgspec.json.encode(found)) <= LARGEST_PAGE
            parts.append([each.id for each in found])
            left = [each for each in left if each > parts[-1][-1]]
        return parts

    first, second = review(scenario)
    assert first + second == list(range(1, 21))


def test_a_review_asked_twice_answers_the_same(review: Run) -> None:
    async def scenario() -> tuple[AtomRecord, AtomRecord, Any]:
        made = await atom()
        first, second = await reviewed(made.id, "rejected"), await reviewed(made.id, "rejected", "Інший")
        return first, second, await said("entity_changed")

    first, second, events = review(scenario)
    assert first == second
    assert (first.status, first.reviewed_by) == ("rejected", "Петро")
    assert len(events) == 2


def test_many_are_reviewed_at_once_and_each_is_answered_for(review: Run) -> None:
    async def scenario() -> tuple[list[ReviewOutcome], list[Any]]:
        for number in range(3):
            await atom(f"Рішення {number}")
        await reviewed(2, "rejected")
        found = await review_atoms(ReviewAtoms(atom_ids=[3, 99, 1, 2, 3], status="rejected", by="Петро"))
        return found, await rows("SELECT id, status, reviewed_by FROM knowledge.atoms ORDER BY id")

    found, kept = review(scenario)
    assert [(each.atom_id, each.status) for each in found] == [
        (3, "rejected"),
        (99, None),
        (1, "rejected"),
        (2, "rejected"),
        (3, "rejected"),
    ]
    assert found[1].error is not None
    assert found[1].error.message == "There is no atom 99."
    assert kept == [(number, "rejected", "Петро") for number in (1, 2, 3)]


def test_many_reviewed_by_many_in_any_order_end_without_a_database_error(review: Run) -> None:
    async def scenario() -> set[Any]:
        made = [(await atom(f"Рішення {number}", quotes=[(number + 1, "реліз")])).id for number in range(8)]
        for earlier, later in pairwise(made):
            await superseded(earlier, later)
        statuses: list[ReviewStatus] = ["rejected", "approved", "needs_review"] * 4
        asked = [
            review_atoms(
                ReviewAtoms(atom_ids=made if place % 2 else made[::-1], status=status, by=f"{place}")
            )
            for place, status in enumerate(statuses)
        ]
        await asyncio.gather(*asked)
        return set(await rows("SELECT count(DISTINCT status) FROM knowledge.atoms"))

    assert review(scenario) == {(1,)}
