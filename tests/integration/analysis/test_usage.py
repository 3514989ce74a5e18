"""What calls cost: kept once, summed up, paged through, purged."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.analysis import queries
from services.analysis.actors import purge_llm_usage_task, record_llm_calls_task
from services.analysis.tables import LOCAL_PROVIDER
from shared.contracts.analysis import GetLlmUsage, ListLlmCalls, LlmCall, UsageLine
from tests.integration.analysis.conftest import Run
from tests.integration.analysis.looking import refusal, rows

BEGAN = datetime(2026, 3, 1, 8, tzinfo=UTC)
RUN = UUID("0d9a1f3e-6f2b-4c57-8a8e-2f1f6f0f3a11")


def a_call(minute: int = 0, **given: Any) -> LlmCall:
    defaults: dict[str, Any] = {
        "id": uuid4(),
        "provider_id": LOCAL_PROVIDER,
        "model": "e5-passage",
        "kind": "embedding",
        "task": "embed_documents",
        "service": "embedding",
        "called_at": BEGAN + timedelta(minutes=minute),
    }
    return LlmCall(**(defaults | given))


async def usage(**asked: Any) -> list[UsageLine]:
    return await queries.llm_usage(GetLlmUsage(**asked))


def test_second_delivery_counts_once(run: Run) -> None:
    calls = [a_call(minute, cost=0.5, input_tokens=10) for minute in range(20)]

    async def scenario() -> None:
        await record_llm_calls_task(calls=calls[:15])
        await asyncio.gather(record_llm_calls_task(calls=calls), record_llm_calls_task(calls=calls[::-1]))
        await record_llm_calls_task(calls=[calls[0], calls[0]])
        await record_llm_calls_task(calls=[])
        (line,) = await usage()
        assert (line.calls, line.cost, line.input_tokens) == (20, 10.0, 200)

    run(scenario)


def test_usage_is_by_provider_model_and_task_dearest_first(run: Run) -> None:
    stranger = uuid4()
    calls = [
        a_call(duration_ms=10.0),
        a_call(duration_ms=30.0, attempts=2),
        a_call(cached=True),
        a_call(error="HTTP 503: overloaded", duration_ms=50.0),
        a_call(provider_id=stranger, model="gpt", task="extract_knowledge", kind="chat", cost=0.02),
        a_call(provider_id=stranger, model="gpt", task="match_topic", kind="chat", cost=0.5, output_tokens=7),
        a_call(provider_id=stranger, model="gpt", task="match_topic", kind="chat", cached=True),
    ]

    async def scenario() -> None:
        await record_llm_calls_task(calls=calls)
        match, extract, local = await usage()
        assert (match.task, match.cost, match.output_tokens, match.cached) == ("match_topic", 0.5, 7, 1)
        assert match.provider_name is None
        assert (extract.task, extract.calls) == ("extract_knowledge", 1)
        assert (local.provider_name, local.calls, local.cached, local.failed) == ("local", 4, 1, 1)
        assert local.mean_ms == 30.0

    run(scenario)


def test_usage_of_a_run_and_of_a_time(run: Run) -> None:
    calls = [a_call(0, run_id=RUN), a_call(10, run_id=RUN), a_call(20)]

    async def scenario() -> None:
        await record_llm_calls_task(calls=calls)
        assert [line.calls for line in await usage(run_id=RUN)] == [2]
        assert [line.calls for line in await usage(since=BEGAN + timedelta(minutes=10))] == [2]
        assert [line.calls for line in await usage(until=BEGAN + timedelta(minutes=10))] == [1]
        assert await usage(run_id=uuid4()) == []

    run(scenario)


def test_calls_of_a_run_are_paged_in_order(run: Run) -> None:
    calls = [a_call(minute // 3, run_id=RUN, error="Ні" if minute == 4 else None) for minute in range(10)]

    async def scenario() -> None:
        await record_llm_calls_task(calls=[*calls, a_call(1, run_id=uuid4())])
        found: list[LlmCall] = []
        cursor = None
        while True:
            page = await queries.page_of_calls(ListLlmCalls(run_id=RUN, limit=3, cursor=cursor))
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        assert found == sorted(calls, key=lambda call: (call.called_at, call.id))
        wrong = queries.page_of_calls(ListLlmCalls(run_id=RUN, cursor="%%%"))
        assert (await refusal(wrong))[:2] == ("invalid", "cursor")

    run(scenario)


def test_call_with_a_zero_byte_is_kept(run: Run) -> None:
    async def scenario() -> None:
        await record_llm_calls_task(calls=[a_call(run_id=RUN, error="said \x00")])
        (call,) = (await queries.page_of_calls(ListLlmCalls(run_id=RUN))).items
        assert call.error == "said �"

    run(scenario)


def test_old_calls_are_purged_and_recent_ones_stay(run: Run) -> None:
    now = datetime.now(UTC)
    calls = [a_call(called_at=now - timedelta(days=days)) for days in (0, 399, 401, 800)]

    async def scenario() -> None:
        await record_llm_calls_task(calls=calls)
        assert await purge_llm_usage_task() == 2
        assert await purge_llm_usage_task() == 0
        assert await rows("SELECT count(*) FROM llm_usage") == [(2,)]

    run(scenario)
