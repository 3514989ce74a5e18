"""What is written where: results on stdout, everything else on stderr; JSON for machines."""

import os
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

_PIPE_WIDTH = 160
_WIDEST = 40
_NARROWEST = 10
_BETWEEN = 3
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SPACE = re.compile(r"[\t\n]")


def console(*, stderr: bool = False) -> Console:
    """A console of a stream: in a pipe as wide as COLUMNS says, or wide enough for tables."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or os.environ.get("COLUMNS") else _PIPE_WIDTH
    return Console(stderr=stderr, width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


def say(sentence: str, *, style: str | None = None) -> None:
    """Tell the person at the terminal something; it is no part of the result."""
    console(stderr=True).print(Text(plain(sentence), style=style or ""), soft_wrap=True)


def show(value: RenderableType) -> None:
    """Write a part of the result for a person."""
    drawn = Text(plain(value)) if isinstance(value, str) else value
    console().print(drawn, soft_wrap=isinstance(value, str), crop=False)


def show_json(value: Any) -> None:
    """Write the result for a program."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value)).decode() + "\n")


def show_json_line(value: Any) -> None:
    """Write one of many results for a program, each on a line of its own, at once."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    sys.stdout.flush()


def plain(text: str) -> str:
    """A text without what would drive the terminal; each character stays in its place."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def in_a_line(text: str) -> str:
    """A text as one line; each character stays in its place."""
    return _SPACE.sub(" ", plain(text))


def moment(at: datetime | None) -> str:
    """A time as the clock on the wall shows it."""
    return f"{at.astimezone():%Y-%m-%d %H:%M}" if at else ""


def table(
    columns: Sequence[str], rows: Iterable[Sequence[str | Text]], *, right: Sequence[str] = (), wide: str = ""
) -> Table:
    """A table.

    Args:
        columns: The heads.
        rows: The cells.
        right: Columns of numbers.
        wide: The column that gives way when the terminal is narrow; it is cut with an ellipsis.
    """
    cells = [[cell if isinstance(cell, Text) else Text(in_a_line(cell)) for cell in row] for row in rows]
    widths = [
        max([cell_len(column), *(row[place].cell_len for row in cells)])
        for place, column in enumerate(columns)
    ]
    fitted = {column: min(width, _WIDEST) for column, width in zip(columns, widths, strict=True)}
    if wide:
        others = sum(width for column, width in fitted.items() if column != wide)
        room = console().width - others - _BETWEEN * (len(columns) - 1)
        fitted[wide] = max(_NARROWEST, min(widths[columns.index(wide)], room))
    # What does not fit is wrapped by the terminal, so that ids can still be copied whole.
    whole = sum(fitted.values()) + _BETWEEN * (len(columns) - 1)
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, width=whole)
    for column, width in fitted.items():
        justify: Literal["left", "right"] = "right" if column in right else "left"
        made.add_column(column, justify=justify, no_wrap=True, overflow="ellipsis", width=width)
    for row in cells:
        made.add_row(*row)
    return made


def facts(rows: Iterable[tuple[str, str | Text]]) -> Table:
    """Names and what there is to say of each, the names aligned."""
    made = Table(box=None, show_header=False, pad_edge=False)
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in rows:
        made.add_row(name, value if isinstance(value, Text) else Text(plain(value)))
    return made
