"""Options that several commands have."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Annotated, TypeVar

import typer

from tasktracker.client import Client

Item = TypeVar("Item")

_AGO = re.compile(r"(\d{1,4})\s*([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_LARGEST_PAGE = 200

Json = Annotated[bool, typer.Option("--json", help="JSON on stdout, for programs.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="This many at the most.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def parse_time(text: str) -> datetime:
    """A time: `2026-03-01`, `2026-03-01T09:30`, or so long ago: `12h`, `14d`, `3w`.

    Without a zone it is of this machine's.

    Raises:
        typer.BadParameter: When it is none of these.
    """
    ago = _AGO.fullmatch(text.strip())
    try:
        if ago:
            return datetime.now(UTC) - int(ago[1]) * _UNITS[ago[2]]
        return datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(
            f"{text!r} is no time: write 2026-03-01, 2026-03-01T09:30, 12h, 14d or 3w"
        ) from error


Since = Annotated[
    datetime | None,
    typer.Option(parser=parse_time, metavar="TIME", help="From then on: 2026-03-01, or 12h, 14d, 3w ago."),
]
Until = Annotated[
    datetime | None,
    typer.Option(parser=parse_time, metavar="TIME", help="Before then: 2026-03-01, or 12h, 14d, 3w ago."),
]


@contextmanager
def connected(*, retries: int = 2) -> Iterator[Client]:
    """The client of the server that the environment or `tasktracker login` names."""
    with Client.from_environment(retries=retries) as client:
        yield client


def first(items: Iterator[Item], limit: int) -> list[Item]:
    """The first items of a list that goes on page after page."""
    return list(islice(items, limit))


def page_size(limit: int) -> int:
    """Items to ask for at once, when this many are wanted."""
    return min(limit, _LARGEST_PAGE)


def examples(*commands: str) -> str:
    """What stands at the end of a command's help."""
    return "\n\n".join(["Examples:", *(f"  $ tasktracker {command}" for command in commands)])
