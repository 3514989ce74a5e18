"""A figure, the figure of what it is measured against in the same run, and the table of them."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes:
        name: What was measured.
        value: In `unit`.
        unit: For example `messages/s`.
        aim: In words, with its unit; empty when there is none.
        peer: What does the bare part of the same work.
        peer_value: Its figure, in the same unit; None when nothing compares.
    """

    name: str
    value: float
    unit: str
    aim: str = ""
    peer: str = ""
    peer_value: float | None = None


def show(figures: Sequence[Figure]) -> None:
    """Print figures as an aligned table; the ratio is value to peer."""
    row = "{:<44}{:>12}  {:<12}{:<12}{:<38}{:>12}{:>9}"
    print(row.format("what", "figure", "unit", "aim", "beside", "its figure", "ratio"))
    for figure in figures:
        peer = "" if figure.peer_value is None else f"{figure.peer_value:,.0f}"
        ratio = "" if figure.peer_value is None else f"{figure.value / figure.peer_value:.3f}"
        value = f"{figure.value:,.0f}" if figure.value >= 100 else f"{figure.value:,.1f}"
        print(row.format(figure.name, value, figure.unit, figure.aim, figure.peer, peer, ratio))


def median_of(measure: Callable[[], float], *, times: int = 3) -> float:
    """The median of several measurements."""
    return statistics.median(measure() for _ in range(times))
