"""Logs, traces and the run_id that joins them."""

from shared.telemetry.logs import setup_logs
from shared.telemetry.runs import (
    current_run_id,
    inject_headers,
    noting_runs,
    resume_run,
    run_id_in,
    start_run,
)
from shared.telemetry.traces import setup_traces, shutdown_traces, tracer

__all__ = [
    "current_run_id",
    "inject_headers",
    "noting_runs",
    "resume_run",
    "run_id_in",
    "setup_logs",
    "setup_traces",
    "shutdown_traces",
    "start_run",
    "tracer",
]
