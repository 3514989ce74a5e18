"""Experiments: made of labels, worked on to the end, measured, listed, deleted."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from services.analysis import experiment_queries as queries
from services.analysis.actors import execute_classification_experiment
from services.analysis.tables import LOCAL_PROVIDER
from shared.contracts.experiments import (
    CreateExperiment,
    DeleteExperiment,
    GetExperiment,
    ListExperimentResults,
    ListExperiments,
    SnapshotTopic,
)
from shared.service import FinalFailure
from tests.fakes.llm import LlmServer, Says
from tests.integration.analysis.experimenting import (
    InChat,
    a_model,
    answering,
    begun,
    executed,
    results,
    right_answer,
)
from tests.integration.analysis.labelled_chat import LabelledChat
from tests.integration.analysis.looking import commands, events, refusal, rows


def test_basic_mode_classifies_by_the_nearest_topic_without_a_key(
    in_chat: InChat, chat: LabelledChat
) -> None:
    chat.fill(12)

    async def scenario() -> tuple[Any, ...]:
        made = await begun()
        return made, await executed(made.id), await results(made.id)

    made, done, found = in_chat(scenario)
    assert (made.status, made.provider_id, made.model, made.basic_mode) == (
        "pending",
        LOCAL_PROVIDER,
        "local",
        True,
    )
    assert (done.status, done.messages_done, done.messages_total) == ("completed", 12, 12)
    assert done.metrics is not None
    assert done.metrics.accuracy == 1.0
    assert done.metrics.confusion == {"1": {"1": 4}, "2": {"2": 4}, "3": {"3": 4}}
    assert done.cost == 0
    assert [each.message_id for each in found] == list(range(1, 13))
    assert all(0 < each.confidence <= 0.6 and each.duration_ms > 0 for each in found)
    assert all(len(each.alternatives) == 2 for each in found)
    assert max(chat.embedded) <= 32


def test_basic_mode_answers_the_same_every_time(in_chat: InChat, chat: LabelledChat) -> None:
    chat.fill(9)

    async def scenario() -> list[Any]:
        first = await begun()
        second = await begun(snapshot_of=first.id)
        await executed(first.id)
        await executed(second.id)
        return [
            [(each.predicted_id, each.confidence, each.alternatives) for each in await results(made.id)]
            for made in (first, second)
        ]

    first, second = in_chat(scenario)
    assert first == second


def test_a_model_is_asked_about_each_message_among_all_topics(
    in_chat: InChat, chat: LabelledChat, llm: LlmServer
) -> None:
    chat.fill(6)
    chat.approved = [SnapshotTopic(id=9, name="Обіди", description="хто йде на обід")]
    llm.chat.always(Says(right_answer))

    async def scenario() -> tuple[Any, ...]:
        made = await begun(provider_id=await a_model(llm), language="en")
        done = await executed(made.id)
        calls = await commands("record_llm_calls_task")
        return (
            made,
            done,
            await results(made.id),
            calls,
            await rows("SELECT calls, cached_calls FROM classification_experiments"),
        )

    made, done, found, calls, counted = in_chat(scenario)
    assert [topic.name for topic in made.topics] == [
        "Листи у спамі",
        "Обіди",
        "Повільний пошук",
        "Сканер без мережі",
    ]
    assert len(llm.chat.requests) == 6
    asked = llm.chat.requests[0]
    assert asked.task == "classify_message"
    assert asked.messages[0]["content"].startswith("A team has sorted")
    assert [topic["number"] for topic in asked.data["topics"]] == [1, 2, 3, 4]
    assert (done.status, done.metrics.accuracy, done.metrics.unclassified) == ("completed", 1.0, 0)
    assert done.metrics.mean_ms > 0
    assert done.cost == pytest.approx(done.metrics.cost)
    assert done.cost > 0
    assert [each.reasoning for each in found] == ["Про це йдеться."] * 6
    assert found[0].alternatives[0].topic_id == 2
    assert counted == [(6, 0)]
    assert {call["agent_id"] for command in calls for call in command["calls"]} == {str(made.id)}


def test_what_no_topic_or_no_answer_was_given_for_counts_as_unclassified(
    in_chat: InChat, chat: LabelledChat, llm: LlmServer
) -> None:
    chat.fill(6)

    def answer(request: Any) -> Any:
        number = int(request.data["message"].split(":")[0])
        if number == 1:
            return answering(None)
        if number == 2:
            return answering(99, alternatives=[{"topic": 0, "confidence": 0.3}])
        if number == 3 or request.is_repair:
            return "no JSON"
        return right_answer(request)

    llm.chat.always(Says(answer))

    async def scenario() -> tuple[Any, ...]:
        made = await begun(provider_id=await a_model(llm))
        done = await executed(made.id)
        return done, await results(made.id), await results(made.id, wrong=True)

    done, found, wrong = in_chat(scenario)
    assert (done.status, done.messages_done, done.metrics.unclassified) == ("completed", 6, 3)
    assert done.metrics.accuracy == 0.5
    assert [(each.predicted_id, each.confidence) for each in found[:3]] == [(None, 0.0)] * 3
    assert found[0].error is found[1].error is None
    assert found[1].alternatives == []
    assert found[2].error is not None
    assert [each.message_id for each in wrong] == [1, 2, 3]
    assert done.metrics.confusion["1"] == {"none": 1, "1": 1}


def test_progress_is_told_every_ten_messages_and_at_the_end(in_chat: InChat, chat: LabelledChat) -> None:
    chat.fill(25)

    async def scenario() -> tuple[Any, ...]:
        made = await begun()
        await executed(made.id)
        return (
            await events("experiment_started"),
            await events("experiment_progress"),
            await events("experiment_completed"),
        )

    started, progress, completed = in_chat(scenario)
    assert [each["experiment"]["status"] for each in started] == ["running"]
    assert [each["messages_done"] for each in progress] == [10, 20, 25]
    assert [each["experiment"]["status"] for each in completed] == ["completed"]
    assert completed[0]["experiment"]["metrics"]["messages"] == 25
    assert {topic.get("description", "") for topic in completed[0]["experiment"]["topics"]} == {""}


def test_making_one_twice_begins_it_once(in_chat: InChat, chat: LabelledChat) -> None:
    chat.fill(4)
    experiment_id = uuid4()

    async def scenario() -> tuple[Any, ...]:
        first = await begun(experiment_id=experiment_id)
        second = await begun(experiment_id=experiment_id, name="Інша назва")
        return first, second, await commands("execute_classification_experiment")

    first, second, sent = in_chat(scenario)
    assert first == second
    assert sent == [{"experiment_id": str(experiment_id)}]


def test_a_command_that_comes_again_changes_nothing(in_chat: InChat, chat: LabelledChat) -> None:
    chat.fill(4)

    async def scenario() -> tuple[Any, ...]:
        made = await begun()
        first, again = await executed(made.id), await executed(made.id)
        return first, again, await events("experiment_completed")

    first, again, completed = in_chat(scenario)
    assert first == again
    assert len(completed) == 1


def test_what_cannot_be_measured_is_refused_with_what_to_do(
    in_chat: InChat, chat: LabelledChat, llm: LlmServer
) -> None:
    async def scenario() -> list[Any]:
        no_labels = await refusal(begun())
        chat.fill(4, topics=1)
        one_topic = await refusal(begun())
        chat.fill(4)
        no_provider = await refusal(begun(provider_id=uuid4()))
        no_model = await refusal(begun(provider_id=await a_model(llm, chat_model=None)))
        a_model_by_rules = await refusal(begun(model="gpt"))
        no_snapshot = await refusal(begun(snapshot_of=uuid4()))
        chat.texts.clear()
        no_texts = await refusal(begun(name="Без текстів"))
        return [no_labels, one_topic, no_texts, no_provider, no_model, a_model_by_rules, no_snapshot]

    found = in_chat(scenario)
    assert [each[:2] for each in found] == [
        ("conflict", None),
        ("conflict", None),
        ("conflict", None),
        ("invalid", "provider_id"),
        ("invalid", "model"),
        ("invalid", "model"),
        ("invalid", "snapshot_of"),
    ]
    assert all("PUT /api/v1/messages/labels" in each[2] for each in found[:3])


def test_of_many_labels_as_many_are_taken_of_each_topic_as_there_are(
    in_chat: InChat, chat: LabelledChat
) -> None:
    chat.fill(30)
    chat.labels |= dict.fromkeys(range(31, 91), 1)
    chat.texts |= dict.fromkeys(range(31, 91), "ще один пошук")
    del chat.texts[2], chat.texts[5]

    async def scenario() -> tuple[Any, ...]:
        made = [await begun(messages=12) for _ in range(2)]
        return made, [
            await rows(
                "SELECT message_id, topic_id FROM experiment_labels WHERE snapshot_id = :id ORDER BY 1",
                id=each.snapshot_id,
            )
            for each in made
        ]

    made, (first, second) = in_chat(scenario)
    assert [each.messages_total for each in made] == [12, 12]
    assert first == second
    assert sorted(topic_id for _, topic_id in first) == [1] * 4 + [2] * 4 + [3] * 4
    assert not {2, 5} & {message_id for message_id, _ in first}


def test_a_later_experiment_may_have_the_same_snapshot(in_chat: InChat, chat: LabelledChat) -> None:
    chat.fill(6)

    async def scenario() -> tuple[Any, ...]:
        first = await begun()
        chat.fill(9)
        second = await begun(snapshot_of=first.id)
        await executed(first.id)
        await executed(second.id)
        await queries.delete_experiment(DeleteExperiment(experiment_id=first.id))
        left = await queries.find_experiment(GetExperiment(experiment_id=second.id))
        await queries.delete_experiment(DeleteExperiment(experiment_id=second.id))
        return first, second, left, await rows("SELECT count(*) FROM experiment_snapshots")

    first, second, left, snapshots = in_chat(scenario)
    assert second.snapshot_id == first.snapshot_id
    assert second.messages_total == first.messages_total == 6
    assert left.topics == first.topics
    assert snapshots == [(0,)]


def test_one_that_runs_cannot_be_deleted_and_one_that_ended_goes_with_its_results(
    in_chat: InChat, chat: LabelledChat
) -> None:
    chat.fill(4)

    async def scenario() -> tuple[Any, ...]:
        made = await begun()
        early = await refusal(queries.delete_experiment(DeleteExperiment(experiment_id=made.id)))
        await executed(made.id)
        for _ in range(2):
            await queries.delete_experiment(DeleteExperiment(experiment_id=made.id))
        gone = await refusal(queries.find_experiment(GetExperiment(experiment_id=made.id)))
        return early, gone, await rows("SELECT count(*) FROM experiment_results")

    early, gone, left = in_chat(scenario)
    assert early[0] == "conflict"
    assert "cancel" in early[2]
    assert gone[0] == "not_found"
    assert left == [(0,)]


def test_one_that_is_gone_is_not_tried_again(in_chat: InChat) -> None:
    async def scenario() -> None:
        with pytest.raises(FinalFailure, match="There is no experiment"):
            await execute_classification_experiment(experiment_id=uuid4())

    in_chat(scenario)


def test_lists_go_on_after_the_page_before(in_chat: InChat, chat: LabelledChat) -> None:
    chat.fill(5)

    async def scenario() -> tuple[Any, ...]:
        made = [await begun(name=f"№ {number}") for number in range(3)]
        await executed(made[0].id)
        first = await queries.page_of_experiments(ListExperiments(limit=2))
        rest = await queries.page_of_experiments(ListExperiments(limit=2, cursor=first.next_cursor))
        completed = await queries.page_of_experiments(ListExperiments(status="completed"))
        some = await queries.page_of_results(ListExperimentResults(experiment_id=made[0].id, limit=3))
        others = await queries.page_of_results(
            ListExperimentResults(experiment_id=made[0].id, limit=3, cursor=some.next_cursor)
        )
        return first, rest, completed, some, others

    first, rest, completed, some, others = in_chat(scenario)
    assert [each.name for each in [*first.items, *rest.items]] == ["№ 2", "№ 1", "№ 0"]
    assert rest.next_cursor is None
    assert [each.name for each in completed.items] == ["№ 0"]
    assert [each.message_id for each in [*some.items, *others.items]] == [1, 2, 3, 4, 5]
    assert others.next_cursor is None


def test_results_of_an_unknown_experiment_are_not_found(in_chat: InChat) -> None:
    async def scenario() -> Any:
        return await refusal(queries.page_of_results(ListExperimentResults(experiment_id=uuid4())))

    assert in_chat(scenario)[0] == "not_found"


def test_a_name_is_one_line(in_chat: InChat, chat: LabelledChat) -> None:
    chat.fill(4)

    async def scenario() -> Any:
        query = CreateExperiment(experiment_id=uuid4(), name="  \n ", created_by="Олена")
        return await refusal(queries.create_experiment(query))

    assert in_chat(scenario)[:2] == ("invalid", "name")


def test_two_who_make_one_at_the_same_moment_make_one(in_chat: InChat, chat: LabelledChat) -> None:
    chat.fill(6)

    async def scenario() -> tuple[Any, ...]:
        first = await begun()
        ids = {"experiment_id": uuid4()}, {"experiment_id": uuid4(), "snapshot_of": first.id}
        made = [await asyncio.gather(*(begun(**given) for _ in range(5))) for given in ids]
        return made, await commands("execute_classification_experiment")

    made, sent = in_chat(scenario)
    assert [len({each.id for each in same}) for same in made] == [1, 1]
    assert len(sent) == 3
