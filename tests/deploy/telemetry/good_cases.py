"""What is no reason to be told of: a day like any other, a rolling restart, and what looks like trouble."""

from tests.deploy.telemetry.cases import (
    EMBEDDING,
    GATEWAY,
    INGESTION,
    KNOWLEDGE,
    NEW,
    NS,
    OLD,
    QUEUE,
    SCORING,
    TARGET,
    Case,
)

_CALM = {
    f"dramatiq_nats_oldest_message_age_seconds{{{QUEUE}}}": "0 2 1 0 3x120",
    f"dramatiq_nats_queue_paused{{{QUEUE}}}": "0x120",
    f"tt_queue_workers{{{QUEUE}}}": "2x120",
    f'tt_dead_letters_total{{{SCORING},queue="scoring",reason="failed"}}': "3x120",
    f'tt_task_seconds_count{{{SCORING},actor="score",outcome="succeeded"}}': "0+100x120",
    f'tt_task_seconds_count{{{SCORING},actor="score",outcome="retrying"}}': "0+1x120",
    f'tt_message_scored_seconds_bucket{{{SCORING},le="60"}}': "0+10x120",
    f'tt_message_scored_seconds_bucket{{{SCORING},le="+Inf"}}': "0+10x120",
    f'tt_outbox_oldest_seconds{{{INGESTION},schema="ingestion"}}': "0 1x120",
    f'tt_llm_calls_total{{{KNOWLEDGE},provider="Main",outcome="ok"}}': "0+5x120",
    f'tt_llm_calls_total{{{KNOWLEDGE},provider="Main",outcome="failed"}}': "0x60 2x60",
    f'tt_embedding_coverage_ratio{{{EMBEDDING},kind="message"}}': "0.99x120",
    f'kubelet_volume_stats_available_bytes{{{NS},persistentvolumeclaim="nats-0"}}': "80x120",
    f'kubelet_volume_stats_capacity_bytes{{{NS},persistentvolumeclaim="nats-0"}}': "100x120",
    f'tt_store_bytes{{{GATEWAY},store="nats"}}': "50x120",
    f'tt_store_limit_bytes{{{GATEWAY},store="nats"}}': "100x120",
    f'tt_store_bytes{{{GATEWAY},store="postgres"}}': "5000x120",
    f'tt_database_connections_in_use{{{INGESTION},process="worker"}}': "3x120",
    f'tt_database_connections_limit{{{INGESTION},process="worker"}}': "24x120",
    f'up{{{TARGET},service="scoring",instance="a"}}': "1x120",
    f'tt_ready{{{SCORING},check="migrations"}}': "1x120",
    f'tt_broken_works_total{{{SCORING},work="relay"}}': "0x30 1x90",
    f'tt_event_loop_lag_seconds_bucket{{{SCORING},le="0.5"}}': "0+60x120",
    f'tt_event_loop_lag_seconds_bucket{{{SCORING},le="+Inf"}}': "0+60x120",
    f'tt_spans_total{{{SCORING},outcome="sent"}}': "0+500x120",
    f'tt_gateway_request_seconds_count{{{GATEWAY},route="/a",status="200"}}': "0+50x120",
    f'tt_gateway_request_seconds_count{{{GATEWAY},route="/health",status="503"}}': "0+50x120",
    f'tt_gateway_request_seconds_bucket{{{GATEWAY},status="200",le="2"}}': "0+50x120",
    f'tt_gateway_request_seconds_bucket{{{GATEWAY},status="200",le="+Inf"}}': "0+50x120",
    f'tt_gateway_webhook_updates_total{{{GATEWAY},outcome="accepted"}}': "0+50x120",
    f'tt_gateway_events_behind{{{GATEWAY},instance="g"}}': "0 3 0x120",
}

GOOD = [
    Case("a day like any other", _CALM, 100),
    Case(
        "every service is restarted, one instance after the other",
        {
            # Of two workers one is always there; presence forgets the other after a quarter of a minute.
            f"tt_queue_workers{{{QUEUE}}}": "2x10 1 1 2x60",
            f"dramatiq_nats_oldest_message_age_seconds{{{QUEUE}}}": "0x10 20 40 5 0x60",
            # The old instance ends, and with it its series; the new one comes up, and counts from 0.
            f'up{{{TARGET},service="scoring",instance="old"}}': "1x10 0 0 stale",
            f'up{{{TARGET},service="scoring",instance="new"}}': "_x10 0 1x60",
            f'tt_ready{{{NEW},check="workers"}}': "_x10 0 0 1x60",
            f'tt_ready{{{NEW},check="migrations"}}': "_x10 0 0 1x60",
            f'tt_outbox_oldest_seconds{{{SCORING},schema="scoring"}}': "0x10 8 15 0x60",
            f'tt_dead_letters_total{{{OLD},queue="scoring",reason="failed"}}': "4x11 stale",
            f'tt_dead_letters_total{{{NEW},queue="scoring",reason="failed"}}': "_x10 0x60",
            # What ran is interrupted and tried again.
            f'tt_task_seconds_count{{{OLD},actor="score",outcome="succeeded"}}': "0+60x11 stale",
            f'tt_task_seconds_count{{{OLD},actor="score",outcome="retrying"}}': "0x10 8 8 stale",
            f'tt_task_seconds_count{{{NEW},actor="score",outcome="succeeded"}}': "_x10 0+60x60",
            f'tt_gateway_request_seconds_count{{{GATEWAY},route="/a",status="200"}}': "0+600x70",
            f'tt_gateway_request_seconds_count{{{GATEWAY},route="/a",status="503"}}': "0x10 3 6 6x60",
            f'tt_gateway_events_behind{{{GATEWAY},instance="new"}}': "_x10 9000 800 0x60",
        },
        14,
    ),
    Case(
        "a queue is paused for a while",
        {
            f"dramatiq_nats_queue_paused{{{QUEUE}}}": "1x50",
            f"dramatiq_nats_oldest_message_age_seconds{{{QUEUE}}}": "0+60x50",
        },
        45,
    ),
    Case(
        "nobody told how large a store may become",
        {f'tt_store_bytes{{{GATEWAY},store="postgres"}}': "900000000000x20"},
        15,
    ),
    Case(
        "NATS is away, and with it what it tells",
        {
            f"dramatiq_nats_oldest_message_age_seconds{{{QUEUE}}}": "5 5 stale",
            f"tt_queue_workers{{{QUEUE}}}": "2 2 stale",
        },
        20,
    ),
]
"""The last one is silent here: webhooks, outboxes and readiness tell of it."""
