"""`run`: analysis runs, from a window of chat to proposals."""

import sys
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

import typer

from tasktracker.cli.codes import ExitCode
from tasktracker.cli.options import Json, Limit, connected, examples, first, page_size
from tasktracker.cli.progress import follow_run
from tasktracker.cli.projects import find_project
from tasktracker.cli.run_views import show_proposals, show_run, show_runs, why_nothing
from tasktracker.cli.terminal import say, show_json
from tasktracker.client import Client
from tasktracker.records.runs import RunRecord

app = typer.Typer(
    help="Analysis runs: a window of chat becomes proposals.",
    no_args_is_help=True,
    epilog=examples(
        "run create --project Backend --since 14d",
        "run list",
        "run export 85042f0c-5a0e-4d0e-9a65-0f2b6f6d4a11 --format markdown -o tasks.md",
    ),
)
Kind = Literal["analysis", "experiment", "extraction", "ingestion", "all"]
RunId = Annotated[UUID, typer.Argument(metavar="RUN", help="A run's id.")]


@app.command("list")
def list_runs(
    *,
    kind: Annotated[
        Kind, typer.Option(help="Which runs; `all` are also imports, extractions, experiments.")
    ] = "analysis",
    project: Annotated[str | None, typer.Option(help="Only of this project, by name or id.")] = None,
    limit: Limit = 20,
    json: Json = False,
) -> None:
    """List runs, newest first."""
    with connected() as client:
        project_id = find_project(client, project).id if project else None
        found = first(
            client.runs.iterate(
                kind=None if kind == "all" else kind, project_id=project_id, limit=page_size(limit)
            ),
            limit,
        )
    if json:
        show_json(found)
    else:
        show_runs(found)


@app.command("show")
def show(run_id: RunId, *, json: Json = False) -> None:
    """Show a run with its proposals."""
    with connected() as client:
        run = client.runs.get(run_id)
        proposals = list(client.runs.iterate_proposals(run_id))
    if json:
        show_json({"run": run, "proposals": proposals})
    else:
        show_run(run)
        show_proposals(proposals)


@app.command("start")
def start(
    run_id: RunId,
    *,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow it until it is done.")] = True,
    json: Json = False,
) -> None:
    """Start a run that was made. Ctrl-C leaves it running."""
    with connected() as client:
        client.runs.start(run_id)
        end_with(client, run_id, wait=wait, json=json)


@app.command("follow")
def follow(run_id: RunId, *, json: Json = False) -> None:
    """Follow a run until it is done. Ctrl-C leaves it running."""
    with connected() as client:
        end_with(client, run_id, wait=True, json=json)


@app.command("retry")
def retry(
    run_id: RunId,
    *,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow it until it is done.")] = True,
    json: Json = False,
) -> None:
    """Try a failed run again, from its first batch that was not saved."""
    with connected() as client:
        client.runs.retry(run_id)
        end_with(client, run_id, wait=wait, json=json)


@app.command("cancel")
def cancel(run_id: RunId, *, json: Json = False) -> None:
    """Cancel a run: it stops before its next batch; what it has proposed stays."""
    with connected() as client:
        _told(client.runs.cancel(run_id), json=json)


@app.command("close")
def close(run_id: RunId, *, json: Json = False) -> None:
    """Close a run whose proposals are all decided."""
    with connected() as client:
        _told(client.runs.close(run_id), json=json)


@app.command("export")
def export(
    run_id: RunId,
    *,
    format: Annotated[Literal["json", "csv", "markdown"], typer.Option(help="What to write.")] = "markdown",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", dir_okay=False, help="A file; stdout when left out.")
    ] = None,
    json: Json = False,
) -> None:
    """Export what was approved. The file appears only once it is whole."""
    with connected() as client:
        pieces = client.proposals.export(format="json" if json else format, run_id=run_id)
        if output is None:
            for piece in pieces:
                sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
            return
        draft = output.with_name(f".{output.name}.part")
        try:
            with draft.open("wb") as file:
                file.writelines(pieces)
            draft.replace(output)
        finally:
            draft.unlink(missing_ok=True)
    say(f"Wrote {output}.")


def end_with(client: Client, run_id: UUID, *, wait: bool, json: bool) -> None:
    """Follow a run if wanted, show it, and end with what became of it.

    Raises:
        typer.Exit: It failed or was cancelled, or the person pressed Ctrl-C.
    """
    try:
        run = follow_run(client, run_id) if wait else client.runs.get(run_id)
    except KeyboardInterrupt:
        say(f"The run goes on. Follow it: tasktracker run follow {run_id}")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    if json:
        show_json(run)
    else:
        show_run(run)
        if wait and run.proposals_total:
            show_proposals(list(client.runs.iterate_proposals(run_id)))
    if run.status == "completed" and not run.proposals_total:
        say(why_nothing(run, client.knowledge.stats().pending))
    if wait and run.proposals_pending:
        say(f"Decide about them: tasktracker review {run_id}")
    if run.status in {"failed", "cancelled"}:
        raise typer.Exit(ExitCode.FAILED)


def _told(run: RunRecord, *, json: bool) -> None:
    if json:
        show_json(run)
    else:
        say(f"The run {run.id} is {run.status}.")
