"""`watch`: what happens, as it happens."""

import asyncio
import os
from collections.abc import Mapping
from contextlib import aclosing
from typing import Annotated, Any

import typer
from rich.text import Text

from tasktracker.cli.options import Json, examples
from tasktracker.cli.terminal import in_a_line, say, show, show_json_line
from tasktracker.config import Config, read_config
from tasktracker.live import Event, Gap, follow

EXAMPLES = examples(
    "watch",
    "watch analysis experiments",
    "watch messages --json | jq -c .data",
    "watch --after 20260301T093000123456:4711    what happened since, then live",
)
_TOLD = 100


def watch(
    topics: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TOPIC]...", help="messages, ingestion, knowledge, analysis …"),
    ] = None,
    *,
    after: Annotated[
        str | None, typer.Option(metavar="EPOCH:SEQ", help="First what happened after this position.")
    ] = None,
    count: Annotated[
        int | None, typer.Option("--count", "-c", min=1, help="End after so many events.")
    ] = None,
    json: Json = False,
) -> None:
    """Follow events until Ctrl-C; over a lost connection it goes on where it was.

    With --json each event is a line; its `epoch` and `seq` are the position to come back with. An event whose
    type is `gap` says that some are not kept any more.
    """
    asyncio.run(_watch(read_config(os.environ), topics or [], after, count, json=json))


async def _watch(
    config: Config, topics: list[str], after: str | None, count: int | None, *, json: bool
) -> None:
    left = count
    async with aclosing(follow(config.url, config.key, topics=topics, after=after)) as events:
        async for event in events:
            _tell(event, json=json)
            left = None if left is None else left - 1
            if left == 0:
                return


def _tell(event: Event | Gap, *, json: bool) -> None:
    if isinstance(event, Gap):
        if json:
            show_json_line(
                {"type": "gap", "reason": event.reason, "after": event.after, "position": event.position}
            )
        say(f"Events after {event.after} are not kept any more ({event.reason}).", style="yellow")
    elif json:
        show_json_line(event)
    else:
        head = Text(f"{event.at.astimezone():%H:%M:%S}  ", style="dim")
        show(head + Text(f"{event.type:<32} ", style="bold") + Text(_short(event.data)))


def _short(data: Mapping[str, Any]) -> str:
    """The plain values of an event in a line, those of the records in it included."""
    parts = []
    for name, value in data.items():
        inner = value if isinstance(value, dict) else {name: value}
        parts += [
            f"{key}={in_a_line(str(each))[:_TOLD]}"
            for key, each in inner.items()
            if isinstance(each, str | int | float) and each != ""
        ]
    return " ".join(parts)
