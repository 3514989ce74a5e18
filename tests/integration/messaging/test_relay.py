"""The outbox and its relay: what is committed is said, once, in order; what is not committed never is."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from loguru import logger
from sqlalchemy import text

from deploy.local.nats import running_nats
from shared.contracts.scoring import MessageScored, ScoredMessage, ScoreUnscoredMessages
from shared.database.engine import engine
from shared.messaging import outbox
from shared.messaging import relay as relay_module
from shared.messaging.connection import bound_namespace, connection
from shared.messaging.events import ensure_event_stream
from shared.messaging.names import event_stream
from shared.messaging.relay import Relay, publish_in_order
from shared.messaging.tasks import TaskRecord, get_task
from shared.messaging.transaction import transaction
from tests.conftest import Database
from tests.integration.bound import bound

DEADLINE = 20.0


def event(number: int) -> MessageScored:
    return MessageScored(score=ScoredMessage(message_id=number, importance_score=0.5, message_class="noise"))


async def say(*numbers: int) -> None:
    async with transaction() as tx:
        for number in numbers:
            tx.publish(event(number))


async def heard() -> list[int]:
    """The messages whose events are in the stream, in its order."""
    js = (await connection()).jetstream()
    await ensure_event_stream()
    stream = event_stream(bound_namespace())
    state = (await js.stream_info(stream)).state
    found = [await js.get_msg(stream, seq) for seq in range(state.first_seq, state.last_seq + 1)]
    return [
        msgspec.json.decode(message.data or b"", type=MessageScored).score.message_id for message in found
    ]


async def unsent() -> int:
    async with engine().connect() as database:
        return (await outbox.backlog(database))[0]


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not await condition():  # noqa: ASYNC110 - what is waited for happens in the database
            await asyncio.sleep(0.02)


async def all_is_said() -> bool:
    return await unsent() == 0


async def say_and_fail() -> None:
    async with transaction() as tx:
        tx.publish(event(1))
        await tx.keep_outbox()
        raise ValueError("no")


def test_what_was_rolled_back_is_never_said(database: Database, nats_url: str, namespace: str) -> None:
    async def scenario() -> int:
        async with bound("scoring", database.url("scoring"), nats_url, namespace):
            with pytest.raises(ValueError, match="no"):
                await say_and_fail()
            return await unsent()

    assert asyncio.run(scenario()) == 0


def test_rows_are_said_in_their_order(database: Database, nats_url: str, namespace: str) -> None:
    async def scenario() -> list[int]:
        async with bound("scoring", database.url("scoring"), nats_url, namespace):
            relay = asyncio.create_task(Relay("scoring").run())
            for start in range(0, 1200, 100):
                await say(*range(start, start + 100))
            await until(all_is_said)
            relay.cancel()
            await asyncio.wait([relay])
            return await heard()

    assert asyncio.run(scenario()) == list(range(1200))


def test_row_that_is_said_again_after_a_crash_is_kept_once(
    database: Database, nats_url: str, namespace: str
) -> None:
    async def scenario() -> list[int]:
        async with bound("scoring", database.url("scoring"), nats_url, namespace):
            await ensure_event_stream()
            await say(1, 2, 3)
            async with engine().connect() as connected:
                rows = await outbox.unsent(connected, 10)
            js = (await connection()).jetstream()
            await publish_in_order(js, "scoring", rows)  # and it died before it could mark them
            relay = asyncio.create_task(Relay("scoring").run())
            await until(all_is_said)
            relay.cancel()
            await asyncio.wait([relay])
            return await heard()

    assert asyncio.run(scenario()) == [1, 2, 3]


def test_one_relay_is_active_and_another_takes_over(
    database: Database, nats_url: str, namespace: str
) -> None:
    async def scenario() -> list[int]:
        async with bound("scoring", database.url("scoring"), nats_url, namespace):
            relays = [Relay("scoring"), Relay("scoring")]
            tasks = [asyncio.create_task(relay.run()) for relay in relays]

            async def one_leads() -> bool:
                return any(relay.is_active for relay in relays)

            await until(one_leads)
            await say(1)
            await until(all_is_said)
            assert [relay.is_active for relay in relays].count(True) == 1
            leader = 0 if relays[0].is_active else 1
            tasks[leader].cancel()
            await asyncio.wait([tasks[leader]])

            async def other_leads() -> bool:
                return relays[1 - leader].is_active

            await until(other_leads)
            await say(2)
            await until(all_is_said)
            tasks[1 - leader].cancel()
            await asyncio.wait(tasks)
            return await heard()

    assert asyncio.run(scenario()) == [1, 2]


def test_relay_that_waits_for_its_turn_holds_up_no_migration_and_says_nothing(
    database: Database, nats_url: str, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "_TURN_EVERY", 0.01)
    lines: list[str] = []
    heard_lines = logger.add(lines.append, level="INFO", format="{message}")

    async def run() -> None:
        async with bound("scoring", database.url("scoring"), nats_url, namespace):
            first, second = Relay("scoring"), Relay("scoring")
            leading = asyncio.create_task(first.run())
            await until(lambda: _is_active(first))
            waiting = asyncio.create_task(second.run())
            await until(_asks_for_the_turn)
            await asyncio.wait_for(_make_index(), DEADLINE)
            assert not second.is_active
            leading.cancel()
            await until(lambda: _is_active(second))
            waiting.cancel()
            await asyncio.gather(leading, waiting, return_exceptions=True)

    try:
        asyncio.run(run())
    finally:
        logger.remove(heard_lines)
    assert lines == []


def test_relay_that_is_woken_as_it_is_told_to_end_ends(
    database: Database, nats_url: str, namespace: str
) -> None:
    async def run() -> bool:
        async with bound("scoring", database.url("scoring"), nats_url, namespace):
            relay = Relay("scoring")
            running = asyncio.create_task(relay.run())

            async def waits_for_work() -> bool:
                return bool(relay._woken._waiters)

            await until(waits_for_work)
            relay._woken.set()
            running.cancel()
            return bool((await asyncio.wait([running], timeout=DEADLINE))[0])

    assert asyncio.run(run())


async def _is_active(relay: Relay) -> bool:
    return relay.is_active


async def _asks_for_the_turn() -> bool:
    """Whether a session is there that asks for the lock again and again."""
    async with engine().connect() as session:
        return bool(
            await session.scalar(
                text(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND query LIKE '%pg_try_advisory_lock%' AND pid <> pg_backend_pid()"
                    " AND query_start - backend_start > interval '100 ms'"
                )
            )
        )


async def _make_index() -> None:
    """What waits for every session that keeps a snapshot."""
    async with engine().connect() as session:
        await session.execution_options(isolation_level="AUTOCOMMIT")
        await session.execute(text("CREATE INDEX CONCURRENTLY ON scoring.outbox (created_at)"))


def test_session_of_a_node_that_vanished_ends_soon(database: Database, nats_url: str, namespace: str) -> None:
    async def run() -> dict[str, str]:
        async with (
            bound("scoring", database.url("scoring"), nats_url, namespace),
            engine().connect() as session,
        ):
            rows = await session.execute(
                text("SELECT name, setting FROM pg_settings WHERE name LIKE 'tcp_%'")
            )
            return {row.name: row.setting for row in rows}

    found = asyncio.run(run())
    idle, interval, count = (int(found[f"tcp_keepalives_{name}"]) for name in ("idle", "interval", "count"))
    assert 0 < idle + interval * count <= 30
    assert 0 < int(found["tcp_user_timeout"]) <= 30_000


def test_server_that_is_away_is_waited_for(database: Database, tmp_path: Path, namespace: str) -> None:
    async def before(url: str) -> None:
        async with bound("scoring", database.url("scoring"), url, namespace):
            await say(1, 2)

    async def after(url: str) -> list[int]:
        async with bound("scoring", database.url("scoring"), url, namespace):
            relay = asyncio.create_task(Relay("scoring").run())
            await until(all_is_said)
            relay.cancel()
            await asyncio.wait([relay])
            return await heard()

    asyncio.run(before("nats://127.0.0.1:1"))
    with running_nats(tmp_path / "nats") as url:
        assert asyncio.run(after(url)) == [1, 2]


def test_tracked_task_is_found_before_a_worker_begins_it(
    database: Database, nats_url: str, namespace: str
) -> None:
    async def scenario() -> TaskRecord | None:
        async with bound("scoring", database.url("scoring"), nats_url, namespace):
            async with transaction() as tx:
                task_id = tx.send(ScoreUnscoredMessages(), tracked=True)
            return await get_task(task_id)

    record = asyncio.run(scenario())
    assert record is not None
    assert (record.state, record.actor) == ("enqueued", "score_unscored_messages_task")
