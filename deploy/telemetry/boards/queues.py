"""The queues: what waits, who works, what was given up, and what the outboxes have not sent."""

from typing import Final

from deploy.telemetry.boards.panels import Board, Panel, Row
from deploy.telemetry.boards.queries import Query, quantiles, rate


def _gauge(metric: str, by: str = "queue", legend: str = "") -> Query:
    """A figure that several processes tell alike."""
    return Query(f'max by ({by}) ({metric}{{namespace="$namespace"}})', legend or f"{{{{{by}}}}}")


_WAITING: Final = Row(
    "What waits",
    [
        Panel(
            "Age of the oldest task",
            "Of those that are ready or in progress. It rises where a queue grows or a task hangs.",
            "s",
            [_gauge("dramatiq_nats_oldest_message_age_seconds")],
            alerts=["QueueLagGrowing"],
            thresholds=((None, "green"), (600, "red")),
        ),
        Panel(
            "Ready",
            "Tasks that wait for a worker. This, with those in progress, is what autoscalers go by.",
            "short",
            [_gauge("dramatiq_nats_messages_ready")],
            alerts=["QueueLagGrowing"],
            stacked=True,
        ),
        Panel(
            "Waited",
            "From when a task was sent, or due, until a worker began it: 50th and 95th percentile.",
            "s",
            quantiles("tt_task_wait_seconds", "queue", of=[0.5, 0.95]),
        ),
        Panel(
            "In progress",
            "Tasks that a worker holds, running or fetched ahead.",
            "short",
            [_gauge("dramatiq_nats_messages_unacknowledged")],
        ),
        Panel(
            "Delayed and in line",
            "Delayed: their time has not come, retries included. In line: one of the same key runs before "
            "them.",
            "short",
            [
                _gauge("dramatiq_nats_messages_delayed", legend="{{queue}} delayed"),
                _gauge("dramatiq_nats_messages_in_line", legend="{{queue}} in line"),
            ],
        ),
        Panel(
            "Paused",
            "1 while a queue hands out nothing, because somebody wanted that.",
            "short",
            [_gauge("dramatiq_nats_queue_paused")],
            alerts=["QueuePausedLong"],
            thresholds=((None, "green"), (1, "orange")),
        ),
    ],
)
_WORK: Final = Row(
    "Who works",
    [
        Panel(
            "Worker processes",
            "Those that were heard of within the last quarter of a minute. At 0 nothing is done.",
            "short",
            [_gauge("tt_queue_workers")],
            alerts=["NoWorker"],
        ),
        Panel(
            "Busy",
            "Of the tasks that they can run at once, how many they run. Near 1, more workers help; near 0 "
            "with a long "
            "queue, they wait for something: look at the delayed ones.",
            "percentunit",
            [
                Query(
                    'max by (queue) (tt_queue_busy{namespace="$namespace"})'
                    ' / (max by (queue) (tt_queue_threads{namespace="$namespace"}) > 0)',
                    "{{queue}}",
                )
            ],
            alerts=["QueueLagGrowing"],
        ),
        Panel(
            "Tries ended",
            "By how they ended.",
            "ops",
            [rate("tt_task_seconds_count", "outcome")],
            alerts=["TasksFailing"],
            stacked=True,
        ),
    ],
)
_GIVEN_UP: Final = Row(
    "What was given up",
    [
        Panel(
            "Dead letters",
            "Tasks that lie aside, for seven days each.",
            "short",
            [_gauge("dramatiq_nats_messages_dead")],
            alerts=["DeadLetters"],
            thresholds=((None, "green"), (1, "red")),
        ),
        Panel(
            "New dead letters",
            "Within the last quarter of an hour, by reason: `failed`, `poison`, `undecodable`, "
            "`actor-not-found`.",
            "short",
            [
                Query(
                    "sum by (queue, reason)"
                    ' (increase(tt_dead_letters_total{namespace="$namespace"}[15m])) > 0',
                    "{{queue}} {{reason}}",
                )
            ],
            alerts=["DeadLetters"],
        ),
        Panel(
            "Handed out again",
            "Tasks in progress whose worker was killed before: look for memory.",
            "short",
            [_gauge("dramatiq_nats_messages_redelivered")],
            alerts=["DeadLetters"],
        ),
    ],
)
_OUTBOX: Final = Row(
    "Outboxes",
    [
        Panel(
            "Age of the oldest row",
            "What was committed and is not sent yet. More than some seconds means that NATS, or the "
            "sending, is away.",
            "s",
            [_gauge("tt_outbox_oldest_seconds", "schema")],
            alerts=["OutboxNotDraining"],
            thresholds=((None, "green"), (60, "red")),
        ),
        Panel(
            "Rows that wait",
            "Counted up to 100,000.",
            "short",
            [_gauge("tt_outbox_waiting", "schema")],
            alerts=["OutboxNotDraining"],
        ),
        Panel(
            "Rows sent",
            "Those that NATS confirmed.",
            "ops",
            [rate("tt_outbox_sent_total", "schema", service=False)],
            stacked=True,
        ),
    ],
)

QUEUES: Final = Board(
    uid="task-tracker-queues",
    title="Task Tracker: queues",
    description="What waits, for how long, who works on it, and what was given up?",
    rows=[_WAITING, _WORK, _GIVEN_UP, _OUTBOX],
)
