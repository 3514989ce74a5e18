"""`jobs`: imports that run or ran."""

from typing import Annotated
from uuid import UUID

import typer

from tasktracker.cli.codes import ExitCode
from tasktracker.cli.options import Json, Limit, connected, examples, first, page_size
from tasktracker.cli.progress import follow_job
from tasktracker.cli.terminal import facts, moment, say, show, show_json, table
from tasktracker.client import Client
from tasktracker.records.jobs import HistoryChatRecord, JobRecord

_ERRORS_SHOWN = 10

app = typer.Typer(
    help="Imports that run or ran.",
    no_args_is_help=True,
    epilog=examples("jobs list", "jobs follow 0d2f6a52-6f43-4a8e-9a0f-3c1b7b0f5e21"),
)
JobId = Annotated[UUID, typer.Argument(metavar="JOB", help="A job's id.")]


@app.command("list")
def list_jobs(*, limit: Limit = 20, json: Json = False) -> None:
    """List jobs, newest first."""
    with connected() as client:
        jobs = first(client.jobs.iterate(limit=page_size(limit)), limit)
    if json:
        show_json(jobs)
        return
    rows = [
        (
            str(job.id),
            job.status,
            moment(job.created_at),
            str(job.messages_stored),
            str(job.messages_skipped),
            str(job.errors_count),
            job.source_name,
        )
        for job in jobs
    ]
    numbers = ("new", "known", "unreadable")
    show(table(("job", "status", "made", *numbers, "source"), rows, right=numbers, wide="source"))


@app.command("show")
def show_job(job_id: JobId, *, json: Json = False) -> None:
    """Show a job, with what it could not read."""
    with connected() as client:
        job = client.jobs.get(job_id)
    if json:
        show_json(job)
    else:
        _show(job)


@app.command("follow")
def follow(job_id: JobId, *, json: Json = False) -> None:
    """Follow a job until it ends. Ctrl-C leaves it running."""
    with connected() as client:
        end_with(client, job_id, json=json)


@app.command("cancel")
def cancel(job_id: JobId, *, json: Json = False) -> None:
    """Cancel a job; what it has saved stays."""
    with connected() as client:
        job = client.jobs.cancel(job_id)
    if json:
        show_json(job)
    else:
        say(f"Job {job.id} is {job.status}.")


def end_with(client: Client, job_id: UUID, *, json: bool) -> None:
    """Follow a job, show it, and end with what became of it.

    Raises:
        typer.Exit: It failed or was cancelled, or the person pressed Ctrl-C.
    """
    try:
        job = follow_job(client, job_id)
    except KeyboardInterrupt:
        say(f"The job goes on. Follow it: tasktracker jobs follow {job_id}")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    if json:
        show_json(job)
    else:
        _show(job)
    if job.status != "completed":
        raise typer.Exit(ExitCode.FAILED)


def _show(job: JobRecord) -> None:
    rows = [
        ("job", str(job.id)),
        ("status", job.status),
        ("source", job.source_name),
        ("made", moment(job.created_at)),
        ("ended", moment(job.finished_at)),
        (
            "messages",
            f"{job.messages_fetched} read, {job.messages_stored} new, {job.messages_skipped} known already",
        ),
        *((f"  {chat.title or chat.telegram_id}", _far(chat)) for chat in job.chats),
        ("waits", f"until {moment(job.waiting_until)}: {job.waiting_for}" if job.waiting_until else ""),
        ("unreadable", str(job.errors_count)),
        *((f"  {error.position}", error.reason) for error in job.error_log[:_ERRORS_SHOWN]),
        ("failure", job.failure or ""),
    ]
    show(facts((name, value) for name, value in rows if value))


def _far(chat: HistoryChatRecord) -> str:
    about = f" of about {chat.messages_total}" if chat.messages_total is not None else ""
    return f"{chat.status}, {chat.messages_fetched}{about} read"
