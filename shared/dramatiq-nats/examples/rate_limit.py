"""At most two at a time, over all processes; a killed holder's slot comes free by itself."""

import os
import sys

import dramatiq
from dramatiq.rate_limits import ConcurrentRateLimiter

from dramatiq_nats import NatsBroker, NatsRateLimiterBackend

broker = NatsBroker(
    servers=os.environ.get("NATS_URL", "nats://127.0.0.1:4222"),
    namespace=os.environ.get("DRAMATIQ_NATS_NAMESPACE", "examples"),
)
dramatiq.set_broker(broker)
limiter = ConcurrentRateLimiter(NatsRateLimiterBackend(broker), "printer", limit=2, ttl=60_000)


@dramatiq.actor(min_backoff=300, max_backoff=500)
def print_page(number: int) -> None:
    """Print a page; when both printers are busy, Dramatiq tries again later."""
    with limiter.acquire():
        # In one write: `print` writes the line break on its own, and two threads may print here.
        sys.stdout.write(f"page {number}\n")


if __name__ == "__main__":
    worker = dramatiq.Worker(broker, worker_timeout=100, worker_threads=2)
    worker.start()
    for number in range(4):
        print_page.send(number)
    broker.join(print_page.queue_name, timeout=20_000)
    worker.stop()
    broker.close()
