"""dramatiq-nats beside Dramatiq's own brokers and taskiq-nats, and beside itself with what costs something.

Every contender gets the same actors, run by its command line in 2 processes of 8 threads, on a server of its
own, in an order that is shuffled anew each round. Clients and servers share the machine: read ratios.
"""

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from servers import (
    ClusterOfThree,
    Server,
    Unavailable,
    start_nats,
    start_nats_sync,
    start_rabbitmq,
    start_redis,
)

HERE = Path(__file__).parent


class Entry(NamedTuple):
    """How a contender is set up: its server, its broker, and what else the actors read."""

    start: Callable[[Path], Server | ClusterOfThree]
    broker: str = "nats"
    settings: Mapping[str, str] = MappingProxyType({})


OTHERS = {
    "nats": Entry(start_nats),
    "redis": Entry(start_redis, "redis"),
    "rabbitmq": Entry(start_rabbitmq, "rabbitmq"),
    "taskiq-nats": Entry(start_nats, "taskiq-nats"),
}
VARIANTS = {
    "sync always": Entry(start_nats_sync),
    "3 replicas": Entry(ClusterOfThree, settings={"BENCH_REPLICAS": "3"}),
    "1,000 keys": Entry(start_nats, settings={"BENCH_KEYS": "1000"}),
    "1 key": Entry(start_nats, settings={"BENCH_KEYS": "1"}),
}
CONTENDERS = OTHERS | VARIANTS
DRAMATIQ = ["dramatiq", "actors", "--processes", "2", "--threads", "8"]
TASKIQ = ["taskiq", "worker", "taskiq_tasks:broker", "--workers", "2", "--max-threadpool-threads", "8"]
ROWS = ("enqueue, 1 thread", "enqueue, 8 threads", "enqueue_many", "consume", "p50 ms", "p99 ms")
TIMED, PAUSE = 500, 0.01

Figures = dict[str, float | None]


class Contender:
    """One broker for one round: its server, its workers, its figures."""

    def __init__(self, name: str, directory: Path) -> None:
        entry = CONTENDERS[name]
        self._taskiq = entry.broker == "taskiq-nats"
        self._log = directory / "ran"
        self._log.touch()
        self._server = entry.start(directory)
        self._server.wait()
        self._environment = os.environ | {
            **entry.settings,
            "BENCH_BROKER": entry.broker,
            "BENCH_URL": self._server.url,
            "BENCH_LOG": str(self._log),
            "PYTHONPATH": str(HERE),
        }
        self._output = (directory / "workers").open("wb")

    def measure(self, number: int) -> Figures:
        """Enqueue, then work it off, then a low load with the workers at rest."""
        total = 3 * number
        figures: Figures = json.loads(self._run("enqueue", str(number)))
        workers = self._start_workers()
        try:
            first = self._wait_for(1)
            figures["consume"] = (total - 1) / (self._wait_for(total) - first)
            self._log.write_bytes(b"")
            time.sleep(1)
            self._run("timed", str(TIMED), str(PAUSE))
            self._wait_for_lines(TIMED)
        finally:
            os.killpg(workers.pid, signal.SIGTERM)
            workers.wait(60)
        delays = sorted(float(line) for line in self._log.read_text().split())
        figures["p50 ms"], figures["p99 ms"] = statistics.median(delays), delays[int(len(delays) * 0.99)]
        return figures

    def stop(self) -> None:
        """Stop the server."""
        self._server.stop()
        self._output.close()

    def _run(self, *arguments: str) -> bytes:
        script = "taskiq_enqueue.py" if self._taskiq else "enqueue.py"
        command = [sys.executable, str(HERE / script), *arguments]
        return subprocess.run(command, env=self._environment, check=True, stdout=subprocess.PIPE).stdout

    def _start_workers(self) -> "subprocess.Popen[bytes]":
        program, *arguments = TASKIQ if self._taskiq else DRAMATIQ
        command = [str(Path(sysconfig.get_path("scripts")) / program), *arguments]
        return subprocess.Popen(
            command, env=self._environment, stdout=self._output, stderr=self._output, start_new_session=True
        )

    def _wait_for(self, size: int, seconds: float = 300) -> float:
        deadline = time.monotonic() + seconds
        while self._log.stat().st_size < size:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self._log.stat().st_size} of {size} ran in {seconds:g} s")
            time.sleep(0.005)
        return time.perf_counter()

    def _wait_for_lines(self, number: int) -> None:
        deadline = time.monotonic() + 60
        while self._log.read_bytes().count(b"\n") < number and time.monotonic() < deadline:
            time.sleep(0.05)


def main() -> None:
    """Run the rounds and print the table of medians."""
    parser = argparse.ArgumentParser(prog="compare")
    parser.add_argument("--messages", type=int, default=7_000, help="a third of what is worked off")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=list(CONTENDERS), default=list(CONTENDERS))
    options = parser.parse_args()
    found: dict[str, list[Figures]] = {name: [] for name in options.only}
    for number in range(options.rounds):
        for name in random.sample(options.only, len(options.only)):
            if name not in found:
                continue
            try:
                with tempfile.TemporaryDirectory(prefix="bench-") as directory:
                    contender = Contender(name, Path(directory))
                    try:
                        found[name].append(contender.measure(options.messages))
                    finally:
                        contender.stop()
            except Unavailable as why:
                print(f"Without {name}: {why}.", file=sys.stderr)
                del found[name]
            else:
                print(f"round {number + 1}: {name}", file=sys.stderr)
    print_table({name: figures for name, figures in found.items() if name in OTHERS}, "nats / {}")
    print()
    own = {name: figures for name, figures in found.items() if name == "nats" or name in VARIANTS}
    print_table(own, "{} / nats")


def print_table(found: dict[str, list[Figures]], ratio: str) -> None:
    """Print medians over the rounds, and how the first contender compares with each other.

    Args:
      found: The figures of each.
      ratio: The heading of a ratio, with a place for the other's name; says which is divided by which.
    """
    names = list(found)
    others = [name for name in names if name != "nats"]
    head = ["", *names, *(ratio.format(name) for name in others)]
    print("| " + " | ".join(head) + " |")
    print("|---" * len(head) + "|")
    for row in ROWS:
        medians = {name: median([figures[row] for figures in found[name]]) for name in names}
        cells = [shown(medians[name]) for name in names]
        own = medians.get("nats")
        for name in others:
            other = medians[name]
            if own is None or other is None:
                cells.append("-")
            else:
                cells.append(f"{own / other if ratio.startswith('nats') else other / own:.2f}")
        print("| " + " | ".join([row, *cells]) + " |")


def median(values: list[float | None]) -> float | None:
    """Return the median of a figure; None when a contender has none."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def shown(value: float | None) -> str:
    """Return a figure as a person reads it."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"  # noqa: PLR2004 - digits that say something


if __name__ == "__main__":
    main()
