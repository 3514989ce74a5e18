"""`import`: an export file, or the history of chats, becomes messages."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from tasktracker.cli.jobs import end_with
from tasktracker.cli.options import Json, Since, Until, connected, examples
from tasktracker.cli.terminal import console, say, show_json
from tasktracker.client import Client
from tasktracker.records.common import Accepted

EXAMPLES = examples(
    "import result.json              a chat that Telegram Desktop exported as JSON",
    "import result.json --no-wait    says which job it became, and leaves it",
    "import --chats -1001234567890 --since 2026-01-01    history, by the signed-in Telegram account",
)


def import_(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            exists=True,
            dir_okay=False,
            readable=True,
            help="`result.json` of Telegram Desktop.",
        ),
    ] = None,
    *,
    chats: Annotated[
        list[str] | None,
        typer.Option(help="A chat's Telegram id; several by commas or repeated. See `account chats`."),
    ] = None,
    since: Since = None,
    until: Until = None,
    private: Annotated[
        bool, typer.Option("--include-private", help="Chats may be talks between two.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the job until it ends.")] = True,
    json: Json = False,
) -> None:
    """Import a chat from an export of Telegram Desktop, or the history of chats by your Telegram account.

    What is known already is skipped, so that both may be imported again. Ctrl-C leaves the job running. A
    rest that Telegram asks for is waited out and shown.
    """
    if (file is None) == (not chats):
        raise typer.BadParameter("Give either a file, or --chats.")
    if file is not None and (since or until or private):
        raise typer.BadParameter(
            "--since, --until and --include-private go with --chats; a file is imported whole."
        )
    ids = _ids(chats or [])
    with connected() as client:
        if file is not None:
            accepted = _upload(client, file)
        else:
            accepted = client.jobs.create(ids, since=since, until=until, include_private=private or None)
        if wait:
            end_with(client, accepted.run_id, json=json)
        elif json:
            show_json(accepted)
        else:
            say(f"Job {accepted.run_id} was made. Follow it: tasktracker jobs follow {accepted.run_id}")


def _ids(given: list[str]) -> list[int]:
    """Chat ids, as they were given one by one or by commas.

    Raises:
        typer.BadParameter: One is no number.
    """
    parts = [part.strip() for each in given for part in each.split(",") if part.strip()]
    try:
        return [int(part) for part in parts]
    except ValueError as error:
        raise typer.BadParameter(
            "Chats are named by their Telegram ids: tasktracker account chats"
        ) from error


def _upload(client: Client, file: Path) -> Accepted:
    screen = console(stderr=True)
    columns = (TextColumn("uploading"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=screen, disable=not screen.is_terminal) as progress:
        task = progress.add_task("uploading", total=file.stat().st_size)
        return client.imports.upload(
            file, progress=lambda sent, size: progress.update(task, completed=sent, total=size)
        )
