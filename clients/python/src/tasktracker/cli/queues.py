"""`queues`: how full each is, who works on it, and holding one back."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from tasktracker.cli.options import Json, connected, examples
from tasktracker.cli.terminal import moment, say, show, show_json, table
from tasktracker.records.queues import QueueRecord
from tasktracker.records.workers import WorkerRecord

app = typer.Typer(
    help="Queues, and the workers that take from them.",
    no_args_is_help=True,
    epilog=examples(
        "queues list", "queues workers", "queues pause knowledge --hours 2", "queues resume knowledge"
    ),
)
Queue = Annotated[str, typer.Argument(metavar="QUEUE", help="A queue's name.")]


@app.command("list")
def list_queues(*, json: Json = False) -> None:
    """List queues: what waits, what runs, what was given up."""
    with connected() as client:
        queues = client.queues.list().items
    if json:
        show_json(queues)
    else:
        show(queue_table(queues))


@app.command("workers")
def list_workers(*, json: Json = False) -> None:
    """List worker processes, and what each is doing now."""
    with connected() as client:
        workers = client.workers.list().items
    if json:
        show_json(workers)
        return
    rows = [
        (each.service, f"{each.host}/{each.pid}", moment(each.started_at), str(each.threads), _doing(each))
        for each in workers
    ]
    show(table(("service", "process", "since", "threads", "runs"), rows, right=("threads",), wide="runs"))


@app.command("pause")
def pause(
    queue: Queue,
    *,
    hours: Annotated[float | None, typer.Option(min=0, help="It goes on by itself after so long.")] = None,
    json: Json = False,
) -> None:
    """Pause a queue: it takes tasks in and hands none out. What runs is finished."""
    until = datetime.now(UTC) + timedelta(hours=hours) if hours is not None else None
    with connected() as client:
        _told(client.queues.pause(queue, until=until), json=json)


@app.command("resume")
def resume(queue: Queue, *, json: Json = False) -> None:
    """Let a paused queue hand out its tasks again."""
    with connected() as client:
        _told(client.queues.resume(queue), json=json)


def queue_table(queues: list[QueueRecord]) -> Table:
    """A table of queues."""
    numbers = ("ready", "running", "delayed", "dead", "workers")
    rows = [
        (
            each.queue,
            str(each.ready),
            str(each.in_progress),
            str(each.delayed),
            Text(str(each.dead), style="red" if each.dead else ""),
            str(each.workers),
            _oldest(each),
            _state(each),
        )
        for each in queues
    ]
    return table(("queue", *numbers, "oldest", ""), rows, right=numbers)


def _oldest(queue: QueueRecord) -> str:
    return str(timedelta(seconds=round(queue.oldest_seconds))) if queue.oldest_seconds is not None else ""


def _state(queue: QueueRecord) -> Text:
    if not queue.paused:
        return Text("")
    until = f" until {moment(queue.paused_until)}" if queue.paused_until else ""
    return Text(f"paused{until}", style="yellow")


def _doing(worker: WorkerRecord) -> str:
    return ", ".join(task.actor for task in worker.running)


def _told(queue: QueueRecord, *, json: bool) -> None:
    if json:
        show_json(queue)
    else:
        say(f"The queue {queue.queue} is {_state(queue).plain or 'not paused'}; {queue.ready} tasks wait.")
