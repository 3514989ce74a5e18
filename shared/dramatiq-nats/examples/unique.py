"""A second message for the same work is dropped, and says which one it duplicates."""

import os

import dramatiq

from dramatiq_nats import NatsBroker

broker = NatsBroker(
    servers=os.environ.get("NATS_URL", "nats://127.0.0.1:4222"),
    namespace=os.environ.get("DRAMATIQ_NATS_NAMESPACE", "examples"),
)
dramatiq.set_broker(broker)


@dramatiq.actor(unique_for=60_000)
def rebuild(index: str) -> None:
    """Rebuild an index."""
    print(f"rebuilt {index}")


if __name__ == "__main__":
    first, second = rebuild.send("people"), rebuild.send("people")
    print("dropped" if second.options["duplicate_of"] == first.message_id else "sent twice")
    worker = dramatiq.Worker(broker, worker_timeout=100, worker_threads=2)
    worker.start()
    broker.join(rebuild.queue_name, timeout=10_000)
    worker.stop()
    broker.close()
