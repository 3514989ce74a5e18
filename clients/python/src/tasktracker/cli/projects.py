"""`project`: whose chats and words runs work with."""

from typing import Annotated, Literal
from uuid import UUID

import typer

from tasktracker.cli import asking
from tasktracker.cli.options import Json, Limit, Yes, connected, examples, first, page_size
from tasktracker.cli.terminal import say, show, show_json, table
from tasktracker.client import Client
from tasktracker.records.common import ProjectRecord

app = typer.Typer(
    help="Projects: whose chats and words runs work with.",
    no_args_is_help=True,
    epilog=examples("project create Backend --chat 1 --keyword деплой", "project list"),
)
Project = Annotated[str, typer.Argument(metavar="PROJECT", help="Its name or id.")]


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Unique whatever the case.")],
    *,
    language: Annotated[Literal["uk", "en"], typer.Option(help="Of what is proposed.")] = "uk",
    chat: Annotated[
        list[int] | None, typer.Option(help="A chat of it, by id; all when none is named.")
    ] = None,
    keyword: Annotated[
        list[str] | None, typer.Option(help="Leave out messages without one of these.")
    ] = None,
    description: Annotated[str, typer.Option(help="For people, and for the model.")] = "",
    json: Json = False,
) -> None:
    """Make a project."""
    with connected() as client:
        made = client.projects.create(
            name,
            language=language,
            chat_ids=chat or None,
            keywords=keyword or None,
            description=description or None,
        )
    if json:
        show_json(made)
    else:
        say(f"Project {made.name} was made: {made.id}")


@app.command("list")
def list_projects(*, limit: Limit = 50, json: Json = False) -> None:
    """List projects, by name."""
    with connected() as client:
        found = first(client.projects.iterate(limit=page_size(limit)), limit)
    if json:
        show_json(found)
        return
    rows = [
        (
            str(each.id),
            each.name,
            each.language,
            ", ".join(map(str, each.chat_ids)) or "all",
            ", ".join(each.keywords),
        )
        for each in found
    ]
    show(table(("project", "name", "language", "chats", "keywords"), rows, wide="keywords"))


@app.command("delete")
def delete(project: Project, *, yes: Yes = False, json: Json = False) -> None:
    """Delete a project that has no runs."""
    with connected() as client:
        found = find_project(client, project)
        asking.confirm(f"Delete the project {found.name}?", yes=yes)
        client.projects.delete(found.id)
    if json:
        show_json({"deleted": found.id})
    else:
        say(f"Project {found.name} is deleted.")


def find_project(client: Client, named: str | None) -> ProjectRecord:
    """The project of a name or an id; the only one there is when none is named.

    Raises:
        typer.BadParameter: There is no such project, or several to choose from.
    """
    try:
        if named is not None:
            return client.projects.get(UUID(named))
    except ValueError:
        pass
    known = list(client.projects.iterate())
    fitting = [each for each in known if named is None or each.name.casefold() == named.casefold()]
    if len(fitting) == 1:
        return fitting[0]
    if not known:
        raise typer.BadParameter("There is no project yet: tasktracker project create NAME")
    names = ", ".join(repr(each.name) for each in known)
    said = "Name one with --project" if named is None else f"There is no project {named!r}"
    raise typer.BadParameter(f"{said}; there are: {names}.")
