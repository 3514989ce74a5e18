"""Runs on which something comes: a kill, another worker, a cancel, a provider that is away, a cap."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from services.analysis.actors import execute_analysis_run, wake_stuck_runs_task
from services.analysis.places import place
from services.analysis.runs.saving import save
from services.analysis.runs.waking import MOST_WAKES
from shared.service import NotNow
from tests.fakes.llm import Fails, Hangs, LlmServer, Says, wrong_key
from tests.integration.analysis.experimenting import InChat
from tests.integration.analysis.looking import commands, events, rows
from tests.integration.analysis.running import (
    asked_about,
    begun,
    cancelled,
    executed,
    made,
    nothing,
    now,
    one_task,
    proposals,
    retried,
    started,
    title_of,
    told,
    while_the_model_thinks,
)
from tests.integration.analysis.spoken_chat import SpokenChat

ONE_EACH = [(number, 1, title_of(number)) for number in range(1, 4)]
SILENT = "UPDATE analysis_runs SET alive_at = now() - interval '1 hour'"
LONG_SILENT = "SELECT 1 FROM analysis_runs WHERE alive_at < now() - interval '1 minute'"


async def killed_when_asked(run_id: UUID, llm: LlmServer, question: int) -> None:
    """A worker's turn that ends while the model thinks about its so manieth question."""
    working = asyncio.create_task(execute_analysis_run(run_id=run_id))
    await asyncio.to_thread(llm.chat.wait_for, question)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


def test_killed_worker_leaves_what_it_saved_and_the_next_goes_on_from_there(
    in_talk: InChat, talk: SpokenChat, llm: LlmServer
) -> None:
    talk.talk(talks=3)
    llm.chat.then(Says(one_task))
    llm.chat.always(Hangs())

    async def scenario() -> tuple[Any, ...]:
        run_id = await begun(llm)
        await killed_when_asked(run_id, llm, 2)
        between = await now(run_id)
        llm.chat.always(Says(one_task))
        done = await executed(run_id)
        return between, done, await proposals(run_id), await events("batch_completed")

    between, done, found, progress = in_talk(scenario)
    assert (between.status, between.batches_done, between.proposals_total) == ("running", 1, 1)
    assert (done.status, done.batches_done, done.error_log) == ("completed", 3, [])
    assert found == ONE_EACH
    assert [each["batches_done"] for each in progress] == [1, 2, 3]
    assert asked_about(llm) == {1: 1, 2: 2, 3: 1}


