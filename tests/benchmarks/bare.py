"""What bare Postgres and bare NATS do with the same data: the peers of our figures."""

import asyncio
import time
from collections.abc import Awaitable, Sequence

import asyncpg
import nats
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, StreamConfig

_FETCH = 200


async def copy_rate(database_url: str, table: str) -> float:
    """Rows a second that COPY takes into a new table of the same columns, without index or key."""
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch(f"SELECT * FROM {table}")  # noqa: S608 - a name of our own
        await connection.execute(f"CREATE TABLE bare AS TABLE {table} WITH NO DATA")
        began = time.perf_counter()
        await connection.copy_records_to_table("bare", records=map(tuple, rows))
        return len(rows) / (time.perf_counter() - began)
    finally:
        await connection.execute("DROP TABLE IF EXISTS bare")
        await connection.close()


async def publish_rates(nats_url: str, payloads: Sequence[bytes]) -> tuple[float, float, float]:
    """Messages a second of a stream on disk: published one by one; all at once; fetched and acknowledged."""
    client = await nats.connect(nats_url, pending_size=64 * 1024 * 1024)
    try:
        js = client.jetstream()
        await js.add_stream(StreamConfig(name="bare", subjects=["bare.>"]))
        alone = payloads[: len(payloads) // 10]
        one_by_one = await _timed(_publish_each(js, alone), len(alone))
        await js.purge_stream("bare")
        at_once = await _timed(_publish_all(js, payloads), len(payloads))
        fetched = await _timed(_fetch_all(js, len(payloads)), len(payloads))
        await js.delete_stream("bare")
    finally:
        await client.close()
    return one_by_one, at_once, fetched


async def _timed(work: Awaitable[None], count: int) -> float:
    began = time.perf_counter()
    await work
    return count / (time.perf_counter() - began)


async def _publish_each(js: JetStreamContext, payloads: Sequence[bytes]) -> None:
    for payload in payloads:
        await js.publish("bare.one", payload)


async def _publish_all(js: JetStreamContext, payloads: Sequence[bytes]) -> None:
    await asyncio.gather(*[await js.publish_async("bare.many", payload) for payload in payloads])


async def _fetch_all(js: JetStreamContext, count: int) -> None:
    subscription = await js.pull_subscribe("bare.many", "bare", config=ConsumerConfig(max_ack_pending=-1))
    while count:
        for message in await subscription.fetch(min(_FETCH, count)):
            await message.ack()
            count -= 1
