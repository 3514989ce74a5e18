"""What `/metrics` answers: all that the processes of a container counted, in the format that was asked for.

Prometheus asks for OpenMetrics, the only format with exemplars
(https://prometheus.io/docs/specs/om/open_metrics_spec/).
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from shared.telemetry.exemplars import Place, read_exemplars


def expose(accept: str, more: Iterable[Metric] = ()) -> tuple[bytes, str]:
    """What was counted, and further figures, as the body of an answer and its content type.

    Args:
        accept: The request's `Accept` header.
        more: Figures that were asked for just now.
    """
    registry = CollectorRegistry()
    registry.register(_Given(_counted))
    registry.register(_Given(lambda: more))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


def _counted() -> Iterable[Metric]:
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    return REGISTRY.collect() if folder is None else _counted_together(Path(folder))


def _counted_together(folder: Path) -> Iterable[Metric]:
    _forget_the_dead(folder)
    collector = MultiProcessCollector(None, str(folder))  # type: ignore[no-untyped-call]
    exemplars = read_exemplars(folder)
    for metric in collector.collect():  # type: ignore[no-untyped-call]
        if metric.type == "histogram":
            metric.samples = [
                sample._replace(exemplar=exemplars.get(_place(metric.name, sample.labels)))
                if sample.name.endswith("_bucket")
                else sample
                for sample in metric.samples
            ]
        yield metric


def _place(name: str, labels: dict[str, str]) -> Place:
    others = tuple(sorted((label, value) for label, value in labels.items() if label != "le"))
    return name, others, labels["le"]


def _forget_the_dead(folder: Path) -> None:
    """What a process that is gone said of its present counts no more; what it counted does."""
    pids = {path.stem.rpartition("_")[2] for path in folder.glob("gauge_live*.db")}
    for pid in pids:
        if pid.isdigit() and not _runs(int(pid)):
            mark_process_dead(int(pid), str(folder))  # type: ignore[no-untyped-call]


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class _Given(Collector):
    """A collector of what a function gives."""

    def __init__(self, give: Callable[[], Iterable[Metric]]) -> None:
        self._give = give

    def collect(self) -> Iterable[Metric]:
        return self._give()

    def describe(self) -> Iterable[Metric]:
        """Nothing: what it gives is not known before."""
        return ()
