"""What Prometheus reads, minute by minute, and which alerts it raises of that.

Values are promtool's: `0+30x20` begins at 0 and rises by 30 twenty times; `_` is a scrape that failed.
https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series
"""

from dataclasses import dataclass, field

NS = 'namespace="prod"'
QUEUE = f'{NS},queue="scoring"'
SCORING, GATEWAY, KNOWLEDGE, INGESTION, EMBEDDING = (
    f'{NS},service="{name}"' for name in ("scoring", "gateway", "knowledge", "ingestion", "embedding")
)
OLD, NEW = f'{SCORING},instance="old"', f'{SCORING},instance="new"'
TARGET = 'job="task-tracker",namespace="prod"'


@dataclass(frozen=True, slots=True)
class Case:
    """Something that happens, with what is raised at a minute of it; nothing else may be.

    Attributes:
        series: Values by series, one a minute.
        at: The minute that is looked at.
        fires: Labels of each alert that is then raised, without `namespace` and `severity`.
    """

    name: str
    series: dict[str, str]
    at: int
    fires: dict[str, dict[str, str]] = field(default_factory=dict)
