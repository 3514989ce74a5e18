"""`dead`: tasks that were given up: looked into, sent again, deleted."""

from typing import Annotated

import typer

from tasktracker.cli import asking
from tasktracker.cli.dead_filters import Filters, behind, body_of, named, until_complete
from tasktracker.cli.options import Json, Limit, Since, Yes, connected, examples, first, page_size
from tasktracker.cli.terminal import facts, moment, say, show, show_json, table
from tasktracker.client import Client
from tasktracker.records.dead_letters import LetterDetails, LetterRecord

app = typer.Typer(
    help="Dead letters: tasks that were given up. Needs the scope admin.",
    no_args_is_help=True,
    epilog=examples(
        "dead list --queue knowledge",
        "dead show 17",
        "dead requeue 17",
        "dead requeue --all --exception TimeoutError --since 2h",
        "dead delete --all --actor process_message --yes",
    ),
)
Sequence = Annotated[int | None, typer.Argument(metavar="[NUMBER]", min=1, help="A dead letter's number.")]
One = Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="A dead letter's number.")]
All = Annotated[bool, typer.Option("--all", help="All of them, or all that fit the filters.")]
Queue = Annotated[str | None, typer.Option(help="Only those taken from this queue.")]
Actor = Annotated[str | None, typer.Option(help="Only those of this actor.")]
Reason = Annotated[str | None, typer.Option(help="failed, poison, undecodable or actor-not-found.")]
Error = Annotated[str | None, typer.Option("--exception", help="Only this exception's class.")]
Text = Annotated[str | None, typer.Option(help="Only those whose error has this text.")]


@app.command("list")
def list_letters(
    *,
    queue: Queue = None,
    actor: Actor = None,
    reason: Reason = None,
    exception: Error = None,
    text: Text = None,
    since: Since = None,
    limit: Limit = 20,
    json: Json = False,
) -> None:
    """List dead letters, newest first."""
    which = Filters(queue=queue, actor=actor, reason=reason, exception=exception, text=text, since=since)
    with connected() as client:
        found = first(client.dead_letters.iterate(**which, limit=page_size(limit)), limit)
    if json:
        show_json(found)
        return
    rows = [
        (
            str(each.sequence),
            each.queue,
            moment(each.last_at),
            str(each.attempts),
            each.actor or "?",
            _error(each),
        )
        for each in found
    ]
    columns = ("number", "queue", "given up", "tries", "actor", "error")
    show(table(columns, rows, right=("number", "tries"), wide="error"))


@app.command("show")
def show_letter(number: One, *, json: Json = False) -> None:
    """Show a dead letter: what it was to do, and where it failed."""
    with connected() as client:
        letter = client.dead_letters.get(number)
    if json:
        show_json(letter)
    else:
        _show(letter)


@app.command("requeue")
def requeue(
    number: Sequence = None,
    *,
    all: All = False,
    queue: Queue = None,
    actor: Actor = None,
    reason: Reason = None,
    exception: Error = None,
    text: Text = None,
    since: Since = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Send a dead letter again, or all that fit."""
    which = Filters(queue=queue, actor=actor, reason=reason, exception=exception, text=text, since=since)
    with connected() as client:
        if _is_one(number, which, all=all):
            letter = client.dead_letters.requeue(number or 0)
            _told(f"{letter.actor} {letter.task_id} is in the queue {letter.queue} again.", letter, json=json)
            return
        asking.confirm(f"Send {named(which)} again?", yes=yes)
        sent = until_complete(
            lambda before: client.dead_letters.requeue_many(**body_of(which), **behind(before))
        )
    _told(f"{sent} sent again.", {"count": sent}, json=json)


@app.command("delete")
def delete(
    number: Sequence = None,
    *,
    all: All = False,
    queue: Queue = None,
    actor: Actor = None,
    reason: Reason = None,
    exception: Error = None,
    text: Text = None,
    since: Since = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Delete a dead letter, or all that fit, for good."""
    which = Filters(queue=queue, actor=actor, reason=reason, exception=exception, text=text, since=since)
    with connected() as client:
        if _is_one(number, which, all=all):
            _delete_one(client, number or 0, yes=yes)
            _told(f"Dead letter {number} is deleted.", {"count": 1}, json=json)
            return
        asking.confirm(f"Delete {named(which)} for good?", yes=yes)
        gone = until_complete(
            lambda before: client.dead_letters.delete_many(**body_of(which), **behind(before))
        )
    _told(f"{gone} deleted.", {"count": gone}, json=json)


def _delete_one(client: Client, number: int, *, yes: bool) -> None:
    letter = client.dead_letters.get(number)
    asking.confirm(f"Delete {letter.actor or 'the unreadable message'} {letter.task_id} for good?", yes=yes)
    client.dead_letters.delete(number)


def _is_one(number: int | None, which: Filters, *, all: bool) -> bool:
    """Whether one is meant, and not all that fit.

    Raises:
        typer.BadParameter: Neither was said, or both.
    """
    filtered = any(value is not None for value in which.values())
    if (number is not None) == all or (number is not None and filtered):
        raise typer.BadParameter("Give either a number, or --all, with filters if you like.")
    return number is not None


def _told(sentence: str, result: object, *, json: bool) -> None:
    if json:
        show_json(result)
    else:
        say(sentence)


def _error(letter: LetterRecord) -> str:
    kind = letter.exception.rpartition(".")[2]
    return f"{kind}: {letter.error}" if kind else letter.reason


def _show(letter: LetterDetails) -> None:
    rows = [
        ("number", str(letter.sequence)),
        ("actor", letter.actor or "not known: the message cannot be read"),
        ("task", letter.task_id),
        ("queue", letter.queue),
        ("reason", f"{letter.reason}, after {letter.attempts} tries"),
        ("enqueued", moment(letter.first_at)),
        ("given up", moment(letter.last_at)),
        ("chain", str(letter.run_id or "")),
        ("trace", letter.trace_url or ""),
        *((f"  {name}", repr(value)) for name, value in (letter.arguments or {}).items()),
        ("message", letter.payload or ""),
        ("error", f"{letter.exception}: {letter.error}" if letter.exception else ""),
        ("", letter.traceback),
    ]
    show(facts((name, value) for name, value in rows if value))
