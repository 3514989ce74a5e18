"""`run create`: what it would cost, then the run, then what it proposes."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from tasktracker.cli import asking
from tasktracker.cli.options import Json, Since, Until, Yes, connected
from tasktracker.cli.projects import find_project
from tasktracker.cli.runs import end_with
from tasktracker.cli.terminal import say, show_json
from tasktracker.client import Client
from tasktracker.records.runs import RunRecord


def create(
    *,
    since: Since,
    until: Until = None,
    project: Annotated[
        str | None, typer.Option(help="By name or id; may be left out when there is but one.")
    ] = None,
    rag: Annotated[
        bool, typer.Option("--rag/--no-rag", help="Show the model similar atoms and proposals.")
    ] = True,
    start: Annotated[bool, typer.Option("--start/--no-start", help="Start it once it is made.")] = True,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow it until it is done.")] = True,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Make a run, show what it may take, start it, follow it, and list what it proposes.

    When you do not want it to start, the run is cancelled, so that the project is free for another.
    """
    if since is None:
        raise typer.BadParameter("Say from when: --since 14d, for example.")
    with connected() as client:
        found = find_project(client, project)
        run = client.runs.create(
            project_id=found.id, since=since, until=until or datetime.now(UTC), use_rag=rag
        )
        say(_estimate(run))
        if not start:
            _left(run, json=json)
            return
        _confirm(client, run, yes=yes)
        client.runs.start(run.id)
        end_with(client, run.id, wait=wait, json=json)


def _estimate(run: RunRecord) -> str:
    if run.estimate is None:
        return f"Run {run.id} was made; what it may take is not known."
    size = f"{run.estimate.messages} messages in {run.estimate.batches} batches"
    tokens = run.estimate.input_tokens + run.estimate.output_tokens
    cap = " The cap will end it before its last batch." if run.estimate.exceeds_cap else ""
    return f"At the most {size}, {tokens} tokens, ${run.estimate.cost:.4f}.{cap}"


def _confirm(client: Client, run: RunRecord, *, yes: bool) -> None:
    try:
        asking.confirm("Start it?", yes=yes)
    except BaseException:
        client.runs.cancel(run.id)
        raise


def _left(run: RunRecord, *, json: bool) -> None:
    if json:
        show_json(run)
    else:
        say(f"Run {run.id} waits. Start it: tasktracker run start {run.id}")
