"""Atoms that are known already are not made again; what changes them is proposed."""

from typing import Any

import pytest

from services.knowledge.reviews.decisions import review_atom
from services.knowledge.reviews.merges import undo_merge
from shared.contracts.atoms import ReviewAtom
from shared.contracts.embedding import EmbedTexts, FindNeighbours
from shared.contracts.revisions import UndoMerge
from tests.integration.knowledge.extraction.answers import (
    TOPIC,
    answering,
    atom,
    atom_is,
    lines,
    of_these,
    topic_is,
)
from tests.integration.knowledge.extraction.looking import rows, states, value
from tests.integration.knowledge.extraction.stage import Stage, do, do_sent
from tests.integration.knowledge.extraction.talk import (
    SECOND,
    atoms,
    drafts,
    extracted,
    extractions,
    first_line,
    say,
    topics,
    twice,
)


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
