"""The commands about queues: queues, workers, purge, doctor."""

import argparse
import dataclasses
import sys
from datetime import UTC, datetime

from nats.aio.client import Client

from dramatiq_nats import stats
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
        )
        for queue in found
    ]
    head = ("queue", "ready", "in progress", "redelivered", "in line", "delayed", "dead", "oldest")
    return print_table(head, rows, empty=f"Namespace {options.namespace!r} has no queues yet.")


async def show_workers(options: argparse.Namespace, client: Client) -> int:
    """Print which worker processes answer."""
    found = await call_roll(client, options.namespace)
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
    before = {each.queue: each for each in await stats.queue_stats(js, namespace)}.get(queue)
    if before is None:
        raise CommandError(f"there is no queue {queue!r} in namespace {namespace!r}")
    counts = {"waiting": before.lag + before.in_line, "delayed": before.delayed, "dead": before.dead}
    chosen = {name: count for name, count in counts.items() if options.only in {None, name}}
    text = ", ".join(f"{count} {name}" for name, count in chosen.items())
    if not options.yes and not _confirmed(f"Drop {text} of queue {queue!r}?"):
        raise CommandError("nothing was dropped")
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
        return print_json(chosen)
    say(f"Dropped {text}. What workers hold is still worked off.")
    return 0


def _confirmed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise CommandError("nothing was dropped: give --yes when there is nobody to ask")
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


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
