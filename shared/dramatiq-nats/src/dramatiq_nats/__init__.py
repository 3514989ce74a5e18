"""A Dramatiq broker on NATS JetStream."""

from dramatiq_nats.broker import NatsBroker
from dramatiq_nats.dead_letters import (
    DeadLetter,
    Reason,
    delete_dead_letter,
    get_dead_letter,
    list_dead_letters,
    requeue_dead_letter,
)
from dramatiq_nats.naming import (
    consumer_name,
    dead_letter_stream,
    dead_letter_subject,
    result_stream,
    stream_name,
    work_subject,
)
from dramatiq_nats.pauses import pause_queue, resume_queue
from dramatiq_nats.publisher import PublishRefused
from dramatiq_nats.rate_limits import NatsRateLimiterBackend
from dramatiq_nats.results import NatsResults
from dramatiq_nats.roll_call import QueueWork, WorkerProcess, call_roll
from dramatiq_nats.stats import QueueStats, queue_stats
from dramatiq_nats.streams import ensure_streams
from dramatiq_nats.wire import WorkMessage, encode_work

__all__ = [
    "DeadLetter",
    "NatsBroker",
    "NatsRateLimiterBackend",
    "NatsResults",
    "PublishRefused",
    "QueueStats",
    "QueueWork",
    "Reason",
    "WorkMessage",
    "WorkerProcess",
    "call_roll",
    "consumer_name",
    "dead_letter_stream",
    "dead_letter_subject",
    "delete_dead_letter",
    "encode_work",
    "ensure_streams",
    "get_dead_letter",
    "list_dead_letters",
    "pause_queue",
    "queue_stats",
    "requeue_dead_letter",
    "result_stream",
    "resume_queue",
    "stream_name",
    "work_subject",
]
