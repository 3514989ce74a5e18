"""The pipeline: from an update to its score, and on to what is known."""

from typing import Final

from deploy.telemetry.boards.panels import Board, Panel, Row
from deploy.telemetry.boards.queries import Query, matchers, quantiles, rate

_NS: Final = '{namespace="$namespace"}'

_MESSAGES: Final = Row(
    "From update to score",
    [
        Panel(
            "Updates taken",
            "Telegram's updates at the webhook, by what became of them. Others than `accepted` are told "
            "to Telegram "
            "as done or as to be sent again; docs/operate.md has each.",
            "reqps",
            [rate("tt_gateway_webhook_updates_total", "outcome", service=False)],
            alerts=["WebhookNotTaken"],
            stacked=True,
        ),
        Panel(
            "Updates saved",
            "What ingestion made of updates, by their kind. It follows the updates taken; a gap is a "
            "queue that grows.",
            "reqps",
            [rate("tt_telegram_updates_total", "kind, outcome", service=False)],
            stacked=True,
        ),
        Panel(
            "From update to score",
            "How long a message waits until it has a score, all queues and outboxes included. A point "
            "leads to the trace "
            "of one such message.",
            "s",
            quantiles("tt_message_scored_seconds"),
            alerts=["ScoringLate"],
        ),
    ],
)
_TASKS: Final = Row(
    "Tasks",
    [
        Panel(
            "Tasks ended",
            "Tries of tasks that ended, by actor.",
            "ops",
            [rate("tt_task_seconds_count", "service, actor")],
            traces=True,
            stacked=True,
        ),
        Panel(
            "Tries that failed",
            "`retrying` is tried again, `dead` was given up, `failed` ended in a way that a person is "
            "told of.",
            "ops",
            [rate("tt_task_seconds_count", "service, actor, outcome", 'outcome!="succeeded"')],
            alerts=["TasksFailing", "DeadLetters"],
            traces=True,
            thresholds=((None, "green"), (0.1, "red")),
        ),
        Panel(
            "Time of a task",
            "Of each actor the time that 19 of 20 tries stay below. A point leads to the trace of one "
            "such try.",
            "s",
            quantiles("tt_task_seconds", "service, actor", of=[0.95]),
            traces=True,
        ),
    ],
)
_KNOWN: Final = Row(
    "What becomes known",
    [
        Panel(
            "Extractions and runs ended",
            "Extractions of knowledge, analysis runs and experiments, by how they ended.",
            "ops",
            [
                rate("tt_extractions_ended_total", "status", service=False),
                rate("tt_runs_ended_total", "status", service=False),
                rate("tt_experiments_ended_total", "status", service=False),
            ],
        ),
        Panel(
            "Has a vector",
            "Of what can be found by meaning the share that is: the rest is found by its words alone.",
            "percentunit",
            [Query(f"min by (kind) (tt_embedding_coverage_ratio{_NS})", "{{kind}}")],
            kind="stat",
            alerts=["EmbeddingBehind"],
            thresholds=((None, "red"), (0.95, "green")),
        ),
        Panel(
            "Has no vector yet",
            "Items that wait to be embedded, and those that could not be.",
            "short",
            [
                Query(f"max by (kind) (tt_embedding_missing{_NS})", "{{kind}} missing"),
                Query(f"max by (kind) (tt_embedding_failed{_NS})", "{{kind}} failed"),
            ],
            alerts=["EmbeddingBehind"],
        ),
    ],
)
_HEALTH: Final = Row(
    "The services themselves",
    [
        Panel(
            "Not ready",
            "How many things some instance of the service lacks: 0 is good. `GET /health/services` names "
            "them.",
            "short",
            [
                Query(
                    f"count by (service) (tt_ready{matchers()} == 0)"
                    f" or 0 * count by (service) (tt_ready{matchers()})",
                    "{{service}}",
                )
            ],
            kind="stat",
            alerts=["NotReady", "ServiceDown", "ServiceAbsent"],
            thresholds=((None, "green"), (1, "red")),
        ),
        Panel(
            "Event loops are late",
            "How late what is due is done, 99th percentile by service and kind of process. Above half a "
            "second something "
            "computes where it should not, or processors are wanting.",
            "s",
            quantiles("tt_event_loop_lag_seconds", "service, process", of=[0.99], exemplars=False),
            alerts=["EventLoopSlow"],
            thresholds=((None, "green"), (0.5, "red")),
        ),
        Panel(
            "Database connections in use",
            "Of those that the processes of a kind may have. At 1 work waits for a connection.",
            "percentunit",
            [
                Query(
                    f"sum by (service, process) (tt_database_connections_in_use{matchers()})"
                    f" / sum by (service, process) (tt_database_connections_limit{matchers()})",
                    "{{service}} {{process}}",
                )
            ],
            alerts=["DatabasePoolBusy"],
            thresholds=((None, "green"), (0.9, "red")),
        ),
        Panel(
            "Stored",
            "What NATS and Postgres store, and how much they may where it is known.",
            "bytes",
            [
                Query(f"max by (store) (tt_store_bytes{_NS})", "{{store}}"),
                Query(f"max by (store) (tt_store_limit_bytes{_NS})", "{{store}} limit"),
            ],
            alerts=["StoreFilling", "DiskFilling"],
        ),
        Panel(
            "Spans lost",
            "Spans that did not reach the collector: traces have holes then, and work goes on.",
            "ops",
            [rate("tt_spans_total", "service, outcome", 'outcome!="sent"')],
            alerts=["SpansLost"],
        ),
        Panel(
            "Work that broke",
            "Errors that nobody foresaw in what services do beside their queues; each time it was begun "
            "anew.",
            "ops",
            [rate("tt_broken_works_total", "service, work")],
            alerts=["BrokenWork"],
        ),
    ],
)

PIPELINE: Final = Board(
    uid="task-tracker-pipeline",
    title="Task Tracker: pipeline",
    description="Do messages come through, how fast, and where do they not?",
    rows=[_MESSAGES, _TASKS, _KNOWN, _HEALTH],
)
