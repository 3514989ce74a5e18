"""The command ``dramatiq-nats``: what is in the queues and what became of it."""

import argparse
import asyncio
import contextlib
import dataclasses
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.errors import APIError, NotFoundError

from dramatiq_nats import dead_letters, stats
from dramatiq_nats.dead_letters import DeadLetter
from dramatiq_nats.doctor import Level, examine
from dramatiq_nats.naming import (
    check_namespace,
    dead_letter_stream,
    dead_letter_subject,
    queue_subjects,
    stream_name,
    work_subject,
)
from dramatiq_nats.roll_call import call_roll
from dramatiq_nats.streams import purge
from dramatiq_nats.wire import OURS

_PAGE = 500
_CONNECT_TIMEOUT = 5


class CommandError(Exception):
    """What a person is told instead of a traceback."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 0 for well, 1 for not, 2 for a wrong call."""
    options = _parser().parse_args(arguments)
    try:
        return asyncio.run(_run(options))
    except CommandError as error:
        print(f"dramatiq-nats: {error}", file=sys.stderr)  # noqa: T201 - this is what a command does
        return 1
    except (BrokenPipeError, KeyboardInterrupt):
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dramatiq-nats", description="Look into the queues of dramatiq-nats and mend what is in them."
    )
    parser.add_argument(
        "--server",
        default=os.environ.get("NATS_URL", "nats://127.0.0.1:4222"),
        help="nats://user:password@host:4222, or several with commas (NATS_URL)",
    )
    parser.add_argument(
        "--namespace",
        default=os.environ.get("DRAMATIQ_NATS_NAMESPACE", "dramatiq"),
        help="the broker's namespace (DRAMATIQ_NATS_NAMESPACE; default: dramatiq)",
    )
    parser.add_argument(
        "--creds", default=os.environ.get("NATS_CREDS"), help="a credentials file (NATS_CREDS)"
    )
    parser.add_argument(
        "--nkey", default=os.environ.get("NATS_NKEY"), help="a file with an NKEY seed (NATS_NKEY)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, text: str, run: "Command", among: Any = commands) -> argparse.ArgumentParser:
        added: argparse.ArgumentParser = among.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        return added

    command("queues", "how full each queue is", _queues)
    command("workers", "which worker processes answer", _workers)
    _add_dead(commands, command)
    emptied = command("purge", "drop what a queue holds: waiting, delayed and dead", _purge)
    emptied.add_argument("queue")
    emptied.add_argument("--only", choices=("waiting", "delayed", "dead"), help="drop only these")
    emptied.add_argument("--yes", action="store_true", help="do not ask")
    doctor = command("doctor", "what is amiss with the server and the namespace", _doctor)
    doctor.add_argument("--monitor", metavar="URL", help="the server's monitoring address, http://host:8222")
    return parser


def _add_dead(commands: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    dead = commands.add_parser("dead", help="dead letters: list, show, requeue, delete")
    actions = dead.add_subparsers(required=True, metavar="ACTION")
    listed = command("list", "dead letters, oldest first", _dead_list, actions)
    listed.add_argument("--queue")
    listed.add_argument("--after", type=int, default=0, metavar="NUMBER", help="only those behind this one")
    listed.add_argument("--limit", type=int, default=50)
    shown = command("show", "all that is known of one dead letter", _dead_show, actions)
    shown.add_argument("number", type=int)
    for name, text, run in (
        ("requeue", "send dead letters to their queues again, with all their retries", _dead_requeue),
        ("delete", "delete dead letters", _dead_delete),
    ):
        added = command(name, text, run, actions)
        added.add_argument("numbers", type=int, nargs="*", metavar="NUMBER")
        added.add_argument("--all", action="store_true", help="all that there are now")
        added.add_argument("--queue", help="with --all: only those of this queue")


Command = Callable[[argparse.Namespace, Client], Awaitable[int]]


async def _run(options: argparse.Namespace) -> int:
    try:
        check_namespace(options.namespace)
    except ValueError as error:
        raise CommandError(str(error)) from None
    async with _connected(options) as client:
        try:
            code: int = await options.run(options, client)
        except NotFoundError as error:
            raise CommandError(f"not found: {error.description}") from None
        except (NatsError, APIError) as error:
            raise CommandError(f"NATS says: {client.last_error or error!r}") from None
        return code


@contextlib.asynccontextmanager
async def _connected(options: argparse.Namespace) -> Any:
    servers = options.server.split(",")
    errors: list[Exception] = []

    async def note(error: Exception) -> None:
        errors.append(error)

    try:
        client = await nats.connect(
            servers,
            name="dramatiq-nats command",
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0.1,
            connect_timeout=_CONNECT_TIMEOUT,
            user_credentials=options.creds,
            nkeys_seed=options.nkey,
            error_cb=note,
        )
    except (NatsError, OSError, ValueError) as error:
        shown = ", ".join(server.rpartition("@")[2] for server in servers)
        why = str(errors[0] if errors else error) or repr(error)
        raise CommandError(f"cannot connect to {shown}: {why}. Is --server (or NATS_URL) right?") from None
    try:
        yield client
    finally:
        await client.close()


# The commands.


async def _queues(options: argparse.Namespace, client: Client) -> int:
    found = await stats.queue_stats(client.jetstream(), options.namespace)
    if options.json:
        return _print_json([dataclasses.asdict(queue) for queue in found])
    rows = [
        (
            queue.queue,
            queue.ready,
            queue.in_progress,
            queue.redelivered,
            queue.delayed,
            queue.dead,
            "-" if queue.oldest_age is None else _span(queue.oldest_age),
        )
        for queue in found
    ]
    head = ("queue", "ready", "in progress", "redelivered", "delayed", "dead", "oldest")
    return _print_table(head, rows, empty=f"Namespace {options.namespace!r} has no queues yet.")


async def _workers(options: argparse.Namespace, client: Client) -> int:
    found = await call_roll(client, options.namespace)
    if options.json:
        return _print_json([dataclasses.asdict(worker) for worker in found])
    rows = [
        (
            worker.host,
            worker.pid,
            _span(datetime.now(UTC).timestamp() - worker.since),
            work.queue,
            f"{work.held} of {work.prefetch}",
        )
        for worker in found
        for work in worker.queues
    ]
    head = ("host", "pid", "up", "queue", "holds")
    return _print_table(head, rows, empty=f"No worker of namespace {options.namespace!r} answered.")


async def _dead_list(options: argparse.Namespace, client: Client) -> int:
    found = await dead_letters.list_dead_letters(
        client.jetstream(), options.namespace, options.queue, after=options.after, limit=options.limit
    )
    if options.json:
        return _print_json([_letter(letter) for letter in found])
    rows = [
        (
            letter.sequence,
            letter.queue,
            letter.actor or "?",
            letter.reason,
            letter.attempts,
            _ago(letter.last_at),
            f"{letter.exception_type.rpartition('.')[2]}: {letter.exception}"
            if letter.exception_type
            else "",
        )
        for letter in found
    ]
    head = ("number", "queue", "actor", "reason", "tries", "died", "error")
    code = _print_table(head, rows, empty="There are no dead letters.")
    if len(found) == options.limit:
        _say(f"There may be more: dramatiq-nats dead list --after {found[-1].sequence}")
    return code


async def _dead_show(options: argparse.Namespace, client: Client) -> int:
    letter = await dead_letters.get_dead_letter(client.jetstream(), options.namespace, options.number)
    if options.json:
        return _print_json(_letter(letter))
    for name, value in _letter(letter).items():
        if name not in {"traceback", "message"} and value:
            _say(f"{name.replace('_', ' '):<15} {value}")
    _say(f"\nmessage\n{json.dumps(_letter(letter)['message'], indent=2, ensure_ascii=False)}")
    if letter.traceback:
        _say(f"\ntraceback\n{letter.traceback.rstrip()}")
    return 0


async def _dead_requeue(options: argparse.Namespace, client: Client) -> int:
    return await _each_dead(options, client, dead_letters.requeue_dead_letter, "requeued")


async def _dead_delete(options: argparse.Namespace, client: Client) -> int:
    return await _each_dead(options, client, dead_letters.delete_dead_letter, "deleted")


async def _each_dead(
    options: argparse.Namespace, client: Client, act: Callable[..., Awaitable[object]], done: str
) -> int:
    if bool(options.numbers) == options.all:
        raise CommandError("give the numbers of dead letters, or --all")
    js, namespace = client.jetstream(), options.namespace
    numbers = options.numbers or await _all_numbers(client, namespace, options.queue)
    missing: list[int] = []
    for number in numbers:
        try:
            await act(js, namespace, number)
        except (NotFoundError, APIError):
            missing.append(number)
    count = len(numbers) - len(missing)
    if options.json:
        _print_json({done: count, "missing": missing})
    else:
        _say(f"{count} {done}." + (f" Not there: {', '.join(map(str, missing))}." if missing else ""))
    return 1 if missing else 0


async def _all_numbers(client: Client, namespace: str, queue: str | None) -> list[int]:
    """Return the numbers of all dead letters of now; those that come while we work are left alone."""
    numbers: list[int] = []
    while page := await dead_letters.list_dead_letters(
        client.jetstream(), namespace, queue, after=numbers[-1] if numbers else 0, limit=_PAGE
    ):
        numbers += [letter.sequence for letter in page]
    return numbers


async def _purge(options: argparse.Namespace, client: Client) -> int:
    js, namespace, queue = client.jetstream(), options.namespace, options.queue
    before = {each.queue: each for each in await stats.queue_stats(js, namespace)}.get(queue)
    if before is None:
        raise CommandError(f"there is no queue {queue!r} in namespace {namespace!r}")
    counts = {"waiting": before.lag, "delayed": before.delayed, "dead": before.dead}
    chosen = {name: count for name, count in counts.items() if options.only in {None, name}}
    text = ", ".join(f"{count} {name}" for name, count in chosen.items())
    if not options.yes and not _confirmed(f"Drop {text} of queue {queue!r}?"):
        raise CommandError("nothing was dropped")
    subjects = {
        "waiting": (stream_name(namespace), work_subject(namespace, queue)),
        "delayed": (stream_name(namespace), f"{queue_subjects(namespace, queue)[:-1]}dq.*"),
        "dead": (dead_letter_stream(namespace), dead_letter_subject(namespace, queue)),
    }
    for name in chosen:
        await purge(js, *subjects[name])
    if options.json:
        return _print_json(chosen)
    _say(f"Dropped {text}. What workers hold is still worked off.")
    return 0


def _confirmed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise CommandError("nothing was dropped: give --yes when there is nobody to ask")
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


async def _doctor(options: argparse.Namespace, client: Client) -> int:
    findings = await examine(client, options.namespace, monitor=options.monitor)
    bad = any(finding.level is Level.ERROR for finding in findings)
    if options.json:
        _print_json([dataclasses.asdict(finding) for finding in findings])
        return int(bad)
    width = max(len(finding.check) for finding in findings)
    for finding in findings:
        _say(f"{finding.level:<8} {finding.check:<{width}}  {finding.found}")
        if finding.means:
            _say(f"{'':<9}{'':<{width}}  {finding.means}")
    worst = "Something needs mending." if bad else "Nothing stands in the way."
    _say(f"\n{worst}")
    return int(bad)


# Printing.


def _letter(letter: DeadLetter) -> dict[str, Any]:
    known = dataclasses.asdict(letter)
    payload = known.pop("payload")
    try:
        known["message"] = json.loads(payload)
    except ValueError:
        known["message"] = payload.decode("utf-8", "backslashreplace")
    known["headers"] = {name: value for name, value in letter.headers.items() if not name.startswith(OURS)}
    return known


def _print_json(value: object) -> int:
    _say(json.dumps(value, indent=2, ensure_ascii=False, default=_plain))
    return 0


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _print_table(head: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> int:
    cells = [[" ".join(str(cell).split()) for cell in row] for row in rows]
    if not cells:
        _say(empty)
        return 0
    right = [all(isinstance(row[column], int) for row in rows) for column in range(len(head))]
    widths = [max(len(row[column]) for row in [list(head), *cells]) for column in range(len(head))]
    for row in [list(head), *cells]:
        line = "  ".join(
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(row, widths, right, strict=True)
        )
        _say(line.rstrip())
    return 0


def _say(text: str) -> None:
    print(text)  # noqa: T201 - this is what a command does


def _ago(moment: datetime) -> str:
    return f"{_span((datetime.now(UTC) - moment).total_seconds())} ago"


def _span(seconds: float) -> str:
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit}"
    return f"{max(0, int(seconds))} s"
