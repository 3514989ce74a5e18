"""Experiments on which something comes: a kill, a cancel, another worker, a provider that is away, a cap."""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.analysis import experiment_queries as queries
from services.analysis.actors import (
    execute_classification_experiment,
    purge_llm_usage_task,
    wake_stuck_experiments_task,
)
from services.analysis.places import place
from shared.contracts.experiments import CancelExperiment, DeleteExperiment
from shared.messaging.transaction import transaction
from shared.service import NotNow
from tests.fakes.llm import ChatRequest, Fails, Hangs, LlmServer, Says, wrong_key
from tests.integration.analysis.experimenting import (
    InChat,
    a_model,
    begun,
    executed,
    now,
    results,
    right_answer,
)
from tests.integration.analysis.labelled_chat import LabelledChat
from tests.integration.analysis.looking import commands, events, refusal, rows


async def told(statement: str, **parameters: Any) -> None:
    """Change what the service's own schema holds."""
    async with transaction() as tx:
        await tx.execute(text(statement), parameters)


class Gate:
    """A model that answers rightly, once it is let."""

    def __init__(self) -> None:
        self.opened = threading.Event()

    def answer(self, request: ChatRequest) -> dict[str, Any]:
        self.opened.wait(20)
        return right_answer(request)


@asynccontextmanager
async def waiting_for_the_model(experiment_id: UUID, llm: LlmServer) -> AsyncIterator[Gate]:
    """A worker is at it, and the model thinks; at the end it answers, and the worker is done."""
    gate, asked = Gate(), len(llm.chat.requests)
    llm.chat.always(Says(gate.answer))
    working = asyncio.create_task(execute_classification_experiment(experiment_id=experiment_id))
    try:
        await asyncio.to_thread(llm.chat.wait_for, asked + 1)
        yield gate
    finally:
        gate.opened.set()
        await working


def asked_about(llm: LlmServer) -> Counter[str]:
    """How often the model was asked about each message."""
    return Counter(str(request.data["message"]) for request in llm.chat.requests)


def test_killed_worker_leaves_what_it_saved_and_the_next_goes_on_from_there(
    in_chat: InChat, chat: LabelledChat, llm: LlmServer
) -> None:
    chat.fill(25)
    llm.chat.then(*[Says(right_answer)] * 13)
    llm.chat.always(Hangs())

    async def scenario() -> tuple[Any, ...]:
        made = await begun(provider_id=await a_model(llm, max_concurrency=1), max_cost=50)
        working = asyncio.create_task(execute_classification_experiment(experiment_id=made.id))
        await asyncio.to_thread(llm.chat.wait_for, 14)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        between = await now(made.id)
        llm.chat.always(Says(right_answer))
        return between, await executed(made.id), await events("experiment_progress")

    between, done, progress = in_chat(scenario)
    hung = str(llm.chat.requests[13].data["message"])
    assert (between.status, between.messages_done) == ("running", 10)
    assert (done.status, done.messages_done) == ("completed", 25)
    assert done.metrics.messages == 25
    assert [each["messages_done"] for each in progress] == [10, 20, 25]
    assert asked_about(llm) - Counter([hung]) == Counter(dict.fromkeys(asked_about(llm), 1)), (
        "what was answered before the kill is not paid again"
    )


def test_cancel_takes_effect_at_once_and_what_the_worker_brings_is_not_saved(
    in_chat: InChat, chat: LabelledChat, llm: LlmServer
) -> None:
    chat.fill(5)

    async def scenario() -> tuple[Any, ...]:
        made = await begun(provider_id=await a_model(llm))
        async with waiting_for_the_model(made.id, llm):
            early = await refusal(queries.delete_experiment(DeleteExperiment(experiment_id=made.id)))
            query = CancelExperiment(experiment_id=made.id)
            cancelled = await queries.cancel_experiment(query)
            again = await queries.cancel_experiment(query)
        assert early[0] == "conflict", "one that runs cannot be deleted"
        return cancelled, again, await now(made.id), await results(made.id), await events("experiment_failed")

    cancelled, again, after, found, failed = in_chat(scenario)
    assert cancelled.status == after.status == "cancelled"
    assert cancelled.finished_at is not None
    assert again == cancelled
    assert "cancelled" in str(cancelled.failure)
    assert found == []
    assert [each["experiment"]["status"] for each in failed] == ["cancelled"]
    assert len(llm.chat.requests) == 4, "the fifth message was not asked about any more"


