"""Topics that are known already are not made again; what they lack is proposed."""

from typing import Any

from services.knowledge.reviews.merges import take_topic_over
from services.knowledge.reviews.topics import create_topic, review_topic
from services.knowledge.reviews.versions import review_version
from shared.contracts.revisions import MergeTopics, ReviewVersion
from shared.contracts.topics import CreateTopic, ReviewTopic
from tests.integration.knowledge.extraction.answers import (
    TOPIC,
    answering,
    atom,
    each_line,
    lines,
    of_these,
    topic,
    topic_is,
)
from tests.integration.knowledge.extraction.looking import states, value
from tests.integration.knowledge.extraction.stage import Stage, do, do_sent
from tests.integration.knowledge.extraction.talk import (
    SECOND,
    TALK,
    atoms,
    drafts,
    extracted,
    extractions,
    first_line,
    say,
    topics,
    twice,
)


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


def test_topic_is_the_same_where_languages_disagree_about_small_letters(stage: Stage) -> None:
    stage.llm.chat.always(answering(lambda request: each_line(request, of="ΧΡΟΝΟΣ İŞLEM")))

    async def scenario() -> tuple[Any, ...]:
        await twice(stage)
        return await topics(), [run.status for run in await extractions()]

    (found,), statuses = stage.run(scenario)
    assert (found.name, found.atoms, statuses) == ("ΧΡΟΝΟΣ İŞLEM", 20, ["completed"] * 2)


def test_description_is_proposed_once_in_whatever_words_and_not_again_when_it_was_rejected(
    stage: Stage,
) -> None:
    def described(words: str) -> Any:
        return answering(lambda request: of_these(atom(lines(request)[0]), topics=[topic(description=words)]))

    async def scenario() -> tuple[Any, ...]:
        await create_topic(CreateTopic(name=TOPIC, by="Олена"))
        found = []
        for turn, words in enumerate(("Про чергу.", "Про обробник.", "Про чергу.")):
            stage.llm.chat.always(described(words))
            first = 100 * turn + 1
            say(stage, *(f"{said} {turn}" for said in TALK), first=first, minutes_ago=600 - 120 * turn)
            await do(stage.world.considered(range(first, first + 10)))
            await do_sent()
            found.append([draft.changes[0].after for draft in await drafts()])
            if turn == 1:
                (only,) = await drafts()
                await review_version(ReviewVersion(version_id=only.id, approve=False, by="Олена"))
        return found, await states()

    found, waiting = stage.run(scenario)
    assert found == [["Про чергу."], ["Про чергу."], []]
    assert waiting == {"done": 30}
