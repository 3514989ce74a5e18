"""Run every second by whichever worker is there, once for the whole fleet; no scheduler process."""

import os
import threading

import dramatiq

from dramatiq_nats import NatsBroker

broker = NatsBroker(
    servers=os.environ.get("NATS_URL", "nats://127.0.0.1:4222"),
    namespace=os.environ.get("DRAMATIQ_NATS_NAMESPACE", "examples"),
)
dramatiq.set_broker(broker)
ticks = threading.Semaphore(0)


@dramatiq.actor(interval=1_000)
def tick() -> None:
    """Tick."""
    print("tick")
    ticks.release()


@dramatiq.actor(cron="0 9 * * mon-fri", cron_timezone="Europe/Kyiv")
def good_morning() -> None:
    """Wish a good morning on workdays at nine, in Kyiv."""
    print("Доброго ранку")


if __name__ == "__main__":
    worker = dramatiq.Worker(broker, worker_timeout=100, worker_threads=2)
    worker.start()
    for _ in range(2):
        ticks.acquire(timeout=10)
    worker.stop()
    broker.close()
