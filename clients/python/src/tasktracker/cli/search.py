"""`search`: messages and atoms by meaning and by words."""

from collections.abc import Sequence
from itertools import islice
from typing import Annotated, Literal

import typer
from rich.text import Text

from tasktracker.cli.options import Json, Limit, Since, Until, connected, examples, page_size
from tasktracker.cli.terminal import in_a_line, moment, say, show, show_json, table
from tasktracker.records.search import SearchItem

EXAMPLES = examples(
    "search 'чому пошук думає так довго?'",
    "search 'code freeze' --since 14d --kind message",
    "search деплой --type decision --json",
)
_BEFORE = 24

AtomType = Literal["problem", "solution", "decision", "question", "insight", "pattern", "requirement"]
MessageClass = Literal["noise", "weak_signal", "signal"]


def search(
    query: Annotated[str, typer.Argument(help="What to look for, in any language, in your own words.")],
    *,
    kind: Annotated[
        Literal["message", "atom"] | None, typer.Option(help="Only these; both when left out.")
    ] = None,
    type: Annotated[AtomType | None, typer.Option(help="Only atoms of this type.")] = None,
    class_: Annotated[
        MessageClass | None, typer.Option("--class", help="Only messages of this class.")
    ] = None,
    chat: Annotated[int | None, typer.Option(help="Only this chat, by its id.")] = None,
    since: Since = None,
    until: Until = None,
    noise: Annotated[bool, typer.Option("--noise", help="Also noise.")] = False,
    limit: Limit = 10,
    json: Json = False,
) -> None:
    """Search messages and atoms, best first. Words of the query are highlighted."""
    with connected() as client:
        found = client.search(
            query,
            kind=[kind] if kind else None,
            type=[type] if type else None,
            class_=class_,
            chat_id=chat,
            since=since,
            until=until,
            include_noise=noise or None,
            limit=page_size(limit),
        )
    items = list(islice(found.items, limit))
    if json:
        show_json(items)
    elif items:
        rows = [(item.atom_type or item.kind, str(item.id), moment(item.at), _said(item)) for item in items]
        show(table(("what", "id", "when", "text"), rows, right=("id",), wide="text"))
    else:
        say("Nothing was found.")
    if found.degraded:
        say(found.degraded, style="yellow")
    if found.under_filled:
        say("There may be more than was found: narrow the search down.")


def _said(item: SearchItem) -> Text:
    """Who said what, the query's words in bold, from where they begin."""
    title = "" if item.text.startswith(item.title or "") else item.title
    said_by = item.author.name if item.author else title
    head = f"{said_by}: " if said_by else ""
    return Text.assemble((in_a_line(head), "dim"), highlighted(item.text, item.matches))


def highlighted(text: str, matches: Sequence[tuple[int, int]]) -> Text:
    """A text in a line, what matched in bold; a long way before the first match is left out."""
    shown = Text(in_a_line(text))
    for start, end in matches:
        shown.stylize("bold yellow", start, end)
    begin = _beginning(text, matches)
    return Text.assemble("…", shown[begin:]) if begin else shown


def _beginning(text: str, matches: Sequence[tuple[int, int]]) -> int:
    """Where to begin so that the first match is seen in a narrow column: at a word a little before it."""
    start = matches[0][0] if matches else 0
    if start <= 2 * _BEFORE:
        return 0
    return text.find(" ", start - _BEFORE, start) + 1 or start - _BEFORE