def test_one_that_has_ended_cannot_be_cancelled(in_chat: InChat, chat: LabelledChat) -> None:
    chat.fill(4)

    async def scenario() -> Any:
        made = await begun()
        await executed(made.id)
        return await refusal(queries.cancel_experiment(CancelExperiment(experiment_id=made.id)))

    code, _, message = in_chat(scenario)
    assert code == "conflict"
    assert "completed" in message


def test_who_was_taken_over_from_saves_nothing_more(
    in_chat: InChat, chat: LabelledChat, llm: LlmServer
) -> None:
    chat.fill(5)

    async def scenario() -> tuple[Any, ...]:
        made = await begun(provider_id=await a_model(llm))
        async with waiting_for_the_model(made.id, llm):
            await told("UPDATE classification_experiments SET runner = gen_random_uuid()")
        between = await now(made.id), await results(made.id)
        return between, await executed(made.id)

    (taken, nothing), done = in_chat(scenario)
    assert taken.status == "running"
    assert nothing == []
    assert (done.status, done.messages_done) == ("completed", 5)
    assert set(asked_about(llm).values()) == {1}, "what was answered is not asked twice"


def test_provider_that_comes_back_is_waited_for(in_chat: InChat, chat: LabelledChat, llm: LlmServer) -> None:
    chat.fill(4)
    llm.chat.then(*[Fails(503)] * 8)
    llm.chat.always(Says(right_answer))

    async def scenario() -> Any:
        return await executed((await begun(provider_id=await a_model(llm))).id)

    done = in_chat(scenario)
    assert (done.status, done.messages_done, done.failure) == ("completed", 4, None)


