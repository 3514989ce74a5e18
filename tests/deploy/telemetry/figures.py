"""The metrics that the code declares, and those that a query asks for."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from dramatiq_nats.metrics import queue_gauges

ROOT = Path(__file__).parents[3]
OF_TARGETS = {"namespace", "service", "instance", "job"}
"""Labels that Prometheus puts on everything that it reads of one of our processes."""

FOREIGN = {
    "up": set[str](),
    "kubelet_volume_stats_available_bytes": {"persistentvolumeclaim"},
    "kubelet_volume_stats_capacity_bytes": {"persistentvolumeclaim"},
    "process_resident_memory_bytes": set[str](),
    "process_open_fds": set[str](),
    "process_max_fds": set[str](),
}
"""What others tell: Prometheus itself, the kubelet, and the Prometheus client."""

_KINDS = {"Counter", "Gauge", "Histogram", "TracedHistogram", "GaugeMetricFamily", "Metric"}
_NAME = re.compile(
    r"\b((?:tt|dramatiq_nats|process|kubelet)_\w+|up)\b(?=\s*(?:\{|\[|\)|$|[<>=/*+-]|offset|\s))"
)


@cache
def declared() -> dict[str, set[str]]:
    """The labels of each metric that can be asked for, by the name under which that is done."""
    found = dict(FOREIGN)
    for name, kind, labels in _in_code():
        if kind in {"Histogram", "TracedHistogram"}:
            found |= {f"{name}_bucket": labels | {"le"}, f"{name}_count": labels, f"{name}_sum": labels}
        else:
            found[name] = labels
    return found | {gauge.name: {"queue"} for gauge in queue_gauges("tt", [])}


def asked_for(query: str) -> set[str]:
    """The metrics that a query names."""
    return set(_NAME.findall(_without_strings(query)))


def labels_in(query: str) -> set[str]:
    """The labels that a query chooses or groups by."""
    bare = _without_strings(query)
    chosen = re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"", bare)
    grouped = re.findall(r"\b(?:by|on|ignoring|without)\s*\(([^)]*)\)", bare)
    return {label.strip() for labels in [*grouped, ",".join(chosen)] for label in labels.split(",")} - {""}


def misfits(query: str, legends: Iterable[str] = ()) -> list[str]:
    """What a query, or the words that are filled in from its answer, ask for that nobody tells."""
    known, wrong = declared(), []
    names = asked_for(query)
    wrong += [f"nobody tells {name}" for name in names - known.keys()]
    told = OF_TARGETS.union(*(known.get(name, set()) for name in names))
    wrong += [f"no metric of it has the label {label}" for label in labels_in(query) - told]
    filled_in = {label for legend in legends for label in re.findall(r"\{\{\s*(\w+)\s*\}\}", legend)}
    return wrong + [f"nothing is to be filled in for {label}" for label in filled_in - told]


def _without_strings(query: str) -> str:
    return re.sub(r'"[^"]*"', '""', query)


def _in_code() -> Iterator[tuple[str, str, set[str]]]:
    for folder in ("services", "shared"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _KINDS:
                    values = [*node.args, *(keyword.value for keyword in node.keywords)]
                    name = values[0].value if values and isinstance(values[0], ast.Constant) else None
                    if isinstance(name, str) and name.startswith("tt_"):
                        yield name, node.func.id, _labels(values)


def _labels(values: list[ast.expr]) -> set[str]:
    lists = [value.elts for value in values if isinstance(value, ast.List)]
    return {str(each.value) for elements in lists for each in elements if isinstance(each, ast.Constant)}
