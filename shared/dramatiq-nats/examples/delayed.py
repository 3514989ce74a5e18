"""A delay is kept by the server: no worker holds the message meanwhile."""

import os
import time

import dramatiq

from dramatiq_nats import NatsBroker

broker = NatsBroker(
    servers=os.environ.get("NATS_URL", "nats://127.0.0.1:4222"),
    namespace=os.environ.get("DRAMATIQ_NATS_NAMESPACE", "examples"),
)
dramatiq.set_broker(broker)


@dramatiq.actor
def remind(sent_at: float) -> None:
    """Say how long the reminder took."""
    print(f"after {time.time() - sent_at:.1f} s")


if __name__ == "__main__":
    worker = dramatiq.Worker(broker, worker_timeout=100, worker_threads=2)
    worker.start()
    remind.send_with_options(args=(time.time(),), delay=1_000)
    broker.join(remind.queue_name, timeout=10_000)
    worker.stop()
    broker.close()
