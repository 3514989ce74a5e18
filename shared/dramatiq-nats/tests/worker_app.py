"""What the tests start with Dramatiq's command line, as real worker processes."""

import os
import signal
import sys
import time

import dramatiq
from dramatiq.middleware import GroupCallbacks

from dramatiq_nats import NatsBroker, NatsRateLimiterBackend

broker = NatsBroker(
    servers=os.environ["NATS_URL"],
    namespace=os.environ["NATS_NAMESPACE"],
    ack_wait=float(os.environ.get("ACK_WAIT", "2")),
    max_deliveries=int(os.environ.get("MAX_DELIVERIES", "5")),
)
broker.add_middleware(GroupCallbacks(NatsRateLimiterBackend(broker)))
dramatiq.set_broker(broker)


def say(text: str) -> None:
    """Append a line to the log that the test reads; one write, so that processes do not mix."""
    with open(os.environ["LOG"], "a", encoding="utf-8") as log:  # noqa: PTH123
        log.write(f"{text}\n")


@dramatiq.actor
def note(number: int) -> None:
    say(f"done {number}")


@dramatiq.actor
def finish(number: int) -> None:
    say(f"finished {number}")


@dramatiq.actor
def slow(number: int, seconds: float) -> None:
    say(f"began {number}")
    time.sleep(seconds)
    say(f"done {number}")


@dramatiq.actor
def kill_worker() -> None:
    say("killing")
    os.kill(os.getpid(), signal.SIGKILL)


@dramatiq.actor
def fork_and_send(number: int) -> None:
    """Enqueue from a forked child, which must make a connection of its own."""
    child = os.fork()
    if child == 0:
        note.send(number)
        broker.close()
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)
    note.send(number + 1)
