"""What is bad, and which alert is raised of it."""

from tests.deploy.telemetry.cases import (
    EMBEDDING,
    GATEWAY,
    INGESTION,
    KNOWLEDGE,
    NS,
    QUEUE,
    SCORING,
    TARGET,
    Case,
)

BAD = [
    Case(
        "a queue's oldest task grows old",
        {f"dramatiq_nats_oldest_message_age_seconds{{{QUEUE}}}": "0+60x30"},
        20,
        {"QueueLagGrowing": {"queue": "scoring"}},
    ),
    Case(
        "no worker process is left",
        {f"tt_queue_workers{{{QUEUE}}}": "2 2 0x20"},
        8,
        {"NoWorker": {"queue": "scoring"}},
    ),
    Case(
        "a task is given up",
        {f'tt_dead_letters_total{{{SCORING},queue="scoring",reason="failed"}}': "0x5 1x20"},
        8,
        {"DeadLetters": {"queue": "scoring", "reason": "failed"}},
    ),
    Case(
        "every second try fails",
        {
            f'tt_task_seconds_count{{{SCORING},actor="score",outcome="succeeded"}}': "0+10x60",
            f'tt_task_seconds_count{{{SCORING},actor="score",outcome="retrying"}}': "0+10x60",
        },
        40,
        {"TasksFailing": {"actor": "score"}},
    ),
    Case(
        "a queue was paused and forgotten",
        {
            f"dramatiq_nats_queue_paused{{{QUEUE}}}": "1x90",
            f"dramatiq_nats_oldest_message_age_seconds{{{QUEUE}}}": "0+60x90",
        },
        70,
        {"QueuePausedLong": {"queue": "scoring"}},
    ),
    Case(
        "scores come minutes after their messages",
        {
            f'tt_message_scored_seconds_bucket{{{SCORING},le="60"}}': "0x40",
            f'tt_message_scored_seconds_bucket{{{SCORING},le="300"}}': "0+10x40",
            f'tt_message_scored_seconds_bucket{{{SCORING},le="+Inf"}}': "0+10x40",
        },
        30,
        {"ScoringLate": {}},
    ),
    Case(
        "an outbox is not sent",
        {f'tt_outbox_oldest_seconds{{{INGESTION},schema="ingestion"}}': "0+60x20"},
        8,
        {"OutboxNotDraining": {"schema": "ingestion"}},
    ),
    Case(
        "a provider answers nobody",
        {
            f'tt_llm_calls_total{{{KNOWLEDGE},provider="Main",outcome="ok"}}': "50x40",
            f'tt_llm_calls_total{{{KNOWLEDGE},provider="Main",outcome="failed"}}': "0+1x40",
        },
        20,
        {"ProviderFailing": {"provider": "Main"}},
    ),
    Case(
        "vectors are missing for hours",
        {f'tt_embedding_coverage_ratio{{{EMBEDDING},kind="message"}}': "0.5x90"},
        75,
        {"EmbeddingBehind": {"kind": "message"}},
    ),
    Case(
        "a volume is nearly full",
        {
            f'kubelet_volume_stats_available_bytes{{{NS},persistentvolumeclaim="nats-0"}}': "10x30",
            f'kubelet_volume_stats_capacity_bytes{{{NS},persistentvolumeclaim="nats-0"}}': "100x30",
        },
        20,
        {"DiskFilling": {"persistentvolumeclaim": "nats-0"}},
    ),
    Case(
        "a volume will be full tomorrow",
        {
            f'kubelet_volume_stats_available_bytes{{{NS},persistentvolumeclaim="pg-0"}}': "4000-3x400",
            f'kubelet_volume_stats_capacity_bytes{{{NS},persistentvolumeclaim="pg-0"}}': "10000x400",
        },
        380,
        {"DiskFilling": {"persistentvolumeclaim": "pg-0"}},
    ),
    Case(
        "a store nears its limit",
        {
            f'tt_store_bytes{{{GATEWAY},store="nats"}}': "90x20",
            f'tt_store_limit_bytes{{{GATEWAY},store="nats"}}': "100x20",
        },
        10,
        {"StoreFilling": {"store": "nats"}},
    ),
    Case(
        "work waits for connections",
        {
            f'tt_database_connections_in_use{{{INGESTION},process="worker"}}': "24x20",
            f'tt_database_connections_limit{{{INGESTION},process="worker"}}': "24x20",
        },
        15,
        {"DatabasePoolBusy": {"service": "ingestion", "process": "worker"}},
    ),
    Case(
        "an instance does not answer",
        {f'up{{{TARGET},service="scoring",instance="a"}}': "1 1 0x20"},
        10,
        {"ServiceDown": {"service": "scoring", "instance": "a", "job": "task-tracker"}},
    ),
    Case(
        "a service is gone",
        {f'up{{{TARGET},service="scoring",instance="a"}}': "1x70 stale"},
        20 * 60,
        {"ServiceAbsent": {"service": "scoring"}},
    ),
    Case(
        "a migration was not run",
        {
            f'tt_ready{{{SCORING},check="migrations"}}': "0x20",
            f'tt_ready{{{SCORING},check="nats"}}': "1x20",
        },
        10,
        {"NotReady": {"service": "scoring", "check": "migrations"}},
    ),
    Case(
        "the relay breaks again and again",
        {f'tt_broken_works_total{{{SCORING},work="relay"}}': "0+1x20"},
        10,
        {"BrokenWork": {"service": "scoring", "work": "relay"}},
    ),
    Case(
        "an event loop is kept busy",
        {
            f'tt_event_loop_lag_seconds_bucket{{{SCORING},le="0.5"}}': "0x40",
            f'tt_event_loop_lag_seconds_bucket{{{SCORING},le="1"}}': "0+60x40",
            f'tt_event_loop_lag_seconds_bucket{{{SCORING},le="+Inf"}}': "0+60x40",
        },
        25,
        {"EventLoopSlow": {"service": "scoring"}},
    ),
    Case(
        "the collector is away",
        {f'tt_spans_total{{{SCORING},outcome="dropped"}}': "0+50x60"},
        40,
        {"SpansLost": {"service": "scoring"}},
    ),
    Case(
        "requests fail",
        {
            f'tt_gateway_request_seconds_count{{{GATEWAY},route="/a",status="200"}}': "0+50x30",
            f'tt_gateway_request_seconds_count{{{GATEWAY},route="/a",status="503"}}': "0+10x30",
        },
        15,
        {"GatewayErrors": {}},
    ),
    Case(
        "updates cannot be kept",
        {f'tt_gateway_webhook_updates_total{{{GATEWAY},outcome="unavailable"}}': "0+5x30"},
        15,
        {"WebhookNotTaken": {}},
    ),
    Case(
        "requests are slow",
        {
            f'tt_gateway_request_seconds_bucket{{{GATEWAY},status="200",le="2"}}': "0x40",
            f'tt_gateway_request_seconds_bucket{{{GATEWAY},status="200",le="5"}}': "0+9x40",
            f'tt_gateway_request_seconds_bucket{{{GATEWAY},status="200",le="+Inf"}}': "0+9x40",
        },
        30,
        {"GatewaySlow": {}},
    ),
    Case(
        "live events lag",
        {f'tt_gateway_events_behind{{{GATEWAY},instance="g"}}': "0 900x20"},
        10,
        {"EventsBehind": {"instance": "g"}},
    ),
]
