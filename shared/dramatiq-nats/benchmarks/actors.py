"""What Dramatiq's command line runs in the benchmark: the same actors on whichever broker is named."""

import os
import time

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

    return NatsBroker(servers=url)


broker = make_broker()
dramatiq.set_broker(broker)
_log = os.open(os.environ["BENCH_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)


@dramatiq.actor(queue_name="small")
def count() -> None:
    """Note that one ran: a byte in a file, which processes may append to at a time."""
    os.write(_log, b".")


@dramatiq.actor(queue_name="timed")
def clock(sent_at: float) -> None:
    """Note how long a message was on its way, in milliseconds."""
    os.write(_log, b"%.3f\n" % ((time.time() - sent_at) * 1000))
