"""A day of team chat: how many messages come in each second."""

import math

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.sizing.assumptions import Day

SECONDS = 86_400
Counts = NDArray[np.int64]
Rates = NDArray[np.float64]

_WORKING = (9 * 3600, 18 * 3600)


def rates(day: Day) -> Rates:
    """The shape of a day without bursts: each second's rate to the mean, which is 1."""
    hours = [second / 3600 for second in range(0, SECONDS, 60)]
    shape = [_humps(day, hour) for hour in hours]
    mean = sum(shape) / len(shape)
    scaled = [day.night_share + (1 - day.night_share) * value / mean for value in shape]
    return np.repeat(np.array(scaled), 60)


def arrivals(day: Day, messages: int, seed: int) -> tuple[Counts, Counts]:
    """How many messages come live, and how many by import, in each second; so many in all, but for chance."""
    dice = np.random.default_rng(seed)
    live = rates(day)
    for start in dice.integers(0, SECONDS - day.burst_seconds, day.bursts):
        live[start : start + day.burst_seconds] *= day.burst_factor
    expected = live / live.sum() * messages * (1 - day.import_share)
    imported = np.zeros(SECONDS, dtype=np.int64)
    for start, size in _imports(day, messages, dice):
        seconds = math.ceil(size / day.import_rate)
        end = min(start + seconds, SECONDS)
        imported[start:end] += -(-size // seconds)
    return dice.poisson(expected).astype(np.int64), imported


def _imports(day: Day, messages: int, dice: np.random.Generator) -> list[tuple[int, int]]:
    size = round(messages * day.import_share / day.imports)
    return [(int(start), size) for start in dice.integers(*_WORKING, day.imports)] if size else []


def _humps(day: Day, hour: float) -> float:
    return sum(
        weight * math.exp(-(((hour - middle) / width) ** 2) / 2) for middle, width, weight in day.peaks
    )
