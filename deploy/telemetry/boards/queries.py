"""Queries of the dashboards' panels, in PromQL."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a panel.

    Attributes:
        expr: In PromQL.
        legend: Of each of its lines; `{{label}}` is filled in.
        exemplars: Whether the traces that stand for its times are shown.
        instant: Whether only the newest value is asked for.
    """

    expr: str
    legend: str = ""
    exemplars: bool = False
    instant: bool = False


def quantiles(  # noqa: PLR0913 - what a query of quantiles is made of
    metric: str,
    by: str = "",
    where: str = "",
    *,
    of: Sequence[float] = (0.5, 0.95, 0.99),
    service: bool = True,
    exemplars: bool = True,
) -> list[Query]:
    """Queries of quantiles of a histogram.

    Args:
        metric: Its name, without `_bucket`.
        by: A label to tell lines apart by, or several, separated by commas.
        where: Further matchers.
        of: Which quantiles.
        service: Whether the service may be chosen.
        exemplars: Whether the histogram has them.
    """
    labels = f"le, {by}" if by else "le"
    rates = f"sum by ({labels}) (rate({metric}_bucket{matchers(where, service=service)}[$__rate_interval]))"
    return [
        Query(
            f"histogram_quantile({each}, {rates})",
            f"{_names(by)} p{each * 100:g}".strip(),
            exemplars=exemplars,
        )
        for each in of
    ]


def rate(metric: str, by: str, where: str = "", *, service: bool = True) -> Query:
    """The rate of a counter, a line for each of the labels' values."""
    rates = f"rate({metric}{matchers(where, service=service)}[$__rate_interval])"
    return Query(f"sum by ({by}) ({rates})", _names(by))


def matchers(more: str = "", *, service: bool = True) -> str:
    """The matchers of every query: the installation and, where it may be chosen, the service."""
    services = ['service=~"$service"'] if service else []
    chosen = ['namespace="$namespace"', *services, *([more] if more else [])]
    return "{" + ", ".join(chosen) + "}"


def _names(labels: str) -> str:
    """What a line is called that has these labels."""
    return " ".join(f"{{{{{label.strip()}}}}}" for label in labels.split(",") if label)
