"""The first minute: an actor, a message, a worker."""

import os

import dramatiq

from dramatiq_nats import NatsBroker

broker = NatsBroker(
    servers=os.environ.get("NATS_URL", "nats://127.0.0.1:4222"),
    namespace=os.environ.get("DRAMATIQ_NATS_NAMESPACE", "examples"),
)
dramatiq.set_broker(broker)


@dramatiq.actor
def greet(name: str) -> None:
    """Greet somebody."""
    print(f"Hello, {name}")


if __name__ == "__main__":
    worker = dramatiq.Worker(broker, worker_timeout=100, worker_threads=2)
    worker.start()
    greet.send("Олено")
    broker.join(greet.queue_name, timeout=10_000)
    worker.stop()
    broker.close()
