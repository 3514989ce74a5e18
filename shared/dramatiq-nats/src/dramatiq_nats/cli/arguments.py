"""What the command can be told."""

import argparse
import importlib.metadata
import os
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

from nats.aio.client import Client

from dramatiq_nats.cli.dead import delete_dead, list_dead, requeue_dead, show_dead
from dramatiq_nats.cli.queues import (
    pause_queue,
    purge_queue,
    resume_queue,
    run_doctor,
    show_queues,
    show_workers,
)

Command = Callable[[argparse.Namespace, Client], Awaitable[int]]

#: Option, environment variable, default, help; the variables are those of the ``nats`` command.
_CONNECTION: Final = (
    ("--server", "NATS_URL", "nats://127.0.0.1:4222", "nats://user:password@host:4222, several with commas"),
    ("--namespace", "DRAMATIQ_NATS_NAMESPACE", "dramatiq", "the broker's namespace"),
    ("--creds", "NATS_CREDS", None, "a credentials file"),
    ("--nkey", "NATS_NKEY", None, "a file with an NKEY seed"),
    ("--tls-ca", "NATS_CA", None, "a file with the certificates that may have signed the server's"),
    ("--tls-cert", "NATS_CERT", None, "a file with our own certificate, for servers that ask for one"),
    ("--tls-key", "NATS_KEY", None, "a file with its key"),
)
_EXAMPLES: Final = """
examples:
  dramatiq-nats --server nats://localhost:4222 --namespace shop queues
  dramatiq-nats dead list --queue mail --json
  dramatiq-nats dead requeue --all --queue mail
  dramatiq-nats doctor --monitor http://localhost:8222

exit codes: 0 well, 1 not, 2 a wrong call
"""


def command_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line. What it parses has the command's function as ``run``."""
    parser = argparse.ArgumentParser(
        prog="dramatiq-nats",
        description="Look into the queues of dramatiq-nats and mend what is in them.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_common(parser, with_defaults=True)
    version = importlib.metadata.version("dramatiq-nats")
    parser.add_argument("--version", action="version", version=f"dramatiq-nats {version}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_command(commands, "queues", "how full each queue is", show_queues)
    _add_command(commands, "workers", "which worker processes answer", show_workers)
    _add_dead(commands)
    _add_pausing(commands)
    text = "drop what a queue holds: waiting, delayed and dead"
    emptied = _add_command(commands, "purge", text, purge_queue)
    emptied.add_argument("queue", help="its name")
    emptied.add_argument("--only", choices=("waiting", "delayed", "dead"), help="drop only these")
    emptied.add_argument("--yes", action="store_true", help="do not ask")
    text = "what is amiss with the server and the namespace"
    doctor = _add_command(commands, "doctor", text, run_doctor)
    doctor.add_argument("--monitor", metavar="URL", help="the server's monitoring address, http://host:8222")
    return parser


def _add_common(parser: argparse.ArgumentParser, *, with_defaults: bool) -> None:
    """Add what every command takes, before or behind its name; behind it without defaults to override it."""
    for option, variable, default, text in _CONNECTION:
        shown = f"{text} ({variable}{f'; default: {default}' if default else ''})"
        value = os.environ.get(variable, default) if with_defaults else argparse.SUPPRESS
        parser.add_argument(option, default=value, help=shown if with_defaults else argparse.SUPPRESS)
    unset = False if with_defaults else argparse.SUPPRESS
    parser.add_argument("--json", action="store_true", default=unset, help="print JSON instead of tables")


def _add_command(commands: Any, name: str, text: str, run: Command) -> argparse.ArgumentParser:
    added: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    _add_common(added, with_defaults=False)
    added.set_defaults(run=run)
    return added


def _add_pausing(commands: Any) -> None:
    text = "have a queue hand out nothing more; what workers hold they still run"
    paused = _add_command(commands, "pause", text, pause_queue)
    paused.add_argument("queue", help="its name")
    end = paused.add_mutually_exclusive_group()
    end.add_argument("--until", type=_moment, metavar="TIME", help="until then: 2026-03-12T18:00+02:00")
    end.add_argument("--for", type=_number, metavar="SECONDS", dest="seconds", help="for so many seconds")
    resumed = _add_command(commands, "resume", "have a paused queue hand out again", resume_queue)
    resumed.add_argument("queue", help="its name")


def _add_dead(commands: Any) -> None:
    text = "dead letters: list, show, requeue, delete"
    dead = commands.add_parser("dead", help=text, description=text)
    _add_common(dead, with_defaults=False)
    actions = dead.add_subparsers(required=True, metavar="ACTION")
    listed = _add_command(actions, "list", "dead letters, oldest first", list_dead)
    listed.add_argument("--queue", help="only those of this queue")
    listed.add_argument("--after", type=_number, default=0, metavar="NUMBER", help="only those behind it")
    listed.add_argument("--limit", type=_number, default=50, help="at most so many (default: 50)")
    shown = _add_command(actions, "show", "all that is known of one dead letter", show_dead)
    shown.add_argument("number", type=_number, metavar="NUMBER")
    for name, text, run in (
        ("requeue", "send dead letters to their queues again, with all their retries", requeue_dead),
        ("delete", "delete dead letters", delete_dead),
    ):
        added = _add_command(actions, name, text, run)
        added.add_argument("numbers", type=_number, nargs="*", metavar="NUMBER")
        added.add_argument("--all", action="store_true", help="all that there are now")
        added.add_argument("--queue", help="with --all: only those of this queue")
        added.add_argument("--yes", action="store_true", help="do not ask, with --all")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a time as 2026-03-12T18:00+02:00, not {text!r}") from None
    return moment if moment.tzinfo else moment.astimezone()


def _number(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, not {number}")
    return number
