"""The page for people: tables of all volumes, with how they came about."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from string import Template

from msgspec.structs import asdict

from tests.benchmarks.scaling_measured import Measured
from tests.benchmarks.sizing.assumptions import Assumptions
from tests.benchmarks.sizing.chain import PERCENTILES, Simulated, workers_of
from tests.benchmarks.sizing.costs import Needs

Results = Sequence[tuple[int, Simulated, Needs]]
_TEMPLATE = Path(__file__).parent / "page.template"


def page(results: Results, measured: Measured, given: Assumptions) -> str:
    """The whole of docs/sizing.md."""
    return Template(_TEMPLATE.read_text()).substitute(
        volumes=_volumes(results),
        replicas=_replicas(results),
        latencies=_latencies(results),
        servers=_servers(results),
        money=_money(results),
        measured=_services(measured, given),
        scaled=_scaled(measured),
        **_measured_words(measured),
        **_assumed_words(given),
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|---|" + "---:|" * (len(head) - 1)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def _by_volume(results: Results, rows: Iterable[tuple[str, Callable[[Simulated, Needs], str]]]) -> str:
    head = ["messages a day", *(f"{wanted:,}" for wanted, _, _ in results)]
    return _table(head, ([name, *(cell(day, needs) for _, day, needs in results)] for name, cell in rows))


def _volumes(results: Results) -> str:
    return _by_volume(
        results,
        [
            ("messages a second, on average", lambda day, _: f"{day.second[0]:,.1f}"),
            ("in the busiest hour", lambda day, _: f"{day.second[1]:,.1f}"),
            ("in the busiest minute", lambda day, _: f"{day.second[2]:,.1f}"),
            ("replicas of all services, on average", lambda day, _: f"{_sum(day, 'mean'):,.0f}"),
            ("at the most, each at its busiest", lambda day, _: f"{_sum(day, 'most'):,.0f}"),
            ("cores of Postgres, busiest minute", lambda _, needs: f"{needs.postgres_cores:,.1f}"),
            ("database grows by, GB a day", lambda _, needs: f"{needs.postgres_gb:,.2f}"),
            ("dollars a day", lambda _, needs: f"{sum(needs.dollars.values()):,.0f}"),
        ],
    )


def _sum(day: Simulated, which: str) -> float:
    return float(sum(getattr(replicas, which) for replicas in day.replicas.values()))


def _replicas(results: Results) -> str:
    def cell(name: str) -> Callable[[Simulated, Needs], str]:
        return lambda day, _: (
            f"{day.replicas[name].least} / {day.replicas[name].mean:.1f} / {day.replicas[name].most}"
        )

    return _by_volume(results, [(name, cell(name)) for name in results[0][1].replicas])


def _latencies(results: Results) -> str:
    def cell(stage: str) -> Callable[[Simulated, Needs], str]:
        return lambda day, _: " / ".join(f"{day.latency[stage][each]:.2g}" for each in PERCENTILES)

    return _by_volume(results, [(f"until {stage}", cell(stage)) for stage in results[0][1].latency])


def _servers(results: Results) -> str:
    return _by_volume(
        results,
        [
            ("Postgres, cores in the busiest minute", lambda _, needs: f"{needs.postgres_cores:,.2f}"),
            ("Postgres, GB more each day", lambda _, needs: f"{needs.postgres_gb:,.2f}"),
            ("Postgres, GB of the last day's outboxes", lambda _, needs: f"{needs.kept_gb:,.2f}"),
            ("Postgres, GB written ahead a day", lambda _, needs: f"{needs.wal_gb:,.2f}"),
            ("NATS, cores in the busiest minute", lambda _, needs: f"{needs.nats_cores:,.2f}"),
            ("NATS, GB of events, all copies", lambda _, needs: f"{needs.events_gb:,.2f}"),
            ("hours that events go back", lambda _, needs: f"{needs.events_hours:,.0f}"),
        ],
    )


def _money(results: Results) -> str:
    tokens: list[tuple[str, Callable[[Simulated, Needs], str]]] = [
        ("tokens sent, millions", lambda _, needs: f"{needs.input_tokens / 1e6:,.1f}"),
        ("tokens received, millions", lambda _, needs: f"{needs.output_tokens / 1e6:,.1f}"),
        ("tokens embedded, millions", lambda _, needs: f"{needs.embed_tokens / 1e6:,.1f}"),
        ("calls for vectors at once, busiest minute", lambda _, needs: f"{needs.embed_calls:,.1f}"),
        ("extractions at once, busiest minute", lambda _, needs: f"{needs.extractions:,.1f}"),
    ]

    def cell(name: str) -> Callable[[Simulated, Needs], str]:
        return lambda _, needs: f"{needs.dollars[name]:,.2f}"

    return _by_volume(results, tokens + [(name, cell(name)) for name in results[0][2].dollars])


def _services(measured: Measured, given: Assumptions) -> str:
    workers = workers_of(measured, given)
    rows = []
    for name, figures in measured.services.items():
        worker = workers.get(name)
        rows.append(
            [
                name,
                f"{figures.cpu * 1e3:.2f}",
                f"{figures.busiest_cpu * 1e3:.2f}",
                f"{figures.thread_seconds * 1e3:.1f}" if worker else "",
                f"{figures.memory_mb:,.0f}",
                f"{figures.start_seconds:.1f}",
                f"{worker.rate:,.1f}" if worker else "",
            ]
        )
    head = [
        "a message",
        "CPU ms",
        "of its busiest process",
        "thread ms",
        "MB",
        "start s",
        "tasks/s a replica",
    ]
    return _table(head, rows)


def _scaled(measured: Measured) -> str:
    rows = [
        [service, str(each.processes), f"{each.rate:,.0f}", f"{each.ratio:.2f}", f"{each.cores:.2f}"]
        for service, found in measured.scaling.items()
        for each in found
    ]
    if not rows:
        return ""
    head = ["more processes, where work is waiting", "processes", "messages/s", "ratio", "cores busy"]
    return _table(head, rows)


def _measured_words(measured: Measured) -> dict[str, str]:
    servers = measured.servers
    return {
        "postgres_ms": f"{servers.postgres_cpu * 1e3:.2f}",
        "postgres_bytes": f"{servers.postgres_bytes:,.0f}",
        "outbox_bytes": f"{servers.outbox_bytes:,.0f}",
        "wal_bytes": f"{servers.wal_bytes:,.0f}",
        "nats_ms": f"{servers.nats_cpu * 1e3:.2f}",
        "event_bytes": f"{servers.event_bytes:,.0f}",
        "share": f"{measured.embedded_share:.0%}",
        "messages": f"{measured.messages:,}",
        "cores": str(measured.cores),
        "reference": f"{measured.reference_seconds:.3f}",
    }


def _assumed_words(given: Assumptions) -> dict[str, str]:
    """Every assumption by its name: shares as such, others as they are."""
    words = {"busy": f"{given.busy:.0%}", "postgres_copies": str(given.postgres_copies)}
    words["nats_copies"] = str(given.nats_copies)
    for part in (given.day, given.models, given.prices):
        words |= {
            name: f"{value:g}" for name, value in asdict(part).items() if isinstance(value, int | float)
        }
    return words | {
        "humps": ", ".join(f"{hour:g}" for hour, _, _ in given.day.peaks),
        "night": f"{given.day.night_share:.0%}",
        "import_share": f"{given.day.import_share:.0%}",
        "extraction": f"{given.models.messages_per_extraction:g}",
        "targets": ", ".join(f"{scaler.target:g} ({name})" for name, scaler in given.scalers.items()),
    }
