"""What failed for good is kept with its reason, and sent again when the cause is mended."""

import os
import time

import dramatiq

from dramatiq_nats import NatsBroker

broker = NatsBroker(
    servers=os.environ.get("NATS_URL", "nats://127.0.0.1:4222"),
    namespace=os.environ.get("DRAMATIQ_NATS_NAMESPACE", "examples"),
)
dramatiq.set_broker(broker)
mended = False


@dramatiq.actor(max_retries=0)
def charge(account: str) -> None:
    """Charge an account, once the bank answers."""
    if not mended:
        raise ConnectionError("the bank does not answer")
    print(f"charged {account}")


if __name__ == "__main__":
    worker = dramatiq.Worker(broker, worker_timeout=100, worker_threads=2)
    worker.start()
    charge.send("UA12")
    while not (letters := broker.list_dead_letters(charge.queue_name)):
        time.sleep(0.1)
    for letter in letters:
        print(letter.reason, letter.exception_type, letter.exception)
        mended = True
        broker.requeue_dead_letter(letter.sequence)
    broker.join(charge.queue_name, timeout=10_000)
    worker.stop()
    broker.close()
