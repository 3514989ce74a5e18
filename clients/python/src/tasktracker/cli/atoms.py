"""`atoms`: what was learned, with the words that prove it."""

from typing import Annotated, Literal

import typer

from tasktracker.cli.options import Json, Limit, connected, examples, first, page_size
from tasktracker.cli.search import AtomType
from tasktracker.cli.terminal import facts, moment, show, show_json, table

EXAMPLES = examples("atoms --type decision --status approved", "atoms 31    one atom, with its quotes")


def atoms(
    atom_id: Annotated[int | None, typer.Argument(metavar="[ID]", help="One atom, with its quotes.")] = None,
    *,
    type: Annotated[AtomType | None, typer.Option(help="Only these.")] = None,
    status: Annotated[
        Literal["needs_review", "approved", "rejected"] | None, typer.Option(help="Only these.")
    ] = None,
    topic: Annotated[int | None, typer.Option(help="Only of this topic, by its id.")] = None,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """List atoms, or show one."""
    if atom_id is not None:
        _show_one(atom_id, json=json)
        return
    with connected() as client:
        found = first(
            client.atoms.iterate(type=type, status=status, topic_id=topic, limit=page_size(limit)), limit
        )
    if json:
        show_json(found)
        return
    rows = [
        (str(atom.id), atom.type, atom.status, f"{atom.confidence:.2f}", str(len(atom.citations)), atom.title)
        for atom in found
    ]
    columns = ("id", "type", "status", "sure", "quotes", "atom")
    show(table(columns, rows, right=("id", "sure", "quotes"), wide="atom"))


def _show_one(atom_id: int, *, json: bool) -> None:
    with connected() as client:
        atom = client.atoms.get(atom_id)
    if json:
        show_json(atom)
        return
    quotes = [
        (f"  {moment(each.sent_at)}", f"«{each.quote}» — {each.author or '?'}, message {each.message_id}")
        for each in atom.citations
    ]
    rows = [
        ("atom", str(atom.id)),
        ("type", atom.type),
        ("title", atom.title),
        ("status", f"{atom.status}, confidence {atom.confidence:.2f}"),
        ("topics", ", ".join(topic.name for topic in atom.topics)),
        ("content", atom.content),
        ("quotes", str(len(quotes))),
        *quotes,
    ]
    show(facts(rows))
