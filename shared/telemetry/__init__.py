"""Logs, traces and the run_id that joins them."""

from shared.telemetry.errors import note_error
from shared.telemetry.keeping import kept
from shared.telemetry.logs import setup_logs
from shared.telemetry.runs import (
    current_run_id,
    inject_headers,
    noting_runs,
    request_run,
    resume_run,
    run_id_in,
    start_run,
)
from shared.telemetry.traces import setup_traces, shutdown_traces, tracer
from shared.telemetry.within import begun, is_within_chain, span_within

__all__ = [
    "begun",
    "current_run_id",
    "inject_headers",
    "is_within_chain",
    "kept",
    "note_error",
    "noting_runs",
    "request_run",
    "resume_run",
    "run_id_in",
    "setup_logs",
    "setup_traces",
    "shutdown_traces",
    "span_within",
    "start_run",
    "tracer",
]