def test_provider_that_stays_away_ends_it_and_what_was_answered_stays(
    in_chat: InChat, chat: LabelledChat, llm: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat.fill(20)
    monkeypatch.setenv("TT_PROVIDER_TRIES", "1")
    llm.chat.then(*[Says(right_answer)] * 12)
    llm.chat.always(Fails(503))

    async def scenario() -> tuple[Any, ...]:
        made = await begun(provider_id=await a_model(llm), max_cost=50)
        done = await executed(made.id)
        return done, await events("experiment_failed")

    done, failed = in_chat(scenario)
    assert (done.status, done.messages_done, done.metrics) == ("failed", 12, None)
    assert "OpenAI" in str(done.failure)
    assert [each["experiment"]["status"] for each in failed] == ["failed"]
    assert len(llm.chat.requests) <= 12 + 4 * 4, "nobody else is asked about once it has been given up"


def test_provider_that_refuses_ends_it_at_once(in_chat: InChat, chat: LabelledChat, llm: LlmServer) -> None:
    chat.fill(20)
    llm.chat.always(wrong_key())

    async def scenario() -> Any:
        return await executed((await begun(provider_id=await a_model(llm))).id)

    done = in_chat(scenario)
    assert (done.status, done.messages_done) == ("failed", 0)
    assert "key" in str(done.failure)
    assert len(llm.chat.requests) <= 4


def test_provider_that_is_gone_ends_it(in_chat: InChat, chat: LabelledChat, llm: LlmServer) -> None:
    chat.fill(4)

    async def scenario() -> Any:
        made = await begun(provider_id=await a_model(llm))
        await told("DELETE FROM llm_providers WHERE name = 'OpenAI'")
        return await executed(made.id)

    done = in_chat(scenario)
    assert done.status == "failed"
    assert "OpenAI was deleted" in str(done.failure)


def test_cap_ends_it_and_another_one_is_not_paid_again_for_what_was_answered(
    in_chat: InChat, chat: LabelledChat, llm: LlmServer
) -> None:
    chat.fill(12)
    llm.chat.always(Says(right_answer, usage=(1000, 1000)))

    async def scenario() -> tuple[Any, ...]:
        provider_id = await a_model(llm, max_concurrency=1)
        capped = await begun(provider_id=provider_id, max_cost=0.7)
        stopped = await executed(capped.id)
        kept = await results(capped.id)
        paid = len(llm.chat.requests)
        more = await begun(provider_id=provider_id, snapshot_of=capped.id, max_cost=50)
        return (
            stopped,
            kept,
            paid,
            await executed(more.id),
            await rows(
                "SELECT calls, cached_calls FROM classification_experiments WHERE id = :id", id=more.id
            ),
        )

    stopped, kept, paid, done, counted = in_chat(scenario)
    assert (stopped.status, stopped.stopped_by) == ("failed", "cost")
    assert "$0.7" in str(stopped.failure)
    assert 0 < len(kept) == paid < 12
    assert stopped.cost == pytest.approx(0.2 * paid)
    assert stopped.cost <= 0.8
    assert (done.status, done.messages_done) == ("completed", 12)
    assert set(asked_about(llm).values()) == {1}
    assert counted == [(12 - paid, paid)]
    assert done.metrics.mean_ms > 0


def test_basic_mode_waits_for_vectors_and_then_says_why_it_ends(in_chat: InChat, chat: LabelledChat) -> None:
    chat.fill(4)
    chat.embedding_is_down = True

    async def scenario() -> Any:
        return await executed((await begun()).id)

    done = in_chat(scenario)
    assert done.status == "failed"
    assert "The embedder does not answer." in str(done.failure)
    assert len(chat.embedded) == 4


def test_vectors_of_two_spaces_are_not_mixed(in_chat: InChat, chat: LabelledChat) -> None:
    chat.fill(12)

    async def scenario() -> Any:
        made = await begun()
        chat.changes_space_after = 2
        return await executed(made.id)

    done = in_chat(scenario)
    assert (done.status, done.messages_done) == ("failed", 10)
    assert "vector space changed" in str(done.failure)


def test_one_that_shows_no_life_is_sent_again_and_an_old_one_is_ended(
    in_chat: InChat, chat: LabelledChat
) -> None:
    chat.fill(4)

    async def scenario() -> tuple[Any, ...]:
        alive, silent, old = [await begun(name=name) for name in ("жива", "мовчить", "стара")]
        await told("UPDATE classification_experiments SET status = 'running'")
        await told(
            "UPDATE classification_experiments SET alive_at = now() - interval '1 hour' WHERE id = ANY(:ids)",
            ids=[silent.id, old.id],
        )
        await told(
            "UPDATE classification_experiments SET created_at = now() - interval '2 days' WHERE id = :id",
            id=old.id,
        )
        await told("DELETE FROM outbox")
        woken = [await wake_stuck_experiments_task() for _ in range(2)]
        sent = await commands("execute_classification_experiment")
        return silent, woken, sent, await now(alive.id), await executed(silent.id), await now(old.id)

    silent, woken, sent, alive, done, old = in_chat(scenario)
    assert woken == [2, 0]
    assert sent == [{"experiment_id": str(silent.id)}]
    assert alive.status == "running"
    assert done.status == "completed"
    assert old.status == "failed"
    assert "within a day" in str(old.failure)


def test_one_that_waits_for_its_turn_is_not_taken_for_forgotten(
    in_chat: InChat, chat: LabelledChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat.fill(4)
    monkeypatch.setenv("TT_LONG_WORK_AT_ONCE", "1")
    an_hour_ago = "UPDATE classification_experiments SET alive_at = now() - interval '55 minutes'"

    async def scenario() -> tuple[Any, ...]:
        made = await begun()
        await told(an_hour_ago)
        woken_early = await wake_stuck_experiments_task()
        async with place():
            waiting = asyncio.create_task(execute_classification_experiment(experiment_id=made.id))
            await asyncio.sleep(0)
            with pytest.raises(NotNow):
                await execute_classification_experiment(experiment_id=made.id)
            alive = await rows(
                "SELECT now() - alive_at < interval '1 minute' FROM classification_experiments"
            )
        await waiting
        return woken_early, alive, await now(made.id)

    woken_early, alive, done = in_chat(scenario)
    assert woken_early == 0
    assert alive == [(True,)]
    assert done.status == "completed"


def test_answers_that_nobody_needs_any_more_are_purged(
    in_chat: InChat, chat: LabelledChat, llm: LlmServer
) -> None:
    chat.fill(4)
    llm.chat.always(Says(right_answer))

    async def scenario() -> tuple[Any, ...]:
        await executed((await begun(provider_id=await a_model(llm))).id)
        await purge_llm_usage_task()
        kept = await rows("SELECT count(*) FROM llm_answers")
        await told("UPDATE llm_answers SET used_at = now() - interval '91 days'")
        await purge_llm_usage_task()
        return kept, await rows("SELECT count(*) FROM llm_answers")

    assert in_chat(scenario) == ([(4,)], [(0,)])
