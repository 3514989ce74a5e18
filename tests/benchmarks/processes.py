"""What processes take of a machine: processor time and memory, of families of them."""

from collections.abc import Iterable
from contextlib import suppress

import psutil  # type: ignore[import-untyped]


def cpu_seconds(pids: Iterable[int]) -> dict[int, float]:
    """Processor time that each has used so far, that of its ended children included."""
    used: dict[int, float] = {}
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            times = psutil.Process(pid).cpu_times()
            used[pid] = times.user + times.system + times.children_user + times.children_system
    return used


def memory_bytes(pids: Iterable[int]) -> int:
    """What they hold in memory; what several share is counted once, in parts."""
    held = 0
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            held += psutil.Process(pid).memory_full_info().pss
    return held
