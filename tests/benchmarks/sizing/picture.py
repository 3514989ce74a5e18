"""The day as a picture: what came, and how many replicas there were."""

from collections.abc import Sequence

from tests.benchmarks.sizing.chain import Simulated
from tests.benchmarks.sizing.day import SECONDS, Counts

_WIDTH, _LEFT, _RIGHT = 860, 64, 16
_PANEL, _GAP, _TOP = 120, 44, 34
_MINUTES = 5
_FONT = 'font-family="system-ui, sans-serif" font-size="12"'
_COLOURS = {
    "messages": "#4a6fa5",
    "ingestion": "#2a7f62",
    "scoring": "#b5651d",
    "embedding": "#7b4ea3",
    "knowledge": "#a23b3b",
    "gateway": "#555555",
}


def picture(simulated: Simulated) -> str:
    """An SVG of a simulated day."""
    panels = [("messages a second", "messages", _means(simulated.arrived))]
    panels += [
        (f"replicas of {name}", name, _means(course.replicas)) for name, course in simulated.courses.items()
    ]
    height = _TOP + len(panels) * (_PANEL + _GAP)
    drawn = [_panel(place, *panel) for place, panel in enumerate(panels)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" {_FONT} role="img">',
            f"<title>A day of {simulated.messages:,} messages</title>",
            f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
            *drawn,
            "</svg>\n",
        ]
    )


def _means(counts: Counts) -> list[float]:
    return [float(mean) for mean in counts[:SECONDS].reshape(-1, _MINUTES * 60).mean(axis=1)]


def _panel(place: int, title: str, name: str, values: Sequence[float]) -> str:
    top, most = _TOP + place * (_PANEL + _GAP), max(1.0, *values)
    inner = _WIDTH - _LEFT - _RIGHT
    points = " ".join(
        f"{_LEFT + inner * at / (len(values) - 1):.1f},{top + _PANEL * (1 - value / most):.1f}"
        for at, value in enumerate(values)
    )
    hours = "".join(
        f'<text x="{_LEFT + inner * hour / 24:.0f}" y="{top + _PANEL + 16}" '
        f'text-anchor="middle" fill="#666">{hour:02d}</text>'
        for hour in range(0, 25, 3)
    )
    base = top + _PANEL
    return (
        f'<g><text x="{_LEFT}" y="{top - 8}" fill="#222">{title}</text>'
        f'<text x="{_LEFT - 8}" y="{top + 10}" text-anchor="end" fill="#666">{most:,.0f}</text>'
        f'<text x="{_LEFT - 8}" y="{base}" text-anchor="end" fill="#666">0</text>'
        f'<line x1="{_LEFT}" y1="{base}" x2="{_WIDTH - _RIGHT}" y2="{base}" stroke="#bbb"/>'
        f'<polyline fill="none" stroke="{_COLOURS[name]}" stroke-width="1.5" points="{points}"/>{hours}</g>'
    )
