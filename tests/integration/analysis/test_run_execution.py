"""A run from its window to its proposals."""

from typing import Any
from uuid import uuid4, uuid5

import pytest

from services.analysis.actors import execute_analysis_run
from shared.contracts.errors import QueryError
from shared.contracts.ingestion import GetMessages, ListWindow
from shared.contracts.scoring import GetScores
from shared.service import FinalFailure
from tests.fakes.llm import LlmServer, Says
from tests.integration.analysis.configuring import a_project
from tests.integration.analysis.experimenting import InChat
from tests.integration.analysis.looking import events, rows
from tests.integration.analysis.reviewing import decided
from tests.integration.analysis.running import (
    begun,
    executed,
    made,
    nothing,
    now,
    one_task,
    proposals,
    started,
    title_of,
    while_the_model_thinks,
)
from tests.integration.analysis.spoken_chat import BEGAN, SpokenChat


async def batches() -> list[tuple[int, list[int]]]:
    """The plan: numbers of batches and the messages of each."""
    found = await rows("SELECT number, message_ids FROM run_batches ORDER BY number")
    return [(number, list(message_ids)) for number, message_ids in found]


def test_window_becomes_proposals_batch_by_batch_and_a_second_run_changes_nothing(
    in_talk: InChat, talk: SpokenChat, llm: LlmServer
) -> None:
    talk.talk(talks=3)
    llm.chat.always(Says(one_task))

    async def scenario() -> tuple[Any, ...]:
        run_id = await begun(llm)
        done = await executed(run_id)
        again = await executed(run_id)
        changes = await rows("SELECT change, count(*) FROM proposal_changes GROUP BY change")
        ids = await rows("SELECT id FROM task_proposals ORDER BY batch")
        told_of = [await events(name) for name in ("run_started", "batch_completed", "run_completed")]
        return run_id, done, again, await proposals(run_id), ids, changes, told_of

    run_id, done, again, found, ids, changes, (begin, progress, end) = in_talk(scenario)
    assert (done.status, done.failure, done.error_log) == ("completed", None, [])
    assert (done.messages_found, done.messages_kept) == (150, 150)
    assert (done.batches_total, done.batches_done, done.batches_failed) == (3, 3, 0)
    assert (done.proposals_total, done.proposals_pending, done.calls) == (3, 3, 3)
    assert done.cost > 0
    assert done.finished_at > done.started_at
    assert found == [(number, 1, title_of(number)) for number in (1, 2, 3)]
    assert ids == [(uuid5(run_id, f"{number}/1"),) for number in (1, 2, 3)]
    assert changes == [("created", 3)]
    assert [each["run"]["status"] for each in begin] == ["running"]
    assert [(each["batch"], each["batches_done"], each["batches_total"]) for each in progress] == [
        (1, 1, 3),
        (2, 2, 3),
        (3, 3, 3),
    ]
    assert [each["proposal_ids"] for each in progress] == [[str(each)] for (each,) in ids]
    assert [each["run"]["proposals_total"] for each in end] == [3]
    assert again == done
    assert len(llm.chat.requests) == 3


def test_noise_and_what_the_project_does_not_read_is_left_out(
    in_talk: InChat, talk: SpokenChat, llm: LlmServer
) -> None:
    talk.talk(lines=20)
    talk.noise, talk.unscored = {1, 2}, {3}
    talk.texts[4] = "ок"
    talk.texts[5] = None
    llm.chat.always(Says(nothing))

    async def scenario() -> tuple[Any, ...]:
        project = await a_project(min_length=10, keywords=["помилка"])
        talk.texts[6] = "Довге повідомлення про щось інше"
        return await executed(await begun(llm, project_id=project.id)), await batches()

    done, plan = in_talk(scenario)
    assert (done.messages_found, done.messages_kept, done.proposals_total) == (19, 15, 0)
    assert plan == [(1, [3, *range(7, 21)])]


def test_long_window_is_planned_in_pages(in_talk: InChat, talk: SpokenChat, llm: LlmServer) -> None:
    talk.talk(talks=60)
    llm.chat.always(Says(nothing))

    async def scenario() -> tuple[Any, ...]:
        return await executed(await begun(llm)), await batches()

    done, plan = in_talk(scenario)
    assert (done.status, done.messages_found, done.batches_total, done.batches_done) == (
        "completed",
        3000,
        60,
        60,
    )
    assert [number for number, _ in plan] == list(range(1, 61))
    assert [message_id for _, ids in plan for message_id in ids] == list(range(1, 3001))
    assert talk.count(ListWindow) == 6
    assert max(len(query.message_ids) for query in talk.asked if isinstance(query, GetScores)) <= 200


