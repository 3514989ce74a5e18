"""Enqueueing with taskiq-nats: one coroutine for a thread, all at once for `enqueue_many`."""

import asyncio
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from taskiq_tasks import broker, clock, count


async def by_coroutines(coroutines: int, each: int) -> float:
    """Return messages a second sent by so many coroutines, each so many."""

    async def send() -> None:
        for _ in range(each):
            await count.kiq()

    began = time.perf_counter()
    await asyncio.gather(*(send() for _ in range(coroutines)))
    return coroutines * each / (time.perf_counter() - began)


async def measure(number: int) -> dict[str, float]:
    """Enqueue three times `number` messages, after warming up."""
    await count.kiq()
    return {
        "enqueue, 1 thread": await by_coroutines(1, number // 4),
        "enqueue, 8 threads": await by_coroutines(8, number // 8),
        "enqueue_many": await by_coroutines(3 * number - 8 * (number // 8) - number // 4 - 1, 1),
    }


async def send_timed(number: int, pause: float) -> None:
    """Send messages one by one with a pause between them, each with the time when it was sent."""
    for _ in range(number):
        await clock.kiq(time.time())
        await asyncio.sleep(pause)


async def main() -> None:
    """Do what the arguments say."""
    await broker.startup()
    if sys.argv[1] == "timed":
        await send_timed(int(sys.argv[2]), float(sys.argv[3]))
    else:
        print(json.dumps(await measure(int(sys.argv[2]))))
    await broker.shutdown()


asyncio.run(main())
