"""How the system is watched: Prometheus, its alerts, Grafana's dashboards, the collector and Jaeger."""
