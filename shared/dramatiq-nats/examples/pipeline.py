"""What one actor returns goes to the next; a callback runs once when a whole group is done."""

import os

import dramatiq
from dramatiq.middleware import GroupCallbacks
from dramatiq.results import Results

from dramatiq_nats import NatsBroker, NatsRateLimiterBackend, NatsResults

broker = NatsBroker(
    servers=os.environ.get("NATS_URL", "nats://127.0.0.1:4222"),
    namespace=os.environ.get("DRAMATIQ_NATS_NAMESPACE", "examples"),
)
broker.add_middleware(Results(backend=NatsResults(broker)))
broker.add_middleware(GroupCallbacks(NatsRateLimiterBackend(broker)))
dramatiq.set_broker(broker)


@dramatiq.actor(store_results=True)
def double(number: int) -> int:
    """Double a number."""
    return 2 * number


@dramatiq.actor
def report() -> None:
    """Say that a group is done."""
    print("all done")


if __name__ == "__main__":
    worker = dramatiq.Worker(broker, worker_timeout=100, worker_threads=2)
    worker.start()
    chain = dramatiq.pipeline(
        [double.message(5), double.message_with_options(), double.message_with_options()]
    ).run()
    print(chain.get_result(block=True, timeout=10_000))
    members = dramatiq.group([double.message(number) for number in range(5)])
    members.add_completion_callback(report.message())
    members.run()
    broker.join(double.queue_name, timeout=10_000)
    worker.stop()
    broker.close()
