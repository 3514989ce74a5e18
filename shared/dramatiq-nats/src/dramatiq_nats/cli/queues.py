"""The commands about queues: queues, workers, pause, resume, purge, doctor."""

import argparse
import dataclasses
from datetime import UTC, datetime, timedelta

from nats.aio.client import Client
from nats.js import JetStreamContext

from dramatiq_nats import pauses, stats
from dramatiq_nats.cli.asking import confirm
from dramatiq_nats.cli.connecting import CommandError
from dramatiq_nats.cli.printing import print_json, print_table, say, span
from dramatiq_nats.doctor import Level, examine
from dramatiq_nats.naming import (
    dead_letter_stream,
    dead_letter_subject,
    line_subject,
    schedules_subject,
    stream_name,
    turn_subject,
    work_subject,
)
from dramatiq_nats.roll_call import call_roll
from dramatiq_nats.streams import purge


async def show_queues(options: argparse.Namespace, client: Client) -> int:
    """Print how full each queue is."""
    found = await stats.queue_stats(client.jetstream(), options.namespace)
    if options.json:
        return print_json([dataclasses.asdict(queue) for queue in found])
    rows = [
        (
            queue.queue,
            queue.ready,
            queue.in_progress,
            queue.redelivered,
            queue.in_line,
            queue.delayed,
            queue.dead,
            "-" if queue.oldest_age is None else span(queue.oldest_age),
            _paused(queue),
        )
        for queue in found
    ]
    head = ("queue", "ready", "in progress", "redelivered", "in line", "delayed", "dead", "oldest", "paused")
    return print_table(head, rows, empty=f"Namespace {options.namespace!r} has no queues yet.")


def _paused(queue: stats.QueueStats) -> str:
    if not queue.paused:
        return "-"
    return f"until {queue.paused_until:%Y-%m-%d %H:%M:%S} UTC" if queue.paused_until else "yes"


async def pause_queue(options: argparse.Namespace, client: Client) -> int:
    """Have a queue hand out nothing more."""
    until: datetime | None = options.until
    if options.seconds is not None:
        until = datetime.now(UTC) + timedelta(seconds=options.seconds)
    js, namespace, queue = client.jetstream(), options.namespace, options.queue
    await _known_queue(js, namespace, queue)
    try:
        await pauses.pause_queue(js, namespace, queue, until)
    except ValueError as error:
        raise CommandError(str(error)) from None
    if options.json:
        return print_json({"queue": queue, "paused": True, "paused_until": until})
    end = "it is resumed" if until is None else f"{until.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    say(f"Queue {queue!r} is paused until {end}. What workers hold they still run.")
    return 0


async def resume_queue(options: argparse.Namespace, client: Client) -> int:
    """Have a queue hand out again."""
    js, namespace, queue = client.jetstream(), options.namespace, options.queue
    await _known_queue(js, namespace, queue)
    await pauses.resume_queue(js, namespace, queue)
    if options.json:
        return print_json({"queue": queue, "paused": False})
    say(f"Queue {queue!r} goes on within five seconds.")
    return 0


async def _known_queue(js: JetStreamContext, namespace: str, queue: str) -> stats.QueueStats:
    known = {each.queue: each for each in await stats.queue_stats(js, namespace)}.get(queue)
    if known is None:
        raise CommandError(f"there is no queue {queue!r} in namespace {namespace!r}")
    return known


async def show_workers(options: argparse.Namespace, client: Client) -> int:
    """Print which worker processes answer."""
    found = await call_roll(client, options.namespace)
    if not found and client.last_error is not None:
        raise CommandError(f"the workers could not be asked: {client.last_error}")
    if options.json:
        return print_json([dataclasses.asdict(worker) for worker in found])
    rows = [
        (
            worker.host,
            worker.pid,
            span(datetime.now(UTC).timestamp() - worker.since),
            work.queue,
            f"{work.held} of {work.prefetch}",
        )
        for worker in found
        for work in worker.queues
    ]
    head = ("host", "pid", "up", "queue", "holds")
    return print_table(head, rows, empty=f"No worker of namespace {options.namespace!r} answered.")


async def purge_queue(options: argparse.Namespace, client: Client) -> int:
    """Drop what a queue holds."""
    js, namespace, queue = client.jetstream(), options.namespace, options.queue
    before = await _known_queue(js, namespace, queue)
    counts = {
        "waiting": {"waiting": before.ready + before.in_line, "in progress": before.in_progress},
        "delayed": {"delayed": before.delayed},
        "dead": {"dead": before.dead},
    }
    chosen = [name for name in counts if options.only in {None, name}]
    dropped = {what: count for name in chosen for what, count in counts[name].items()}
    text = ", ".join(f"{count} {what}" for what, count in dropped.items())
    await confirm(f"Drop {text} of queue {queue!r}?", yes=options.yes)
    subjects = {
        "waiting": (
            work_subject(namespace, queue),
            line_subject(namespace, queue, "*"),
            turn_subject(namespace, queue, "*"),
        ),
        "delayed": (schedules_subject(namespace, queue),),
        "dead": (dead_letter_subject(namespace, queue),),
    }
    for name in chosen:
        stream = dead_letter_stream(namespace) if name == "dead" else stream_name(namespace)
        for subject in subjects[name]:
            await purge(js, stream, subject)
    if options.json:
        return print_json(dropped)
    say(f"Dropped {text}.")
    if dropped.get("in progress"):
        say("What is in progress ends, and does not come again if its worker is killed.")
    return 0


async def run_doctor(options: argparse.Namespace, client: Client) -> int:
    """Print what is amiss; return 1 when something needs mending."""
    findings = await examine(client, options.namespace, monitor=options.monitor)
    bad = any(finding.level is Level.ERROR for finding in findings)
    if options.json:
        print_json([dataclasses.asdict(finding) for finding in findings])
        return int(bad)
    width = max(len(finding.check) for finding in findings)
    for finding in findings:
        say(f"{finding.level:<8} {finding.check:<{width}}  {finding.found}")
        if finding.means:
            say(f"{'':<9}{'':<{width}}  {finding.means}")
    worst = "Something needs mending." if bad else "Nothing stands in the way."
    say(f"\n{worst}")
    return int(bad)
