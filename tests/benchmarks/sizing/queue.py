"""One service's queue over a day, second by second, first in, first out."""

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from tests.benchmarks.sizing.assumptions import Scaler
from tests.benchmarks.sizing.day import Counts, Rates
from tests.benchmarks.sizing.scaling import Autoscaler


@dataclass(frozen=True)
class Worker:
    """What a replica does.

    Attributes:
        rate: Tasks a second, at the most.
        task_seconds: How long a task is held, from its taking to its end.
        start_seconds: Until a new replica takes work.
    """

    rate: float
    task_seconds: float
    start_seconds: float


@dataclass(frozen=True)
class Course:
    """What became of a queue.

    Attributes:
        arrived: Tasks that came, a second.
        served: Tasks that were ended, a second; after the day it goes on until nothing is left.
        waiting: Tasks that were left at the end of each second.
        replicas: That there were, those that start included.
    """

    arrived: Counts
    served: Counts
    waiting: Counts
    replicas: Counts


def run(arrived: Counts, worker: Worker, scaler: Scaler, *, step: float = 1.0) -> Course:
    """Let tasks come and replicas take them, until none is left.

    Args:
        arrived: Tasks that come in each step.
        worker: What a replica does.
        scaler: How many replicas there are.
        step: Seconds; what takes less than that is not told apart.
    """
    autoscaler = Autoscaler(scaler, worker.start_seconds)
    served, waiting, replicas = [], [], []
    left, credit, place = 0, 0.0, 0
    look_every = max(1, round(scaler.every / step))
    held_for = max(1, math.ceil(worker.task_seconds / step))
    held = deque([0] * held_for, maxlen=held_for)
    while place < len(arrived) or left:
        second = int(place * step)
        left += int(arrived[place]) if place < len(arrived) else 0
        credit += autoscaler.ready(second) * worker.rate * step
        done = min(left, int(credit))
        left -= done
        # A replica that had nothing to do has not worked ahead.
        credit = credit - done if left else min(credit - done, 1.0)
        held.append(done)
        if place % look_every == 0:
            autoscaler.look(second, left + sum(held) * worker.task_seconds / (held_for * step))
        served.append(done)
        waiting.append(left)
        replicas.append(autoscaler.wanted)
        place += 1
    padded = np.zeros(len(served), dtype=np.int64)
    padded[: len(arrived)] = arrived
    return Course(padded, np.array(served), np.array(waiting), np.array(replicas))


def waits(came: Counts, went: Counts, *, points: int = 20_000, step: float = 1.0) -> Rates:
    """How long tasks waited, by what came and what went: evenly chosen ones, in the order of coming.

    Within a step tasks are taken to come, and to go, evenly.
    """
    total = min(int(came.sum()), int(went.sum()))
    if not total:
        return np.zeros(1)
    ranks = (np.arange(min(points, total)) + 0.5) * total / min(points, total)
    waited = _when(went, ranks) - _when(came, ranks)
    return np.maximum(waited, 0.0) * step


def _when(counts: Counts, ranks: Rates) -> Rates:
    """In which step, and how far in it, the task of each rank is."""
    through = np.cumsum(counts)
    steps = np.searchsorted(through, ranks, side="left")
    before = through[steps] - counts[steps]
    inside: Rates = steps + (ranks - before) / counts[steps]
    return inside
