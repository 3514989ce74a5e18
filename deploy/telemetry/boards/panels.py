"""What a dashboard is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from deploy.telemetry.boards.queries import Query

Kind = Literal["timeseries", "stat", "table"]
Thresholds = Sequence[tuple[float | None, str]]
_GOOD: Final[Thresholds] = ((None, "green"),)


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel.

    Attributes:
        title: In a few words.
        description: What is seen, and what is wrong when it looks otherwise.
        unit: Grafana's name of it: `s`, `short`, `reqps`, `percentunit`, `currencyUSD`, `bytes`.
        queries: What it shows.
        alerts: Alerts that go by the same figures; a link leads to each one's run-book.
        traces: Whether a line of an actor leads to the actor's traces; the line needs `service` and `actor`.
        width: Of 24.
        thresholds: From which value on which colour; the first has none.
        stacked: Whether lines stand on each other.
    """

    title: str
    description: str
    unit: str
    queries: Sequence[Query]
    kind: Kind = "timeseries"
    alerts: Sequence[str] = ()
    traces: bool = False
    width: int = 8
    thresholds: Thresholds = _GOOD
    stacked: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Panels that belong together, under a heading."""

    title: str
    panels: Sequence[Panel]


@dataclass(frozen=True, slots=True)
class Board:
    """A dashboard.

    Attributes:
        uid: Stands in its address, so it never changes.
        title: As it stands in the list.
        description: What it answers.
        by_service: Whether services can be chosen.
    """

    uid: str
    title: str
    description: str
    rows: Sequence[Row]
    by_service: bool = True
