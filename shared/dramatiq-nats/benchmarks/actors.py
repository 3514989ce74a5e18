"""What Dramatiq's command line runs in the benchmark: the same actors on whichever broker is named."""

import os
import time
from typing import Any

import dramatiq
from dramatiq.broker import Broker


def make_broker() -> Broker:
    """Return the broker that the environment names, at its URL, with Dramatiq's default middleware."""
    name, url = os.environ["BENCH_BROKER"], os.environ["BENCH_URL"]
    if name == "redis":
        from dramatiq.brokers.redis import RedisBroker

        return RedisBroker(url=url)
    if name == "rabbitmq":
        from dramatiq.brokers.rabbitmq import RabbitmqBroker

        return RabbitmqBroker(url=url, confirm_delivery=True)
    from dramatiq_nats import NatsBroker

    return NatsBroker(servers=url, replicas=int(os.environ.get("BENCH_REPLICAS", "1")))


broker = make_broker()
dramatiq.set_broker(broker)
_log = os.open(os.environ["BENCH_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)


#: Over how many partition keys messages are spread; 0 for none.
KEYS = int(os.environ.get("BENCH_KEYS", "0"))


def options(number: int) -> dict[str, Any]:
    """Return the options of the message with this number."""
    return {"partition_key": number % KEYS} if KEYS else {}


@dramatiq.actor(queue_name="small")
def count() -> None:
    """Note that one ran: a byte in a file, which processes may append to at a time."""
    os.write(_log, b".")


@dramatiq.actor(queue_name="timed")
def clock(sent_at: float) -> None:
    """Note how long a message was on its way, in milliseconds."""
    os.write(_log, b"%.3f\n" % ((time.time() - sent_at) * 1000))
