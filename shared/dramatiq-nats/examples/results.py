"""A result is stored for as long as you say, and waited for without polling."""

import os

import dramatiq
from dramatiq.results import Results

from dramatiq_nats import NatsBroker, NatsResults

broker = NatsBroker(
    servers=os.environ.get("NATS_URL", "nats://127.0.0.1:4222"),
    namespace=os.environ.get("DRAMATIQ_NATS_NAMESPACE", "examples"),
)
broker.add_middleware(Results(backend=NatsResults(broker)))
dramatiq.set_broker(broker)


@dramatiq.actor(store_results=True, result_ttl=60_000)
def add(one: int, other: int) -> int:
    """Add."""
    return one + other


if __name__ == "__main__":
    worker = dramatiq.Worker(broker, worker_timeout=100, worker_threads=2)
    worker.start()
    print(add.send(20, 22).get_result(block=True, timeout=10_000))
    worker.stop()
    broker.close()