def test_plan_that_was_not_finished_is_made_anew(
    in_talk: InChat, talk: SpokenChat, llm: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.talk(talks=30)
    llm.chat.always(Says(nothing))
    answer, asked = SpokenChat._scores, []

    async def away_at_the_third_page(self: SpokenChat, query: GetScores) -> Any:
        asked.append(query)
        if len(asked) == 7:
            raise QueryError("unavailable", "It does not answer.")
        return await answer(self, query)

    monkeypatch.setattr(SpokenChat, "_scores", away_at_the_third_page)

    async def scenario() -> tuple[Any, ...]:
        run_id = await begun(llm)
        with pytest.raises(QueryError) as away:
            await execute_analysis_run(run_id=run_id)
        half, between = len(await batches()), await now(run_id)
        talk.noise = set(range(1, 51))
        return away.value.code, half, between, await executed(run_id), await batches()

    code, half, between, done, plan = in_talk(scenario)
    assert code == "unavailable"
    assert 0 < half < 30
    assert (between.status, between.batches_total, between.failure) == ("running", None, None)
    assert (done.status, done.batches_total, done.messages_kept) == ("completed", 29, 1450)
    assert [message_id for _, ids in plan for message_id in ids] == list(range(51, 1501))


def test_window_without_messages_is_a_run_without_batches(
    in_talk: InChat, talk: SpokenChat, llm: LlmServer
) -> None:
    talk.talk()

    async def scenario() -> Any:
        run_id = await begun(llm, since=BEGAN.replace(year=2025), until=BEGAN)
        return await executed(run_id), await events("run_completed")

    done, told_of = in_talk(scenario)
    assert (done.status, done.messages_found, done.batches_total, done.batches_done) == ("completed", 0, 0, 0)
    assert len(told_of) == 1
    assert llm.chat.requests == []


def test_messages_that_are_gone_or_emptied_by_then_are_left_out(
    in_talk: InChat, talk: SpokenChat, llm: LlmServer
) -> None:
    talk.talk(talks=2)
    llm.chat.always(Says(one_task))

    async def scenario() -> tuple[Any, ...]:
        run_id = await begun(llm)
        talk.down = {GetMessages.subject}
        with pytest.raises(QueryError):
            await execute_analysis_run(run_id=run_id)
        talk.down = set()
        for gone in range(1, 51):
            del talk.texts[gone]
        talk.texts[51] = None
        return await executed(run_id), await proposals(run_id)

    done, found = in_talk(scenario)
    assert (done.status, done.batches_done, done.batches_failed) == ("completed", 2, 0)
    assert found == [(2, 1, "Полагодити: Випадок 2/2")]
    (asked,) = llm.chat.requests
    assert [line["number"] for line in asked.data["lines"]] == list(range(1, 50))


def test_basic_mode_proposes_from_atoms_without_any_model(
    in_talk: InChat, talk: SpokenChat, llm: LlmServer
) -> None:
    talk.talk(talks=2, lines=10)
    talk.quoted = {14}

    async def scenario() -> tuple[Any, ...]:
        run = await made()
        await started(run.id)
        done = await executed(run.id)
        return done, await rows("SELECT confidence <= 0.6, basic_mode, message_ids FROM task_proposals")

    done, found = in_talk(scenario)
    assert (done.status, done.proposals_total, done.cost) == ("completed", 1, 0.0)
    assert done.config_snapshot.basic_mode
    assert found == [(True, True, [14])]
    assert llm.chat.requests == []


def test_basic_mode_waits_for_knowledge(in_talk: InChat, talk: SpokenChat) -> None:
    talk.talk()
    talk.quoted = {3}
    talk.down = {"knowledge.get_quoted_atoms"}

    async def scenario() -> tuple[Any, ...]:
        run = await made()
        await started(run.id)
        with pytest.raises(QueryError):
            await execute_analysis_run(run_id=run.id)
        between = await now(run.id)
        talk.down = set()
        return between, await executed(run.id)

    between, done = in_talk(scenario)
    assert (between.status, between.batches_total, between.batches_done) == ("running", 1, 0)
    assert (done.status, done.proposals_total) == ("completed", 1)


def test_model_is_asked_with_the_tasks_own_instructions_and_only_known_quotes_are_kept(
    in_talk: InChat, talk: SpokenChat, llm: LlmServer
) -> None:
    talk.talk(lines=5)

    def invents(request: Any) -> dict[str, Any]:
        found = one_task(request)
        invented = found["proposals"][0] | {"quotes": [{"message": 2, "text": "цього ніхто не казав"}]}
        nowhere = found["proposals"][0] | {"quotes": [{"message": 77, "text": "не працює"}]}
        return {"proposals": [*found["proposals"], invented, nowhere]}

    llm.chat.always(Says(invents))

    async def scenario() -> Any:
        return await executed(await begun(llm))

    done = in_talk(scenario)
    assert (done.proposals_total, done.proposals_dropped) == (1, 2)
    assert done.quotes_dropped == 2


def test_run_whose_proposals_are_all_decided_while_it_works_is_reviewed_at_its_end(
    in_talk: InChat, talk: SpokenChat, llm: LlmServer
) -> None:
    talk.talk(talks=2)

    async def scenario() -> tuple[Any, ...]:
        run_id = await begun(llm)
        async with while_the_model_thinks(run_id, llm, at=2, says=nothing):
            await decided(uuid5(run_id, "1/1"))
        return await now(run_id), await events("run_completed")

    done, told_of = in_talk(scenario)
    assert done.status == "reviewed"
    assert [each["run"]["status"] for each in told_of] == ["reviewed"]


def test_run_that_does_not_exist_is_a_final_failure(in_talk: InChat) -> None:
    async def scenario() -> None:
        with pytest.raises(FinalFailure, match="There is no run"):
            await execute_analysis_run(run_id=uuid4())

    in_talk(scenario)


def test_run_that_waits_to_be_started_is_not_worked_on(in_talk: InChat, talk: SpokenChat) -> None:
    talk.talk()

    async def scenario() -> Any:
        return await executed((await made()).id)

    done = in_talk(scenario)
    assert (done.status, done.batches_total) == ("pending", None)
    assert talk.count(ListWindow) == 0
