"""Work that is followed until it ends, with a bar; it goes on by itself, whoever watches."""

import time
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from tasktracker.cli.terminal import console
from tasktracker.client import Client
from tasktracker.errors import TooManyRequests, Unavailable, Unreachable
from tasktracker.records.jobs import JobRecord
from tasktracker.records.runs import RunRecord

Work = TypeVar("Work", JobRecord, RunRecord)

_EVERY = 0.5
_LONGEST = 10.0
JOB_IS_OVER = frozenset({"completed", "failed", "cancelled"})
RUN_IS_OVER = frozenset({"completed", "reviewed", "closed", "failed", "cancelled"})


def bar() -> Progress:
    """A progress bar on stderr; in a pipe nothing is drawn."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}", markup=False),
        console=console(stderr=True),
        disable=not console(stderr=True).is_terminal,
    )


def follow_job(client: Client, job_id: UUID) -> JobRecord:
    """Wait until an ingestion job has ended; messages are counted, as the file's end is not known before."""
    return _follow(lambda: client.jobs.get(job_id), JOB_IS_OVER, _draw_job)


def follow_run(client: Client, run_id: UUID) -> RunRecord:
    """Wait until an analysis run waits for decisions, or has ended otherwise."""
    return _follow(lambda: client.runs.get(run_id), RUN_IS_OVER, _draw_run)


def _follow(
    ask: Callable[[], Work], over: frozenset[str], draw: Callable[[Progress, TaskID, Work], None]
) -> Work:
    pause = _EVERY
    with bar() as progress:
        task = progress.add_task("waiting", total=None, note="")
        while True:
            try:
                work = ask()
            except (Unreachable, Unavailable, TooManyRequests) as error:
                # What is followed goes on while the gateway restarts; so do we.
                progress.update(task, note=f"no answer, trying again ({type(error).__name__})")
                pause = min(_LONGEST, pause * 2)
            else:
                pause = _EVERY
                draw(progress, task, work)
                if work.status in over:
                    return work
            time.sleep(pause)


def _draw_job(progress: Progress, task: TaskID, job: JobRecord) -> None:
    done = job.status in JOB_IS_OVER
    wait = (
        f"waits until {job.waiting_until.astimezone():%H:%M:%S}: {job.waiting_for}"
        if job.waiting_until
        else ""
    )
    known = f"{job.messages_skipped} known already" if job.messages_skipped else ""
    errors = f"{job.errors_count} unreadable" if job.errors_count else ""
    progress.update(
        task,
        description=job.status,
        completed=job.messages_fetched,
        total=job.messages_fetched if done else _expected(job),
        note=", ".join(part for part in (known, errors, wait) if part),
    )


def _expected(job: JobRecord) -> int | None:
    """How many messages there are, where Telegram told of every chat."""
    totals = [chat.messages_total for chat in job.chats if chat.messages_total is not None]
    return max(sum(totals), job.messages_fetched) if totals and len(totals) == len(job.chats) else None


def _draw_run(progress: Progress, task: TaskID, run: RunRecord) -> None:
    progress.update(
        task,
        description=run.status,
        completed=run.batches_done,
        total=run.batches_total,
        note=f"{run.proposals_total} proposals, ${run.cost:.4f}",
    )
