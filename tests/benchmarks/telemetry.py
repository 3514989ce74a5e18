"""`make bench-telemetry`: what tracing costs the chain from webhook to vector, as ratios to no tracing.

Off, a tenth of the chains, and all of them, in the same run: each round starts the system three times, in
shuffled order. Spans go to a sink that takes next to nothing of the machine and is not in the processor time.
Providers answer at once, so that nothing hides what spans cost.
"""

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from deploy.local.house import ROOT
from deploy.local.ports import free_port
from tests.benchmarks import scaling_times
from tests.benchmarks.processes import cpu_seconds
from tests.benchmarks.scaling_provider import instead_of_embeddings
from tests.system import System, running_system, wait_for

MODES: Mapping[str, str | None] = {"off": None, "a tenth": "0.1", "all": "1"}
"""The share of chains that is traced."""

_SERVICES = ("ingestion", "scoring", "embedding", "analysis", "gateway")
_WARM_UP, _STEADY, _BURST = 200, 240, 1500
_PACE = 40.0


@dataclass(frozen=True)
class Cost:
    """What one start of the system measured.

    Attributes:
        rate: Messages a second, from the first webhook until all are scored and embedded.
        cpu: Seconds of the services' processes, a message.
        p50: Seconds of the gateway's answer at a steady rate.
        p99: The same.
        sent: Bytes of spans, a message.
        sink: Seconds of the sink's processor, a message.
    """

    rate: float
    cpu: float
    p50: float
    p99: float
    sent: float
    sink: float

    def __str__(self) -> str:
        """A line while it runs."""
        return (
            f"{self.rate:.0f} messages/s, {self.cpu * 1000:.2f} ms of CPU a message, "
            f"answers in {self.p50 * 1000:.1f} ms (p99 {self.p99 * 1000:.1f})"
        )


def main() -> int:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=3)
    rounds = asked.parse_args().rounds
    dice = random.Random(9)  # noqa: S311 - an order, not a secret
    found: dict[str, list[Cost]] = {mode: [] for mode in MODES}
    with _sink() as (url, pid):
        for number in range(rounds):
            for mode in dice.sample(list(MODES), len(MODES)):
                found[mode].append(_run(mode, url, pid))
                print(f"round {number + 1}, {mode}: {found[mode][-1]}", file=sys.stderr)
    _show(found)
    return 0


def _run(mode: str, url: str, sink: int) -> Cost:
    ratio = MODES[mode]
    settings = {} if ratio is None else {"TT_OTLP_ENDPOINT": url, "TT_TRACE_RATIO": ratio}
    changes = {"embeddings": partial(instead_of_embeddings, 0.0)}
    with (
        tempfile.TemporaryDirectory(prefix="bench-telemetry-") as folder,
        running_system(
            Path(folder) / "system",
            without=["knowledge"],
            changes=changes,
            TT_LOG_LEVEL="WARNING",
            TT_RATE_LIMIT="0",
            **settings,
        ) as system,
    ):
        return _measure(system, url, sink)


def _measure(system: System, url: str, sink: int) -> Cost:
    scaling_times.send(system, 1, _WARM_UP, pace=None)
    _settle(system, _WARM_UP)
    answers = sorted(scaling_times.send(system, _WARM_UP + 1, _STEADY, pace=_PACE))
    _settle(system, _WARM_UP + _STEADY)
    used, taken = _used(system), _taken(url, sink)
    began = time.perf_counter()
    scaling_times.send(system, _WARM_UP + _STEADY + 1, _BURST, pace=None)
    _settle(system, _WARM_UP + _STEADY + _BURST)
    took = time.perf_counter() - began
    after = _taken(url, sink)
    return Cost(
        rate=_BURST / took,
        cpu=(_used(system) - used) / _BURST,
        p50=answers[len(answers) // 2],
        p99=answers[len(answers) * 99 // 100],
        sent=(after[0] - taken[0]) / _BURST,
        sink=(after[1] - taken[1]) / _BURST,
    )


def _settle(system: System, count: int) -> None:
    wait_for(
        lambda: system.count("SELECT count(*) FROM scoring.scores") >= count, "all is scored", seconds=240
    )
    lacking = (
        "SELECT (SELECT count(*) FROM scoring.scores) - (SELECT count(*) FROM embedding.message_texts)"
        " + (SELECT count(*) FROM embedding.message_texts WHERE wanted)"
        " - (SELECT count(*) FROM embedding.message_vectors_1)"
    )
    wait_for(lambda: system.count(lacking) == 0, "all is embedded", seconds=240)


def _used(system: System) -> float:
    processes = system.processes()
    return sum(sum(cpu_seconds(processes[name]).values()) for name in _SERVICES)


def _taken(url: str, sink: int) -> tuple[float, float]:
    """Bytes that the sink took, and seconds of its processor."""
    return httpx.get(url, trust_env=False).json().get("bytes", 0), cpu_seconds([sink])[sink]


@contextmanager
def _sink() -> Iterator[tuple[str, int]]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "tests.benchmarks.telemetry_sink", str(port)]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        wait_for(lambda: _answers(url), "the sink answers")
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(10)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _show(found: Mapping[str, list[Cost]]) -> None:
    """Medians, and the median, least and most of each round's ratios to the same round without tracing."""
    row = "{:<34}{:>10}{:>12}{:>26}"
    print(row.format("webhook → scored → embedded", "traced", "median", "ratio to off (range)"))
    for name, unit, factor in (
        ("rate", "messages/s", 1.0),
        ("cpu", "CPU ms a message", 1e3),
        ("p50", "gateway's answer, p50 ms", 1e3),
        ("p99", "gateway's answer, p99 ms", 1e3),
    ):
        for mode, costs in found.items():
            values = [getattr(cost, name) for cost in costs]
            ratios = [value / getattr(off, name) for value, off in zip(values, found["off"], strict=True)]
            said = f"{statistics.median(ratios):.3f} ({min(ratios):.3f}-{max(ratios):.3f})"
            print(row.format(unit, mode, f"{statistics.median(values) * factor:.2f}", said))
    for mode, costs in found.items():
        sent, sink = (statistics.median(getattr(cost, name) for cost in costs) for name in ("sent", "sink"))
        print(row.format("bytes of spans a message", mode, f"{sent:,.0f}", f"sink: {sink * 1e3:.3f} CPU ms"))


if __name__ == "__main__":
    raise SystemExit(main())
