"""Grafana's dashboards, written by `python -m deploy.telemetry.boards` into `deploy/telemetry/dashboards`."""
