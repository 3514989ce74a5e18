"""Each dead letter of a queue becomes one event, whatever was away when it was laid aside."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import msgspec
import pytest

from dramatiq_nats import dead_letter_stream, ensure_streams, requeue_dead_letter, work_subject
from shared.contracts.scoring import ScoreUnscoredMessages
from shared.contracts.tasks import TaskDeadLettered
from shared.database.engine import bind_database, dispose_database
from shared.messaging.commands import publish_command
from shared.messaging.connection import connection
from shared.messaging.events import ensure_event_stream
from shared.messaging.names import event_stream, event_subject
from shared.messaging.relay import Relay
from shared.messaging.tasks import get_task
from shared.service.dead_letters import tell_of_dead_letters
from shared.service.failures import UnreadableCommand
from shared.telemetry import start_run
from tests.conftest import Database
from tests.integration.bound import bound
from tests.integration.service.working import ACTOR, QUEUE, working

DEADLINE = 30.0


async def failing() -> None:
    raise UnreadableCommand("рядок один\nрядок два " + "довгий " * 100)


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not await condition():  # noqa: ASYNC110 - what is waited for happens on the server
            await asyncio.sleep(0.02)


async def letters(namespace: str) -> int:
    info = await (await connection()).jetstream().stream_info(dead_letter_stream(namespace))
    return info.state.messages


async def told(namespace: str) -> list[TaskDeadLettered]:
    js = (await connection()).jetstream()
    state = (await js.stream_info(event_stream(namespace))).state
    sequences = range(max(1, state.first_seq), state.last_seq + 1)
    raw = [await js.get_msg(event_stream(namespace), sequence) for sequence in sequences]
    subject = event_subject(namespace, TaskDeadLettered.event_name)
    events = (each.data or b"" for each in raw if each.subject == subject)
    return [msgspec.json.decode(event, type=TaskDeadLettered) for event in events]


async def send(task_id: str, run_id: UUID | None = None) -> None:
    with start_run("test", run_id):
        await publish_command(ScoreUnscoredMessages(), task_id=task_id, tracked=True)


@pytest.fixture
def scene(database: Database, nats_url: str, namespace: str) -> Callable[..., None]:
    """Play a scene in which the tasks of `scoring` fail at once; a relay sends what is said."""

    def play(scenario: Callable[[], Awaitable[None]]) -> None:
        async def within() -> None:
            async with bound("scoring", database.url("scoring"), nats_url, namespace):
                await ensure_streams((await connection()).jetstream(), namespace)
                await ensure_event_stream()
                relay = asyncio.create_task(Relay("scoring").run())
                try:
                    await scenario()
                finally:
                    relay.cancel()
                    await asyncio.wait([relay])

        with working(nats_url, namespace, failing):
            asyncio.run(within())

    return play


async def stop(*tasks: "asyncio.Task[None]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def test_dead_letter_is_told_of_in_its_run_and_without_its_arguments(
    scene: Callable[..., None], namespace: str
) -> None:
    run_id = uuid4()

    async def scenario() -> None:
        await send("first", run_id)
        # Two replicas share the work.
        telling = [asyncio.create_task(tell_of_dead_letters(QUEUE)) for _ in range(2)]
        await until(lambda: told(namespace))
        await send("second")
        await until(lambda: count_is(2))
        await stop(*telling)
        first, second = await told(namespace)
        assert (first.queue, first.actor, first.task_id, first.reason) == (QUEUE, ACTOR, "first", "failed")
        assert (first.run_id, first.attempts, first.sequence) == (run_id, 1, 1)
        assert first.error.startswith("UnreadableCommand: рядок один рядок два довгий")
        assert len(first.error) == 300
        assert second.task_id == "second"
        record = await get_task("first")
        assert record is not None
        assert record.state == "dead"

    async def count_is(number: int) -> bool:
        return len(await told(namespace)) == number

    scene(scenario)


def test_what_died_while_postgres_was_away_is_told_of_when_it_is_back(
    scene: Callable[..., None], namespace: str, database: Database
) -> None:
    async def scenario() -> None:
        await dispose_database()
        bind_database("postgresql://127.0.0.1:1/nowhere", "scoring")
        telling = asyncio.create_task(tell_of_dead_letters(QUEUE))
        await send("first")
        await until(lambda: letters(namespace))

        async def is_dead() -> bool:
            record = await get_task("first")
            return record is not None and record.state == "dead"

        await until(is_dead)
        assert await told(namespace) == []
        await dispose_database()
        bind_database(database.url("scoring"), "scoring")
        await until(lambda: told(namespace))
        await stop(telling)
        assert [each.task_id for each in await told(namespace)] == ["first"]

    scene(scenario)


def test_what_cannot_be_read_is_told_of_too(scene: Callable[..., None], namespace: str) -> None:
    async def scenario() -> None:
        await (await connection()).jetstream().publish(work_subject(namespace, QUEUE), b"no message at all")
        telling = asyncio.create_task(tell_of_dead_letters(QUEUE))
        await until(lambda: told(namespace))
        await stop(telling)
        (event,) = await told(namespace)
        assert (event.reason, event.actor, event.task_id, event.run_id) == ("undecodable", "", "", None)

    scene(scenario)


def test_what_is_requeued_before_its_turn_is_told_of_once_it_dies_again(
    scene: Callable[..., None], namespace: str
) -> None:
    async def scenario() -> None:
        await send("first")
        await until(lambda: letters(namespace))
        await requeue_dead_letter((await connection()).jetstream(), namespace, 1)

        async def died_again() -> bool:
            info = await (await connection()).jetstream().stream_info(dead_letter_stream(namespace))
            return info.state.first_seq == 2

        await until(died_again)
        telling = asyncio.create_task(tell_of_dead_letters(QUEUE))
        await until(lambda: told(namespace))
        await stop(telling)
        assert [each.sequence for each in await told(namespace)] == [2]

    scene(scenario)
