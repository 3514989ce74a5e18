"""The commands about dead letters: list, show, requeue, delete."""

import argparse
import dataclasses
import json
from collections.abc import Awaitable, Callable
from typing import Any

from nats.aio.client import Client
from nats.js.errors import NotFoundError

from dramatiq_nats import dead_letters
from dramatiq_nats.cli.asking import confirm
from dramatiq_nats.cli.connecting import CommandError
from dramatiq_nats.cli.printing import ago, print_json, print_table, say
from dramatiq_nats.dead_letters import DeadLetter
from dramatiq_nats.naming import dead_letter_stream
from dramatiq_nats.wire import OURS

_PAGE = 500


async def list_dead(options: argparse.Namespace, client: Client) -> int:
    """Print a page of dead letters."""
    js, namespace, queue = client.jetstream(), options.namespace, options.queue
    # One more than is shown tells whether there are more.
    found = await dead_letters.list_dead_letters(
        js, namespace, queue, after=options.after, limit=options.limit + 1
    )
    shown = found[: options.limit]
    if options.json:
        return print_json([_letter(letter) for letter in shown])
    head = ("number", "queue", "actor", "reason", "tries", "died", "error")
    code = print_table(head, map(_row, shown), empty=await _none(client, namespace, queue))
    if len(found) > len(shown):
        again = f"--after {shown[-1].sequence}" + (f" --queue {queue}" if queue else "")
        say(f"There are more: the same again with {again}")
    return code


async def _none(client: Client, namespace: str, queue: str | None) -> str:
    try:
        await client.jetstream().stream_info(dead_letter_stream(namespace))
    except NotFoundError:
        return f"There are no dead letters: namespace {namespace!r} has no streams on this server yet."
    return f"There are no dead letters{f' in queue {queue!r}' if queue else ''}."


def _row(letter: DeadLetter) -> tuple[object, ...]:
    kind = letter.exception_type.rpartition(".")[2]
    return (
        letter.sequence,
        letter.queue,
        letter.actor or "?",
        letter.reason,
        letter.attempts,
        ago(letter.last_at),
        f"{kind}: {letter.exception}" if kind else "",
    )


async def show_dead(options: argparse.Namespace, client: Client) -> int:
    """Print all that is known of one dead letter."""
    letter = await dead_letters.get_dead_letter(client.jetstream(), options.namespace, options.number)
    known = _letter(letter)
    if options.json:
        return print_json(known)
    message = known.pop("message")
    for name, value in known.items():
        if name not in {"traceback", "sequence"} and value:
            say(f"{name.replace('_', ' '):<15} {value}")
    if isinstance(message, dict) and isinstance(message.get("options"), dict) and letter.traceback:
        # It stands below, of the last attempt.
        message["options"].pop("traceback", None)
    say(f"\nmessage\n{json.dumps(message, indent=2, ensure_ascii=False)}")
    if letter.traceback:
        say(f"\ntraceback\n{letter.traceback.rstrip()}")
    return 0


async def requeue_dead(options: argparse.Namespace, client: Client) -> int:
    """Send dead letters to their queues again."""
    return await _each_dead(options, client, dead_letters.requeue_dead_letter, "requeued")


async def delete_dead(options: argparse.Namespace, client: Client) -> int:
    """Delete dead letters."""
    return await _each_dead(options, client, dead_letters.delete_dead_letter, "deleted")


async def _each_dead(
    options: argparse.Namespace, client: Client, act: Callable[..., Awaitable[object]], done: str
) -> int:
    if bool(options.numbers) == options.all:
        raise CommandError("give the numbers of dead letters, or --all")
    if options.queue and not options.all:
        raise CommandError("--queue goes with --all: a number names a dead letter of whichever queue")
    js, namespace = client.jetstream(), options.namespace
    numbers = options.numbers or await _all_numbers(client, namespace, options.queue)
    if options.all and act is dead_letters.delete_dead_letter:
        await confirm(f"Delete {len(numbers)} dead letters?", yes=options.yes)
    missing: list[int] = []
    for number in numbers:
        try:
            await act(js, namespace, number)
        except NotFoundError:
            missing.append(number)
    count = len(numbers) - len(missing)
    if options.json:
        print_json({done: count, "missing": missing})
    else:
        say(f"{count} {done}." + (f" Not there: {', '.join(map(str, missing))}." if missing else ""))
    return 1 if missing else 0


async def _all_numbers(client: Client, namespace: str, queue: str | None) -> list[int]:
    """Return the numbers of all dead letters of now; those that come while we work are left alone."""
    numbers: list[int] = []
    while page := await dead_letters.list_dead_letters(
        client.jetstream(), namespace, queue, after=numbers[-1] if numbers else 0, limit=_PAGE
    ):
        numbers += [letter.sequence for letter in page]
    return numbers


def _letter(letter: DeadLetter) -> dict[str, Any]:
    known = {"number": letter.sequence, **dataclasses.asdict(letter)}
    payload = known.pop("payload")
    try:
        known["message"] = json.loads(payload)
    except ValueError:
        known["message"] = payload.decode("utf-8", "backslashreplace")
    known["headers"] = {name: value for name, value in letter.headers.items() if not name.startswith(OURS)}
    return known
