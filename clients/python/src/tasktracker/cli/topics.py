"""`topics`: what the team talks about."""

from typing import Annotated, Literal

import typer

from tasktracker.cli.options import Json, Limit, connected, examples, first, page_size
from tasktracker.cli.terminal import facts, moment, show, show_json, table

EXAMPLES = examples("topics --search пошук", "topics 12    one topic, with its atoms")
_ATOMS_SHOWN = 50


def topics(
    topic_id: Annotated[int | None, typer.Argument(metavar="[ID]", help="One topic, with its atoms.")] = None,
    *,
    status: Annotated[
        Literal["needs_review", "approved", "rejected"] | None, typer.Option(help="Only these.")
    ] = None,
    search: Annotated[str | None, typer.Option(help="Only those whose name has this in it.")] = None,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """List topics, or show one."""
    if topic_id is not None:
        _show_one(topic_id, json=json)
        return
    with connected() as client:
        found = first(client.topics.iterate(status=status, search=search, limit=page_size(limit)), limit)
    if json:
        show_json(found)
        return
    rows = [
        (str(topic.id), topic.icon, topic.name, topic.status, str(topic.atoms), moment(topic.updated_at))
        for topic in found
    ]
    columns = ("id", "", "topic", "status", "atoms", "changed")
    show(table(columns, rows, right=("id", "atoms"), wide="topic"))


def _show_one(topic_id: int, *, json: bool) -> None:
    with connected() as client:
        topic = client.topics.get(topic_id)
        atoms = first(client.topics.iterate_atoms(topic_id), _ATOMS_SHOWN)
    if json:
        show_json({"topic": topic, "atoms": atoms})
        return
    rows = [("topic", f"{topic.icon} {topic.name}"), ("status", topic.status), ("about", topic.description)]
    show(facts(rows))
    show(
        table(("id", "type", "atom"), [(str(atom.id), atom.type, atom.title) for atom in atoms], wide="atom")
    )
