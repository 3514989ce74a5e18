"""Every metric that the code counts stands in docs/operate.md, and nothing else does."""

import ast
import re
from pathlib import Path

from dramatiq_nats.metrics import queue_gauges

KINDS = {"Counter", "Gauge", "Histogram", "TracedHistogram", "GaugeMetricFamily"}


def counted() -> set[str]:
    """The names of all metrics that services and the gateway declare."""
    found: set[str] = set()
    for folder in ("services", "shared"):
        for path in Path(folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                # A `collections.Counter` has no name as its first argument.
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
                    found |= {str(name.value) for name in node.args[:1] if isinstance(name, ast.Constant)}
    return {name for name in found if name.startswith("tt_")}


def test_each_metric_is_documented() -> None:
    rows = [line for line in Path("docs/operate.md").read_text().splitlines() if line.startswith("| `")]
    documented = set(re.findall(r"^\| `(tt_\w+)` ", "\n".join(rows), re.MULTILINE))
    assert documented == counted()


def test_each_gauge_of_the_queues_is_documented() -> None:
    text = Path("docs/operate.md").read_text()
    documented = set(re.findall(r"^\| `(dramatiq_nats_\w+)` ", text, re.MULTILINE))
    assert documented == {gauge.name for gauge in queue_gauges("tt", [])}
