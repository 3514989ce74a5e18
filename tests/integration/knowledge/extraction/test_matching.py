"""What is known already is not made again; what changes it is proposed."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from services.knowledge.extracting import extract
from services.knowledge.queries import start_extraction
from services.knowledge.repository.known import is_there_more, what_is_seen
from services.knowledge.repository.saving import make_topic
from services.knowledge.reviews.decisions import review_atom
from services.knowledge.reviews.merges import take_topic_over, undo_merge
from services.knowledge.reviews.topics import create_topic, review_topic
from services.knowledge.reviews.versions import page_of_versions
from shared.contracts.embedding import EmbedTexts, FindNeighbours
from shared.contracts.knowledge import (
    CreateTopic,
    ListVersions,
    MergeTopics,
    ReviewAtom,
    ReviewTopic,
    StartExtraction,
    UndoMerge,
    VersionRecord,
)
from shared.llm.resolving import stop_listening
from shared.messaging.transaction import transaction
from tests.integration.knowledge.extraction.answers import (
    TOPIC,
    answering,
    atom,
    atom_is,
    each_line,
    lines,
    of_these,
    topic,
    topic_is,
)
from tests.integration.knowledge.extraction.stage import Stage, do, do_sent, rows, states, value
from tests.integration.knowledge.extraction.test_extraction import (
    TALK,
    atoms,
    extracted,
    extractions,
    say,
    topics,
)

SECOND = tuple(f"{words}, знову" for words in TALK)


def first_line(**fields: Any) -> Any:
    """Only the first line of a conversation is an atom."""
    return lambda request: of_these(atom(lines(request)[0], **fields))


async def twice(stage: Stage, **second: Any) -> None:
    """Extract one conversation, and later another one."""
    say(stage, minutes_ago=600)
    await extracted(stage)
    say(stage, *SECOND, first=100, minutes_ago=300)
    if second:
        stage.llm.chat.always(answering(**second))
    await do(stage.world.considered(range(100, 110)))
    await do_sent()


async def drafts() -> list[VersionRecord]:
    return (await page_of_versions(ListVersions(status="draft"))).items


def test_topic_of_the_same_name_is_the_same_whatever_its_case(stage: Stage) -> None:
    stage.llm.chat.always(answering(first_line()))

    async def scenario() -> tuple[Any, ...]:
        await twice(stage, extract=first_line(of="черга  ОБРОБНИКА"))
        return await topics(), await extractions()

    (only,), (second, _) = stage.run(scenario)
    assert (only.name, only.atoms) == (TOPIC, 2)
    assert (second.topics_created, second.topics_matched) == (0, 1)
    assert "match_topic" not in {request.task for request in stage.llm.chat.requests}


def test_topic_is_matched_by_meaning_and_what_it_lacks_is_proposed(stage: Stage) -> None:
    stage.llm.chat.always(answering(first_line()))
    longer = "Як працює черга, і що робити, коли вона стоїть."

    async def scenario() -> tuple[Any, ...]:
        await twice(
            stage,
            extract=first_line(of="Обробник черги"),
            topics=topic_is(TOPIC, description=longer),
        )
        return await topics(), await drafts(), await extractions()

    (only,), (draft,), (second, _) = stage.run(scenario)
    assert (only.name, only.atoms, only.description, only.drafts) == (TOPIC, 2, "Як працює черга.", 1)
    assert [(change.field, change.before, change.after) for change in draft.changes] == [
        ("description", "Як працює черга.", longer)
    ]
    assert (draft.entity, draft.number, draft.run_id, draft.created_by) == ("topic", 2, second.id, None)
    assert draft.confidence == 0.95
    assert 0.3 < (draft.similarity or 0) <= 1
    assert second.versions_created == 1


def test_topic_that_is_another_one_is_made(stage: Stage) -> None:
    stage.llm.chat.always(answering(first_line()))

    async def scenario() -> list[str]:
        await twice(stage, extract=first_line(of="Обробник черги"))
        return sorted(each.name for each in await topics())

    assert stage.run(scenario) == ["Обробник черги", TOPIC]


def test_name_that_was_merged_away_leads_to_the_topic_that_has_it_now(stage: Stage) -> None:
    stage.llm.chat.always(answering(first_line()))

    async def scenario() -> tuple[Any, ...]:
        kept = await create_topic(CreateTopic(name="Черги повідомлень", by="Олена"))
        say(stage, minutes_ago=600)
        await extracted(stage)
        (made,) = [each for each in await topics() if each.id != kept.id]
        await take_topic_over(MergeTopics(kept_id=kept.id, merged_id=made.id, by="Олена"))
        say(stage, *SECOND, first=100, minutes_ago=300)
        await do(stage.world.considered(range(100, 110)))
        await do_sent()
        return kept.id, await topics(), await atoms()

    kept_id, (only,), found = stage.run(scenario)
    assert only.id == kept_id
    assert [[each.id for each in one.topics] for one in found] == [[kept_id], [kept_id]]


def test_rejected_topic_is_not_made_again_and_its_atoms_go_without(stage: Stage) -> None:
    stage.llm.chat.always(answering(first_line()))

    async def scenario() -> tuple[Any, ...]:
        made = await create_topic(CreateTopic(name=TOPIC, by="Олена"))
        await review_topic(ReviewTopic(topic_id=made.id, status="rejected", by="Олена"))
        say(stage)
        await extracted(stage)
        return await value("SELECT count(*) FROM knowledge.topics"), await atoms()

    count, (only,) = stage.run(scenario)
    assert count == 1
    assert only.topics == []


def test_atom_that_says_the_very_same_adds_its_quote_and_can_be_taken_back(stage: Stage) -> None:
    stage.llm.chat.always(answering(first_line(content="Черга стоїть годину.")))

    async def scenario() -> tuple[Any, ...]:
        await twice(stage)
        merged = await atoms(), await extractions()
        ((merge_id, run_id),) = await rows("SELECT id, run_id FROM knowledge.merges")
        await undo_merge(UndoMerge(merge_id=merge_id, by="Олена"))
        return merged, run_id, await atoms()

    ((only,), (second, _)), run_id, undone = stage.run(scenario)
    assert [each.message_id for each in only.citations] == [1, 100]
    assert (second.atoms_created, second.atoms_merged) == (0, 1)
    assert run_id == second.id
    assert [[each.message_id for each in one.citations] for one in undone] == [[1], [100]]
    assert [[each.name for each in one.topics] for one in undone] == [[TOPIC], [TOPIC]]
    assert "match_atom" not in {request.task for request in stage.llm.chat.requests}


def test_atom_that_says_the_same_in_other_words_is_merged_by_decision(stage: Stage) -> None:
    stage.llm.chat.always(answering(first_line(content="Черга стоїть годину.")))

    async def scenario() -> tuple[Any, ...]:
        await twice(
            stage,
            extract=first_line(content="Черга стоїть уже цілу годину."),
            atoms=atom_is("same", "Черга стоїть годину"),
        )
        return await atoms(), await rows("SELECT similarity, merged_by FROM knowledge.merges")

    (only,), ((similarity, merged_by),) = stage.run(scenario)
    assert only.content == "Черга стоїть годину."
    assert len(only.citations) == 2
    assert 0.3 < similarity < 1
    assert merged_by is None


@pytest.mark.parametrize("confidence", [0.59, 0.3])
def test_unsure_decision_merges_nothing(stage: Stage, confidence: float) -> None:
    stage.llm.chat.always(answering(first_line(content="Черга стоїть годину.")))

    async def scenario() -> int:
        await twice(
            stage,
            extract=first_line(content="Черга стоїть уже цілу годину."),
            atoms=atom_is("same", "Черга стоїть", confidence=confidence),
        )
        return len(await atoms())

    assert stage.run(scenario) == 2


def test_two_that_are_the_same_as_a_third_are_not_merged_with_each_other(stage: Stage) -> None:
    """The third is found to be the same as both: it is merged into one of them alone."""

    def two(request: Any) -> Any:
        one, other, *_ = lines(request)
        return of_these(
            atom(one, content="Черга стоїть годину."), atom(other, content="Черга стоїть другу годину.")
        )

    stage.llm.chat.always(answering(two))

    async def scenario() -> tuple[Any, ...]:
        await twice(
            stage,
            extract=first_line(content="Черга стоїть годину або дві."),
            atoms=atom_is("same", "Черга стоїть"),
        )
        return await atoms(), await value("SELECT count(*) FROM knowledge.merges")

    found, merges = stage.run(scenario)
    assert sorted(len(each.citations) for each in found) == [1, 2]
    assert merges == 1


def test_refined_atom_is_a_draft_with_a_diff_until_a_person_approves(stage: Stage) -> None:
    stage.llm.chat.always(answering(first_line(content="Черга стоїть годину.")))
    fuller = "Черга стоїть годину, бо обробнику бракує пам'яті."

    async def scenario() -> tuple[Any, ...]:
        await twice(
            stage,
            extract=first_line(content="Черга стоїть годину через пам'ять.", confidence=0.8),
            atoms=atom_is("refines", "Черга стоїть", content=fuller),
        )
        return await atoms(), await drafts(), await extractions()

    (only,), (draft,), (second, _) = stage.run(scenario)
    assert (only.content, only.drafts, only.version) == ("Черга стоїть годину.", 1, 1)
    assert [each.message_id for each in only.citations] == [1, 100]
    assert [(change.field, change.before, change.after) for change in draft.changes] == [
        ("content", "Черга стоїть годину.", fuller)
    ]
    assert (draft.confidence, draft.reason) == (0.8, "Про те саме.")
    assert second.versions_created == 1


def test_refinement_that_repeats_the_prompt_changes_nothing(stage: Stage) -> None:
    stage.llm.chat.always(answering(first_line(content="Черга стоїть годину.")))

    def leaking(request: Any) -> Any:
        prompt = stage.llm.chat.requests[0].messages[0]["content"]
        return atom_is("refines", "Черга стоїть", content=prompt[300:600])(request)

    async def scenario() -> list[Any]:
        await twice(stage, extract=first_line(content="Черга стоїть цілу годину."), atoms=leaking)
        return await drafts()

    assert stage.run(scenario) == []


def test_later_decision_replaces_an_earlier_one_once_both_are_approved(stage: Stage) -> None:
    stage.llm.chat.always(answering(first_line(kind="decision", content="Перезапуск о 3:00 щоночі.")))

    async def scenario() -> tuple[Any, ...]:
        await twice(
            stage,
            extract=first_line(kind="decision", content="Перезапуск о 5:00 щоночі."),
            atoms=atom_is("supersedes", "Перезапуск о 3:00"),
        )
        proposed = await atoms()
        for each in proposed:
            await review_atom(ReviewAtom(atom_id=each.id, status="approved", by="Олена"))
        return (
            proposed,
            await atoms(),
            await rows("SELECT from_atom, to_atom, type FROM knowledge.atom_links"),
        )

    (earlier, later), (ended, holds), links = stage.run(scenario)
    assert (earlier.superseded_by, earlier.valid_to, later.supersedes) == (None, None, [earlier.id])
    assert ended.superseded_by == later.id
    assert ended.valid_to == holds.valid_from == stage.world.messages[100].sent_at
    assert holds.valid_to is None
    assert links == [(later.id, earlier.id, "contradicts")]


def test_earlier_decision_that_is_extracted_later_replaces_nothing(stage: Stage) -> None:
    stage.llm.chat.always(answering(first_line(kind="decision", content="Перезапуск о 5:00 щоночі.")))

    async def scenario() -> list[Any]:
        say(stage, minutes_ago=300)
        await extracted(stage)
        say(stage, *SECOND, first=100, minutes_ago=600)
        stage.llm.chat.always(
            answering(
                first_line(kind="decision", content="Перезапуск о 3:00 щоночі."),
                atoms=atom_is("contradicts", "Перезапуск о 5:00"),
            )
        )
        await do(stage.world.considered(range(100, 110)))
        await do_sent()
        return [each.superseded_by for each in await atoms()]

    assert stage.run(scenario) == [None, None]


def test_solution_is_linked_to_the_problem_of_an_earlier_conversation(stage: Stage) -> None:
    stage.llm.chat.always(answering(first_line(kind="problem", content="Черга стоїть годину.")))

    async def scenario() -> tuple[Any, ...]:
        await twice(
            stage,
            extract=first_line(kind="solution", content="Черга вже не стоїть годину."),
            atoms=atom_is("solves", "Черга стоїть", confidence=0.7),
        )
        return await atoms(), await rows(
            "SELECT from_atom, to_atom, type, strength FROM knowledge.atom_links"
        )

    (problem, solution), links = stage.run(scenario)
    assert links == [(solution.id, problem.id, "solves", 0.7)]


def test_answer_about_what_was_not_asked_changes_nothing(stage: Stage) -> None:
    stage.llm.chat.always(answering(first_line(content="Черга стоїть годину.")))

    def beyond(_: Any) -> Any:
        given = {"relation": "same", "confidence": 1.0, "title": None, "content": None, "reason": ""}
        return {"matches": [{"found": 1, "known": 77, **given}, {"found": 9, "known": 1, **given}]}

    async def scenario() -> int:
        await twice(stage, extract=first_line(content="Черга стоїть уже цілу годину."), atoms=beyond)
        return len(await atoms())

    assert stage.run(scenario) == 2


def test_matching_without_an_answer_is_left_to_words(stage: Stage) -> None:
    stage.llm.chat.always(answering(first_line(content="Черга стоїть годину.")))

    async def scenario() -> tuple[Any, ...]:
        await twice(
            stage,
            extract=first_line(content="Годину стоїть черга", of="обробника черга"),
            topics=lambda _: "no JSON",
            atoms=lambda _: "no JSON",
        )
        return await topics(), await atoms(), await extractions()

    (only,), (one,), (second, _) = stage.run(scenario)
    assert second.status == "completed"
    assert only.name == TOPIC
    assert len(one.citations) == 2


def test_what_has_no_vector_yet_is_compared_all_the_same(stage: Stage) -> None:
    stage.world.embeds = False
    stage.llm.chat.always(answering(first_line(content="Черга стоїть годину.")))

    async def scenario() -> tuple[Any, ...]:
        await twice(
            stage,
            extract=first_line(content="Черга стоїть цілу годину.", of="Обробник черги"),
            topics=topic_is(TOPIC),
            atoms=atom_is("same", "Черга стоїть"),
        )
        return len(await topics()), len(await atoms())

    assert stage.run(scenario) == (1, 1)
    assert stage.world.asked[EmbedTexts.subject] > 0


def test_words_do_while_embedding_is_away(stage: Stage) -> None:
    stage.world.down.add("embedding")
    stage.llm.chat.always(answering(first_line(content="Черга стоїть годину.")))

    async def scenario() -> tuple[Any, ...]:
        await twice(
            stage,
            extract=first_line(content="Черга стоїть цілу годину.", of="Обробник черги"),
            topics=topic_is(TOPIC),
            atoms=atom_is("same", "Черга стоїть"),
        )
        return len(await topics()), len(await atoms()), await states()

    assert stage.run(scenario) == (1, 1, {"done": 20})
    assert stage.world.asked[FindNeighbours.subject] > 0


def test_extractions_at_the_same_time_make_one_topic_and_one_atom(stage: Stage) -> None:
    for chat in range(1, 5):
        say(stage, first=100 * chat, chat=chat)
    stage.llm.chat.always(
        answering(
            first_line(content="Черга стоїть годину."),
            topics=topic_is(TOPIC),
            atoms=atom_is("same", "Черга"),
            after=0.2,
        )
    )

    async def scenario() -> tuple[Any, ...]:
        for chat in range(1, 5):
            await do(stage.world.considered(range(100 * chat, 100 * chat + 10)))
        run_ids = [row[0] for row in await rows("SELECT id FROM knowledge.extraction_runs")]
        await asyncio.gather(*(_run(run_id) for run_id in run_ids))
        return len(run_ids), await topics(), await atoms(), await states()

    runs, found, (only,), waiting = stage.run(scenario)
    assert runs == 4
    assert [each.name for each in found] == [TOPIC]
    assert [each.message_id for each in only.citations] == [100, 200, 300, 400]
    assert waiting == {"done": 40}


async def _run(run_id: Any) -> None:
    await extract(run_id, None)


def test_topics_by_two_names_at_the_same_time_are_seen_by_the_later_one(stage: Stage) -> None:
    """Each finds nothing known; the one that saves second looks again, and finds what the first has made."""
    say(stage, first=100, chat=1)
    say(stage, first=200, chat=2)

    def named(request: Any) -> Any:
        first = lines(request)[0]
        of = TOPIC if request.data["chat"] == "Чат 1" else "Обробник черги"
        return of_these(atom(first, of=of, content=f"Черга: {request.data['chat']}"), topics=[topic(of)])

    stage.llm.chat.always(answering(named, topics=either_is_the_known, after=0.3))

    async def scenario() -> tuple[Any, ...]:
        await do(stage.world.considered(range(100, 110)))
        await do(stage.world.considered(range(200, 210)))
        run_ids = [row[0] for row in await rows("SELECT id FROM knowledge.extraction_runs")]
        await asyncio.gather(*(_run(run_id) for run_id in run_ids))
        return len(run_ids), await topics()

    runs, found = stage.run(scenario)
    assert runs == 2
    assert [each.atoms for each in found] == [2]


def either_is_the_known(request: Any) -> Any:
    return topic_is(request.data["known"][0]["name"])(request)


def test_same_messages_again_add_nothing_and_ask_nothing(stage: Stage) -> None:
    stage.llm.chat.always(answering())

    async def counts() -> list[Any]:
        tables = (
            "topics",
            "atoms",
            "atom_sources",
            "atom_links",
            "topic_versions",
            "atom_versions",
            "merges",
        )
        return [await value(f"SELECT count(*) FROM knowledge.{name}") for name in tables]  # noqa: S608

    async def scenario() -> tuple[Any, ...]:
        await twice(stage)
        before, asked = await counts(), len(stage.llm.chat.requests)
        await start_extraction(
            StartExtraction(run_id=uuid4(), started_by="Олена", message_ids=list(range(1, 11)), again=True)
        )
        await do_sent()
        return before, asked, await counts(), (await extractions())[0], await states()

    before, asked, after, run, waiting = stage.run(scenario)
    assert after == before
    assert len(stage.llm.chat.requests) == asked
    assert (run.status, run.cost, run.atoms_created, run.atoms_merged) == ("completed", 0.0, 0, 0)
    assert run.cached_calls == 1
    assert waiting == {"done": 20}


def test_another_model_asks_anew_and_adds_only_what_is_new(stage: Stage) -> None:
    stage.llm.chat.always(answering())

    async def scenario() -> tuple[Any, ...]:
        say(stage)
        await extracted(stage)
        stage.world.extracts(model="better-model")
        await stop_listening()
        await start_extraction(StartExtraction(run_id=uuid4(), started_by="Олена", chat_ids=[1], again=True))
        await do_sent()
        return (
            (await extractions())[0],
            len(await atoms()),
            await value("SELECT count(*) FROM knowledge.merges"),
        )

    run, count, merges = stage.run(scenario)
    assert (run.model, run.status, run.atoms_created, run.atoms_merged) == ("better-model", "completed", 0, 0)
    assert (count, merges) == (10, 0)
    assert {request.model for request in stage.llm.chat.requests} == {"chat-model", "better-model"}


def test_topic_is_the_same_where_languages_disagree_about_small_letters(stage: Stage) -> None:
    stage.llm.chat.always(answering(lambda request: each_line(request, of="ΧΡΟΝΟΣ İŞLEM")))

    async def scenario() -> tuple[Any, ...]:
        await twice(stage)
        return await topics(), [run.status for run in await extractions()]

    (found,), statuses = stage.run(scenario)
    assert (found.name, found.atoms, statuses) == ("ΧΡΟΝΟΣ İŞLEM", 20, ["completed"] * 2)


def test_what_an_extraction_commits_late_is_seen_although_a_person_was_quicker(stage: Stage) -> None:
    async def scenario() -> tuple[bool, bool]:
        async with transaction() as extraction:
            await make_topic(
                extraction,
                name="Повільна",
                icon="📦",
                colour="#000000",
                status="approved",
                confidence=1.0,
                run_id=uuid4(),
            )
            await create_topic(CreateTopic(name="Швидка", by="Олена"))
            async with transaction() as tx:
                seen = await what_is_seen(tx)
        async with transaction() as tx:
            return await is_there_more(tx, seen), await is_there_more(tx, await what_is_seen(tx))

    assert stage.run(scenario) == (True, False)
