"""The records of tasks that somebody watches."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from shared.messaging.connection import bind_nats, close_connection
from shared.messaging.tasks import (
    TaskRecord,
    TaskState,
    get_task,
    note_dead,
    noted_as_requeued,
    put_task,
)

NAMES = {"actor": "pay_bill", "queue": "bills"}


@pytest.fixture
def run(nats_url: str, namespace: str) -> Callable[[Callable[[], Awaitable[None]]], None]:
    def run_bound(scenario: Callable[[], Awaitable[None]]) -> None:
        async def bound() -> None:
            bind_nats(nats_url, namespace)
            try:
                await scenario()
            finally:
                await close_connection()

        asyncio.run(bound())

    return run_bound


def in_state(state: TaskState) -> TaskRecord:
    return TaskRecord(
        task_id="t1", actor="pay_bill", queue="bills", state=state, updated_at=datetime.now(UTC)
    )


async def state_of(task_id: str) -> TaskState | None:
    record = await get_task(task_id)
    return None if record is None else record.state


async def fail_after(*works: Awaitable[None]) -> None:
    """Requeue the task, whose message cannot be sent after all."""
    async with noted_as_requeued("t1", **NAMES):
        for work in works:
            await work
        raise LookupError


@pytest.mark.parametrize("given_up", ["dead", "failed"])
def test_requeued_task_waits_again_before_it_is_sent(run: Callable[..., None], given_up: TaskState) -> None:
    async def scenario() -> None:
        await put_task(in_state(given_up))
        async with noted_as_requeued("t1", **NAMES):
            assert await state_of("t1") == "enqueued"
        assert await state_of("t1") == "enqueued"

    run(scenario)


@pytest.mark.parametrize("before", ["dead", None])
def test_task_that_could_not_be_sent_is_what_it_was(
    run: Callable[..., None], before: TaskState | None
) -> None:
    async def scenario() -> None:
        if before:
            await note_dead("t1", attempts=9, error="no money", **NAMES)
        with pytest.raises(LookupError):
            await fail_after()
        assert await state_of("t1") == before

    run(scenario)


@pytest.mark.parametrize("newer", ["running", "succeeded"])
def test_task_that_another_requeued_already_stays_what_it_is(
    run: Callable[..., None], newer: TaskState
) -> None:
    async def scenario() -> None:
        await put_task(in_state(newer))
        async with noted_as_requeued("t1", **NAMES):
            assert await state_of("t1") == newer
        assert await state_of("t1") == newer

    run(scenario)


def test_failure_takes_back_nothing_that_a_worker_said_since(run: Callable[..., None]) -> None:
    async def scenario() -> None:
        await note_dead("t1", attempts=9, error="no money", **NAMES)
        with pytest.raises(LookupError):
            await fail_after(put_task(in_state("succeeded")))
        assert await state_of("t1") == "succeeded"

    run(scenario)