def test_answer_that_was_paid_before_a_kill_is_not_paid_again(
    in_talk: InChat, talk: SpokenChat, llm: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.talk(talks=3)
    llm.chat.always(Says(one_task))

    async def dies_at_the_second(run: Any, number: int, proposed: Any) -> None:
        if number == 2:
            raise RuntimeError("killed")
        await save(run, number, proposed)

    async def scenario() -> tuple[Any, ...]:
        run_id = await begun(llm)
        monkeypatch.setattr("services.analysis.runs.executing.save", dies_at_the_second)
        with pytest.raises(RuntimeError, match="killed"):
            await execute_analysis_run(run_id=run_id)
        half = await now(run_id)
        monkeypatch.setattr("services.analysis.runs.executing.save", save)
        return half, await executed(run_id), await proposals(run_id)

    half, done, found = in_talk(scenario)
    assert (half.status, half.batches_done, half.calls) == ("running", 1, 2)
    assert found == ONE_EACH
    assert asked_about(llm) == {1: 1, 2: 1, 3: 1}
    assert (done.calls, done.cached_calls) == (3, 1)
    assert done.cost == pytest.approx(half.cost * 3 / 2, rel=0.1)


def test_second_delivery_in_the_middle_takes_over_and_each_proposal_is_there_once(
    in_talk: InChat, talk: SpokenChat, llm: LlmServer
) -> None:
    talk.talk(talks=3)

    async def scenario() -> tuple[Any, ...]:
        run_id = await begun(llm)
        async with while_the_model_thinks(run_id, llm, at=2):
            llm.chat.always(Says(one_task))
            other = await executed(run_id)
        return run_id, other, await now(run_id), await proposals(run_id), await events("run_completed")

    _, other, done, found, told_of = in_talk(scenario)
    assert other.status == "completed"
    assert found == ONE_EACH
    assert len(told_of) == 1
    assert done == other, "who was taken over from changes nothing more"


def test_cancel_takes_effect_at_once_and_what_the_worker_brings_is_not_saved(
    in_talk: InChat, talk: SpokenChat, llm: LlmServer
) -> None:
    talk.talk(talks=3)

    async def scenario() -> tuple[Any, ...]:
        run_id = await begun(llm)
        async with while_the_model_thinks(run_id, llm, at=2):
            at_once, again = await cancelled(run_id), await cancelled(run_id)
        after, asked = await now(run_id), dict(asked_about(llm))
        llm.chat.always(Says(one_task))
        await retried(run_id)
        return at_once, again, after, asked, await executed(run_id), await proposals(run_id)

    at_once, again, after, asked, done, found = in_talk(scenario)
    assert (at_once.status, at_once.batches_done) == ("cancelled", 1)
    assert again == after == at_once
    assert asked == {1: 1, 2: 1}, "the third batch was not asked about any more"
    assert (done.status, done.failure) == ("completed", None)
    assert found == ONE_EACH
    assert asked_about(llm) == {1: 1, 2: 1, 3: 1}, "what it was paid for is not lost"


@pytest.mark.parametrize("lost_by", ["cancelled", "taken over"])
def test_what_is_compared_while_the_run_is_lost_is_not_saved(
    in_talk: InChat, talk: SpokenChat, llm: LlmServer, monkeypatch: pytest.MonkeyPatch, lost_by: str
) -> None:
    talk.talk(talks=2)
    llm.chat.always(Says(one_task))

    async def lost_just_before(run: Any, number: int, proposed: Any) -> None:
        if lost_by == "taken over":
            await told("UPDATE analysis_runs SET runner = gen_random_uuid()")
        else:
            await cancelled(run.id)
        await save(run, number, proposed)

    async def scenario() -> tuple[Any, ...]:
        run_id = await begun(llm)
        monkeypatch.setattr("services.analysis.runs.executing.save", lost_just_before)
        return await executed(run_id), await proposals(run_id), await events("batch_completed")

    lost, found, progress = in_talk(scenario)
    assert (lost.status, lost.batches_done) == ("cancelled" if lost_by == "cancelled" else "running", 0)
    assert found == progress == []
    assert len(llm.chat.requests) == 1


def test_provider_that_comes_back_is_waited_for(in_talk: InChat, talk: SpokenChat, llm: LlmServer) -> None:
    talk.talk(talks=2)
    llm.chat.then(Says(one_task), *[Fails(503)] * 4)
    llm.chat.always(Says(one_task))

    async def scenario() -> Any:
        return await executed(await begun(llm))

    done = in_talk(scenario)
    assert (done.status, done.batches_done, done.failure, done.error_log) == ("completed", 2, None, [])


def test_provider_that_dies_in_batch_7_fails_the_run_and_a_retry_goes_on_there(
    in_talk: InChat, talk: SpokenChat, llm: LlmServer
) -> None:
    talk.talk(talks=9)
    llm.chat.then(*[Says(one_task)] * 6)
    llm.chat.always(Fails(503))

    async def scenario() -> tuple[Any, ...]:
        run_id = await begun(llm)
        failed = await executed(run_id)
        waiting = await commands("execute_analysis_run")
        told_of = await events("run_failed")
        asked = len(llm.chat.requests)
        llm.chat.always(Says(one_task))
        again = await retried(run_id)
        done = await executed(run_id)
        return failed, told_of, waiting, asked, again, done, await proposals(run_id)

    failed, told_of, waiting, asked, again, done, found = in_talk(scenario)
    assert (failed.status, failed.batches_done, failed.proposals_total) == ("failed", 6, 6)
    assert failed.finished_at is not None
    (error,) = failed.error_log
    assert (error.batch, error.attempt) == (7, 4)
    assert error.message == failed.failure
    assert "Модель" in error.message
    assert [each["run"]["failure"] for each in told_of] == [failed.failure]
    assert asked == 6 + 4 * 2, "each of four tries of the run is two of the client"
    assert len(waiting) == 1
    assert (again.status, again.failure, again.batches_done) == ("running", None, 6)
    assert again.error_log == failed.error_log, "what went wrong stays to be read"
    assert (done.status, done.batches_done) == ("completed", 9)
    assert found == [(number, 1, title_of(number)) for number in range(1, 10)]
    assert [asked_about(llm)[number] for number in (*range(1, 7), 8, 9)] == [1] * 8
    assert asked_about(llm)[7] == 4 * 2 + 1


def test_provider_that_refuses_fails_the_run_at_once(
    in_talk: InChat, talk: SpokenChat, llm: LlmServer
) -> None:
    talk.talk(talks=2)
    llm.chat.always(wrong_key())

    async def scenario() -> Any:
        return await executed(await begun(llm))

    done = in_talk(scenario)
    assert (done.status, done.batches_done) == ("failed", 0)
    assert "key" in done.failure
    assert (done.error_log[0].batch, done.error_log[0].attempt) == (1, 1)
    assert len(llm.chat.requests) == 1


def test_key_that_cannot_be_opened_fails_the_run(in_talk: InChat, talk: SpokenChat, llm: LlmServer) -> None:
    talk.talk()

    async def scenario() -> Any:
        run_id = await begun(llm)
        await told("UPDATE llm_providers SET sealed_key = 'v1:nonsense' WHERE name = 'Модель'")
        return await executed(run_id)

    done = in_talk(scenario)
    assert done.status == "failed"
    assert done.failure
    assert llm.chat.requests == []


def test_provider_that_is_gone_fails_the_run(in_talk: InChat, talk: SpokenChat, llm: LlmServer) -> None:
    talk.talk()

    async def scenario() -> Any:
        run_id = await begun(llm)
        await told("DELETE FROM agent_configs WHERE name = 'Модель'")
        await told("DELETE FROM llm_providers WHERE name = 'Модель'")
        return await executed(run_id)

    done = in_talk(scenario)
    assert done.status == "failed"
    assert "Модель was deleted" in done.failure


def test_batch_without_a_usable_answer_is_noted_and_the_run_goes_on(
    in_talk: InChat, talk: SpokenChat, llm: LlmServer
) -> None:
    talk.talk(talks=3)
    llm.chat.then(Says(one_task), Says("це не JSON"), Says("і це"))
    llm.chat.always(Says(one_task))

    async def scenario() -> tuple[Any, ...]:
        run_id = await begun(llm)
        done = await executed(run_id)
        return done, await proposals(run_id), await rows("SELECT number, failure FROM run_batches ORDER BY 1")

    done, found, batches = in_talk(scenario)
    assert (done.status, done.batches_done, done.batches_failed, done.failure) == ("completed", 3, 1, None)
    assert found == [ONE_EACH[0], ONE_EACH[2]]
    assert [(error.batch, error.message) for error in done.error_log] == [(2, batches[1][1])]
    assert [failure is None for _, failure in batches] == [True, False, True]


def test_run_without_any_usable_answer_failed_and_its_retry_asks_anew(
    in_talk: InChat, talk: SpokenChat, llm: LlmServer
) -> None:
    talk.talk(talks=2)
    llm.chat.always(Says("це не JSON"))

    async def scenario() -> tuple[Any, ...]:
        run_id = await begun(llm)
        failed = await executed(run_id)
        llm.chat.always(Says(one_task))
        again = await retried(run_id)
        return failed, again, await executed(run_id), await proposals(run_id)

    failed, again, done, found = in_talk(scenario)
    assert (failed.status, failed.batches_done, failed.batches_failed) == ("failed", 2, 2)
    assert "no usable answer" in failed.failure
    assert (again.batches_done, again.batches_failed) == (0, 0)
    assert (done.status, done.batches_failed) == ("completed", 0)
    assert found == ONE_EACH[:2]


@pytest.mark.parametrize(
    ("cap", "stopped_by"), [({"max_cost_per_run": 2.0}, "cost"), ({"max_tokens_per_run": 20_000}, "tokens")]
)
def test_cap_ends_the_run_and_what_was_done_is_kept(
    in_talk: InChat, talk: SpokenChat, llm: LlmServer, cap: dict[str, Any], stopped_by: str
) -> None:
    talk.talk(talks=9)
    llm.chat.always(Says(one_task, usage=(4_000, 1_000)))

    async def scenario() -> tuple[Any, ...]:
        run_id = await begun(llm, **cap)
        await killed_after_one_batch(run_id)
        return await executed(run_id), await proposals(run_id), await events("run_completed")

    async def killed_after_one_batch(run_id: UUID) -> None:
        llm.chat.then(Says(one_task, usage=(4_000, 1_000)), Hangs())
        await killed_when_asked(run_id, llm, 2)

    done, found, told_of = in_talk(scenario)
    assert (done.status, done.stopped_by, done.failure) == ("completed", stopped_by, None)
    assert 0 < done.batches_done < 9
    assert len(found) == done.batches_done
    assert done.input_tokens + done.output_tokens == 5_000 * done.batches_done, (
        "also what a dead worker spent"
    )
    assert [each["run"]["stopped_by"] for each in told_of] == [stopped_by]


def test_run_that_shows_no_life_is_sent_again_and_others_are_not(in_talk: InChat, talk: SpokenChat) -> None:
    talk.talk()

    async def scenario() -> tuple[Any, ...]:
        alive, silent, waiting = [await made() for _ in range(3)]
        for run in (alive, silent):
            await started(run.id)
        await told(f"{SILENT} WHERE id = ANY(:ids)", ids=[silent.id, waiting.id])
        await told("DELETE FROM outbox")
        woken = [await wake_stuck_runs_task() for _ in range(2)]
        sent = await commands("execute_analysis_run")
        return silent.id, woken, sent, await executed(silent.id)

    silent, woken, sent, done = in_talk(scenario)
    assert woken == [1, 0]
    assert sent == [{"run_id": str(silent)}]
    assert done.status == "completed"
    assert "no life" in done.error_log[0].message


def test_run_that_no_worker_gets_through_is_given_up_and_can_be_retried(
    in_talk: InChat, talk: SpokenChat, llm: LlmServer
) -> None:
    talk.talk()
    llm.chat.always(Says(nothing))

    async def scenario() -> tuple[Any, ...]:
        run_id = await begun(llm)
        await told("DELETE FROM outbox")
        for _ in range(MOST_WAKES + 1):
            await told(SILENT)
            assert await wake_stuck_runs_task() == 1
        failed = await now(run_id)
        sent, told_of = await commands("execute_analysis_run"), await events("run_failed")
        await retried(run_id)
        await told(SILENT)
        await wake_stuck_runs_task()
        return failed, sent, told_of, await now(run_id), await executed(run_id)

    failed, sent, told_of, again, done = in_talk(scenario)
    assert failed.status == "failed"
    assert "dead letters" in failed.failure
    assert len(sent) == MOST_WAKES
    assert len(told_of) == 1
    assert again.status == "running", "a retry has as many chances again"
    assert done.status == "completed"


def test_one_that_waits_for_its_turn_is_not_taken_for_dead(
    in_talk: InChat, talk: SpokenChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.talk()
    monkeypatch.setenv("TT_LONG_WORK_AT_ONCE", "1")

    async def scenario() -> tuple[Any, ...]:
        run = await made()
        await started(run.id)
        await told(SILENT)
        async with place():
            waiting = asyncio.create_task(execute_analysis_run(run_id=run.id))
            await asyncio.sleep(0)
            with pytest.raises(NotNow):
                await execute_analysis_run(run_id=run.id)
            woken = await wake_stuck_runs_task()
        await waiting
        return woken, await now(run.id)

    woken, done = in_talk(scenario)
    assert woken == 0
    assert done.status == "completed"


def test_long_answer_does_not_make_a_run_dead(
    in_talk: InChat, talk: SpokenChat, llm: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.llm.turns.BEATS", 200)
    monkeypatch.setenv("TT_DEAD_AFTER", "10")
    talk.talk()

    async def scenario() -> bool:
        run_id = await begun(llm)
        async with while_the_model_thinks(run_id, llm):
            await told(SILENT)
            async with asyncio.timeout(20):
                while await rows(LONG_SILENT):  # noqa: ASYNC110 - what is waited for happens in the database
                    await asyncio.sleep(0.02)
        return (await now(run_id)).status == "completed"

    assert in_talk(scenario)
