"""dramatiq-nats alone, in this process, beside bare nats-py on the same server."""

import asyncio
import threading
import time

import dramatiq
from dramatiq import Worker

from dramatiq_nats import NatsBroker
from tests.benchmarks import bare
from tests.benchmarks.figures import Figure

_MESSAGES = 10_000
_ONE_BY_ONE = 1_000


def measure(nats_url: str) -> list[Figure]:
    """Messages a second enqueued one by one, enqueued at once, and consumed by eight threads."""
    broker = NatsBroker(servers=nats_url, namespace="bench", middleware=[])
    done = threading.Event()
    left = _MESSAGES + _ONE_BY_ONE

    @dramatiq.actor(broker=broker)
    def count(text: str) -> None:
        nonlocal left
        left -= bool(text)
        if left == 0:
            done.set()

    messages = [count.message(f"Повідомлення {number}") for number in range(_MESSAGES)]
    payloads = [message.encode() for message in messages]
    began = time.perf_counter()
    for _ in range(_ONE_BY_ONE):
        count.send("Повідомлення")
    one_by_one = _ONE_BY_ONE / (time.perf_counter() - began)
    began = time.perf_counter()
    broker.enqueue_many(messages)
    at_once = _MESSAGES / (time.perf_counter() - began)
    worker = Worker(broker, worker_threads=8)
    began = time.perf_counter()
    worker.start()
    done.wait(120)
    consumed = (_MESSAGES + _ONE_BY_ONE) / (time.perf_counter() - began)
    worker.stop()
    broker.close()
    bare_one, bare_many, bare_fetched = asyncio.run(bare.publish_rates(nats_url, payloads))
    return [
        Figure(
            "broker: enqueue, each confirmed", one_by_one, "messages/s", "", "publish, one by one", bare_one
        ),
        Figure("broker: enqueue_many", at_once, "messages/s", "", "publish, many", bare_many),
        Figure("broker: consume", consumed, "messages/s", "", "pull fetch and ack", bare_fetched),
    ]
