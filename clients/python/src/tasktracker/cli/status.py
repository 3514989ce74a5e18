"""`status`: is everything up, and how far is the work."""

from collections.abc import Callable
from typing import TypeVar

import msgspec
import typer
from rich.text import Text

from tasktracker.cli.codes import ExitCode
from tasktracker.cli.options import Json, connected, examples
from tasktracker.cli.queues import queue_table
from tasktracker.cli.run_views import unread_messages
from tasktracker.cli.terminal import facts, show, show_json, table
from tasktracker.client import Client
from tasktracker.errors import Unavailable
from tasktracker.records.embeddings import Coverage
from tasktracker.records.health import ServiceHealth, ServicesHealth
from tasktracker.records.knowledge import KnowledgeStats
from tasktracker.records.queues import QueueItems
from tasktracker.records.runs import IndexedRun, IndexedRuns
from tasktracker.records.scoring import ScoringStats

Answer = TypeVar("Answer")

EXAMPLES = examples("status", "status --json | jq .health.status")
_AWAY = "no answer"


def status(*, json: Json = False) -> None:
    """Show each service's health, what runs, and how much is scored and embedded.

    Ends with 5 when a service is not ready. What a service that is away would have told is left out.
    """
    with connected(retries=1) as client:
        health = client.health.services()
        work = _work(client)
    if json:
        show_json({"health": health, **msgspec.structs.asdict(work)})
    else:
        _show(client.url, health, work)
    if health.status != "ok":
        raise typer.Exit(ExitCode.FAILED)


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """How far the work is; None where nobody answered."""

    scoring: ScoringStats | None
    knowledge: KnowledgeStats | None
    coverage: Coverage | None
    queues: QueueItems | None
    running: IndexedRuns | None


def _work(client: Client) -> Work:
    return Work(
        scoring=_answer(client.scoring.stats),
        knowledge=_answer(client.knowledge.stats),
        coverage=_answer(client.embeddings.coverage),
        queues=_answer(client.queues.list),
        running=_answer(lambda: client.runs.list(status="running")),
    )


def _answer(ask: Callable[[], Answer]) -> Answer | None:
    try:
        return ask()
    except Unavailable:
        return None


def _show(url: str, health: ServicesHealth, work: Work) -> None:
    show(facts([("server", url)]))
    rows = [(name, *_told(service)) for name, service in health.checks.items()]
    show(table(("service", "", "what is wrong"), rows, wide="what is wrong"))
    runs = work.running.items if work.running else []
    rows_of_work = [
        ("messages", _scored(work.scoring)),
        ("knowledge", _known(work.knowledge)),
        ("embedded", _embedded(work.coverage)),
        *(("running", _running(run)) for run in runs),
    ]
    show(facts(rows_of_work))
    if work.queues:
        show(queue_table(work.queues.items))


def _told(service: ServiceHealth) -> tuple[Text, str]:
    if service.ok:
        return Text("ready", style="green"), ""
    broken = [f"{name}: {check.detail or 'not ok'}" for name, check in service.checks.items() if not check.ok]
    return Text("not ready", style="red"), "; ".join(broken) or service.detail or ""


def _scored(stats: ScoringStats | None) -> str:
    if stats is None:
        return _AWAY
    return f"{stats.total} scored: {', '.join(f'{count} {name}' for name, count in stats.by_class.items())}"


def _known(stats: KnowledgeStats | None) -> str:
    if stats is None:
        return _AWAY
    known = f"{sum(stats.topics.values())} topics, {sum(stats.atoms.values())} atoms"
    if stats.pending.paused:
        return f"{known}; paused: {stats.pending.paused}"
    unread = unread_messages(stats.pending)
    return f"{known}; {unread} messages still to be read" if unread else known


def _embedded(coverage: Coverage | None) -> str:
    if coverage is None:
        return _AWAY
    return ", ".join(f"{each.embedded} of {each.wanted} {each.kind}s" for each in coverage.kinds)


def _running(run: IndexedRun) -> str:
    total = f" of {run.total}" if run.total is not None else ""
    return f"{run.kind} {run.id}, {run.done}{total}: {run.name}"
