"""A collector for tests: that of the local run."""

from deploy.local.otlp import Collector, ReceivedSpan, running_collector

__all__ = ["Collector", "ReceivedSpan", "running_collector"]
