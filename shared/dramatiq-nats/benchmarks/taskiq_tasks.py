"""The actors' counterparts for taskiq-nats, run by taskiq's command line."""

import os
import time

from taskiq_nats import PullBasedJetStreamBroker

broker = PullBasedJetStreamBroker([os.environ["BENCH_URL"]], pull_consume_batch=16, pull_consume_timeout=0.2)
_log = os.open(os.environ["BENCH_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)


@broker.task
def count() -> None:
    """Note that one ran, in a thread as an actor does."""
    os.write(_log, b".")


@broker.task
def clock(sent_at: float) -> None:
    """Note how long a message was on its way, in milliseconds."""
    os.write(_log, b"%.3f\n" % ((time.time() - sent_at) * 1000))
