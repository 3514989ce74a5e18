"""The answer cache: what is the same question, and that it is paid once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from shared.contracts.analysis import LlmCall
from shared.llm import Patience, ProviderUnavailableError, Reply, Usage, purge_answers
from shared.messaging.transaction import transaction
from tests.fakes.llm import Hangs, Says
from tests.integration.llm.stage import GOOD, Stage, Verdict, judge, kept_answers, recorded_calls


def test_second_identical_question_costs_nothing(stage: Stage) -> None:
    stage.llm.chat.always(Says(GOOD, usage=(100, 10)))

    async def scenario() -> tuple[Reply[Verdict], Reply[Verdict], Usage, list[LlmCall]]:
        chat = stage.session().chat
        first = await chat.ask(judge("a"))
        second = await stage.session().chat.ask(judge("a"))
        return first, second, chat.spent, await recorded_calls()

    first, second, spent, calls = stage.run(scenario)
    assert first.answer == second.answer
    assert second.usage == Usage(cached=True)
    assert spent.tokens == 110
    assert len(stage.llm.chat.requests) == 1
    assert [(call.cached, call.input_tokens, call.attempts) for call in calls] == [
        (False, 100, 1),
        (True, 0, 0),
    ]


@pytest.mark.parametrize(
    ("changes", "provider", "line"),
    [
        ({"model": "other-model"}, {}, "a"),
        ({"temperature": 0.5}, {}, "a"),
        ({"language": "en"}, {}, "a"),
        ({"instructions": "Be kind."}, {}, "a"),
        ({}, {"type": "ollama"}, "a"),
        ({}, {}, "b"),
    ],
)
def test_other_question_is_paid(
    stage: Stage, changes: dict[str, Any], provider: dict[str, Any], line: str
) -> None:
    async def scenario() -> None:
        await stage.session().chat.ask(judge("a"))
        await stage.session(provider=stage.provider(**provider), **changes).chat.ask(judge(line))

    stage.run(scenario)
    assert len(stage.llm.chat.requests) == 2


@pytest.mark.parametrize(
    ("changes", "provider"),
    [({"name": "Renamed", "max_output_tokens": 99}, {}), ({}, {"name": "Renamed", "max_concurrency": 9})],
)
def test_same_question_under_other_names_and_bounds_is_not_paid(
    stage: Stage, changes: dict[str, Any], provider: dict[str, Any]
) -> None:
    async def scenario() -> None:
        await stage.session().chat.ask(judge("a"))
        await stage.session(provider=stage.provider(**provider), **changes).chat.ask(judge("a"))

    stage.run(scenario)
    assert len(stage.llm.chat.requests) == 1


def test_cached_answer_is_given_when_the_run_s_cap_is_reached(stage: Stage) -> None:
    async def scenario() -> Reply[Verdict]:
        await stage.session().chat.ask(judge("a"))
        return await stage.session(Usage(cost=10.0)).chat.ask(judge("a"))

    assert stage.run(scenario).usage.cached


def test_same_question_at_the_same_moment_is_paid_once(stage: Stage) -> None:
    stage.llm.chat.always(Says(GOOD, after=0.2))

    async def scenario() -> list[Reply[Verdict]]:
        chat = stage.session().chat
        return await asyncio.gather(*(chat.ask(judge("a")) for _ in range(8)))

    replies = stage.run(scenario)
    assert len(stage.llm.chat.requests) == 1
    assert sorted(reply.usage.cached for reply in replies) == [False] + [True] * 7


def test_more_questions_at_once_than_there_are_connections(stage: Stage) -> None:
    stage.llm.chat.always(Says(GOOD, after=0.05))

    async def scenario() -> int:
        chat = stage.session(provider=stage.provider(max_concurrency=50)).chat
        await asyncio.gather(*(chat.ask(judge(str(number % 30))) for number in range(60)))
        return await kept_answers()

    assert stage.run(scenario) == 30
    assert len(stage.llm.chat.requests) == 30


def test_waiting_for_another_s_answer_is_bounded(stage: Stage) -> None:
    stage.llm.chat.always(Hangs())
    patience = Patience(attempts=1, place=5.0, total=0.3)

    async def scenario() -> str:
        chat = stage.session().chat
        first = asyncio.create_task(chat.ask(judge("a")))
        await asyncio.to_thread(stage.llm.chat.wait_for, 1)
        with pytest.raises(ProviderUnavailableError) as caught:
            await chat.ask(judge("a"))
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        return str(caught.value)

    assert "asked by somebody else" in stage.run(scenario, patience=patience)


def test_answer_that_no_longer_fits_is_asked_for_again(stage: Stage) -> None:
    async def scenario() -> Reply[Verdict]:
        await stage.session().chat.ask(judge("a"))
        async with transaction() as tx:
            await tx.execute(text("""UPDATE llm_answers SET answer = '{"mood": "fine"}'"""))
        return await stage.session().chat.ask(judge("a"))

    assert not stage.run(scenario).usage.cached
    assert len(stage.llm.chat.requests) == 2


def test_answer_survives_a_database_that_restarts_while_the_model_answers(stage: Stage) -> None:
    async def scenario() -> tuple[Reply[Verdict], Reply[Verdict], list[LlmCall]]:
        stage.llm.chat.always(Says(GOOD, after=0.3))
        asking = asyncio.create_task(stage.session().chat.ask(judge("a")))
        await asyncio.to_thread(stage.llm.chat.wait_for, 1)
        async with transaction() as tx:
            others = "usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()"
            await tx.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))  # noqa: S608
        return await asking, await stage.session().chat.ask(judge("a")), await recorded_calls()

    first, second, calls = stage.run(scenario)
    assert not first.usage.cached
    assert second.usage.cached
    assert len(stage.llm.chat.requests) == 1
    assert [call.cached for call in calls] == [False, True]


def test_purge_deletes_what_was_not_used_for_long(stage: Stage) -> None:
    async def scenario() -> tuple[int, int]:
        for line in ("old", "used", "new"):
            await stage.session().chat.ask(judge(line))
        async with transaction() as tx:
            await tx.execute(text("UPDATE llm_answers SET used_at = now() - interval '31 days'"))
        for line in ("used", "newest"):
            await stage.session().chat.ask(judge(line))
        return await purge_answers(timedelta(days=30)), await kept_answers()

    assert stage.run(scenario) == (2, 2)
