"""Tables and JSON on the terminal."""

import json
import shutil
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime


def print_json(value: object) -> int:
    """Print a value as JSON; return the exit code for well."""
    say(json.dumps(value, indent=2, ensure_ascii=False, default=_plain))
    return 0


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def print_table(head: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> int:
    """Print a table, numbers to the right, or a sentence when it is empty; return the exit code for well."""
    rows = list(rows)
    cells = [[_printable(" ".join(str(cell).split())) for cell in row] for row in rows]
    if not cells:
        say(empty)
        return 0
    right = [all(isinstance(row[column], int) for row in rows) for column in range(len(head))]
    widths = [max(len(row[column]) for row in [list(head), *cells]) for column in range(len(head))]
    for row in [list(head), *cells]:
        line = "  ".join(
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(row, widths, right, strict=True)
        )
        say(_fitted(line.rstrip()))
    return 0


def _fitted(line: str) -> str:
    """Return a line cut to the terminal; whole when it goes to a file or another program."""
    width = shutil.get_terminal_size().columns
    return f"{line[: width - 1]}…" if sys.stdout.isatty() and len(line) > width else line


def _printable(text: str) -> str:
    """Return a text in which what would steer the terminal is written out."""
    return "".join(c if c.isprintable() or c in "\n\t" else repr(c)[1:-1] for c in text)


def say(text: str) -> None:
    """Print a line."""
    print(_printable(text))  # noqa: T201 - this is what a command does


def ago(moment: datetime) -> str:
    """Return how long ago a moment was, as a person says it."""
    return f"{span((datetime.now(UTC) - moment).total_seconds())} ago"


def span(seconds: float) -> str:
    """Return a time in seconds as a person says it, in whole units."""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(0, int(seconds))} s"
