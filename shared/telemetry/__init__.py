"""Logs, traces and the run_id that joins them."""
