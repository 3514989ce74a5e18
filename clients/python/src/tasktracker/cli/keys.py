"""`keys`: who may come in, and as what."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import typer

from tasktracker.cli import asking
from tasktracker.cli.options import Json, Yes, connected, examples
from tasktracker.cli.terminal import moment, say, show, show_json, table
from tasktracker.client import Client
from tasktracker.records.keys import KeyRecord, KeyWithText

Scope = Literal["read", "write", "admin"]

app = typer.Typer(
    help="API keys: made, listed, rotated, revoked. Needs the scope admin.",
    no_args_is_help=True,
    epilog=examples(
        "keys make dashboard --scope read",
        "keys make importer --scope read --scope write --days 90 > key",
        "keys rotate importer --grace-hours 2",
        "keys revoke dashboard",
    ),
)
Key = Annotated[str, typer.Argument(metavar="KEY", help="Its name or id.")]


@app.command("list")
def list_keys(
    *,
    revoked: Annotated[bool, typer.Option("--revoked", help="Revoked ones, too.")] = False,
    json: Json = False,
) -> None:
    """List keys, newest first. Their texts are nowhere."""
    with connected() as client:
        keys = list(client.keys.iterate(revoked=revoked or None))
    if json:
        show_json(keys)
        return
    columns = ("key", "scopes", "used", "ends", "state", "name")
    # No name gives way, however narrow the terminal: by it a key is rotated and revoked.
    show(table(columns, [_row(key) for key in keys]))


@app.command("make")
def make(
    name: Annotated[str, typer.Argument(help="Stands as the author of what is done with it.")],
    *,
    scope: Annotated[list[str] | None, typer.Option(help="read, write or admin; may be repeated.")] = None,
    days: Annotated[
        int | None, typer.Option(min=1, max=36500, help="It ends after so many days; never when left out.")
    ] = None,
    json: Json = False,
) -> None:
    """Make a key. Its text is written to stdout, this once; with no --scope it may read."""
    ends = datetime.now(UTC) + timedelta(days=days) if days else None
    with connected() as client:
        made = client.keys.create(name=name, scopes=_scopes(scope or ["read"]), expires_at=ends)
    _show_text(made, json=json)


@app.command("rotate")
def rotate(
    key: Key,
    *,
    grace_hours: Annotated[
        float | None, typer.Option(min=0, help="The present text stays good so long; a day when left out.")
    ] = None,
    json: Json = False,
) -> None:
    """Give a key a new text, which is written to stdout, this once."""
    with connected() as client:
        rotated = client.keys.rotate(_find(client, key).id, grace_hours=grace_hours)
    _show_text(rotated, json=json)


@app.command("revoke")
def revoke(key: Key, *, yes: Yes = False, json: Json = False) -> None:
    """Revoke a key for good, with its sessions."""
    with connected() as client:
        found = _find(client, key)
        asking.confirm(f"Revoke the key {found.name!r} for good?", yes=yes)
        client.keys.delete(found.id)
    if json:
        show_json({"revoked": found.id})
    else:
        say(f"The key {found.name!r} opens nothing any more.")


def _find(client: Client, named: str) -> KeyRecord:
    """The key of a name or an id.

    Raises:
        typer.BadParameter: There is none.
    """
    try:
        return client.keys.get(UUID(named))
    except ValueError:
        pass
    for key in client.keys.iterate():
        if key.name == named:
            return key
    raise typer.BadParameter(f"There is no key {named!r}; see `tasktracker keys list`.")


def _scopes(given: list[str]) -> list[Scope]:
    known: dict[str, Scope] = {"read": "read", "write": "write", "admin": "admin"}
    wrong = [each for each in given if each not in known]
    if wrong:
        raise typer.BadParameter(f"{wrong[0]!r} is no scope; there are read, write and admin.")
    return [known[each] for each in given]


def _show_text(made: KeyWithText, *, json: bool) -> None:
    if made.text is None:
        say(
            "The answer was lost on its way, and with it the text of the key; it is shown once only.",
            style="red",
        )
        say(f"Make another: tasktracker keys rotate {made.key.id} --grace-hours 0")
        raise typer.Exit(1)
    if json:
        show_json(made)
        return
    say(f"The key {made.key.name!r} ({', '.join(made.key.scopes)}), shown this once:")
    show(made.text)


def _row(key: KeyRecord) -> tuple[str, ...]:
    state = f"revoked {moment(key.revoked_at)}" if key.revoked_at else "good"
    return (
        str(key.id),
        ", ".join(key.scopes),
        moment(key.last_used_at) or "never",
        moment(key.expires_at) or "never",
        state,
        key.name,
    )
