"""`make bench-scaling`: what a message costs in each service, and what more worker processes bring.

For the second, what the work waits for takes its time elsewhere, so that the cores of this machine do not
limit: the provider of vectors answers after a while, and Postgres is a while away from scoring. Work is sent
when all processes are there. Ratios are to one process of the same run, and rounds come in shuffled order.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import httpx
import msgspec

from deploy.local.command import Command
from shared.contracts.base import Command as Order
from shared.contracts.embedding import EmbedMessagesBatch
from shared.contracts.ingestion import GetTexts, MessageText
from shared.contracts.scoring import ScoreMessage
from shared.messaging.commands import publish_command
from shared.messaging.connection import bind_nats, close_connection
from shared.messaging.queries import ask
from tests.benchmarks import scaling_times
from tests.benchmarks.processes import cpu_seconds
from tests.benchmarks.scaling_latency import slow_way_to
from tests.benchmarks.scaling_measured import Measured, Scaled, keep_measured, read_measured
from tests.benchmarks.scaling_provider import instead_of_embeddings
from tests.system import System, nats_address, running_system, wait_for

PROCESSES = (1, 2, 4)
_MESSAGES = 600
_THREADS = 2
_PER_BATCH = 3
_PROVIDER_SECONDS = 0.4
_WAY_SECONDS = 0.005
_SCORED = 300
_LOOK_EVERY = 0.1
_PATIENCE = 180.0
_VECTORS = "SELECT count(*) FROM embedding.message_vectors_1"
_SCORES = "SELECT count(*) FROM scoring.scores"


@dataclass(frozen=True)
class Work:
    """One service's work, to be done anew by so many processes.

    Attributes:
        service: Whose.
        total: Messages that are to be done.
        done: Counts what is done.
        again: Undoes it.
        orders: The commands that have it done.
        changed: Makes the service's command for so many processes.
    """

    service: str
    total: int
    done: str
    again: str
    orders: Sequence[Order]
    changed: Callable[[int, Command], Command]


def main() -> int:
    """Measure the parts asked for, keep what was measured, and print the ratios."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("parts", nargs="*", default=["times", "ratios"], help="times, ratios: both when none")
    asked.add_argument("--rounds", type=int, default=2, help="of the ratios")
    chosen = asked.parse_args()
    if "times" in chosen.parts:
        keep_measured(msgspec.structs.replace(scaling_times.measure(), scaling=read_measured().scaling))
    if "ratios" in chosen.parts:
        keep_measured(msgspec.structs.replace(read_measured(), scaling=_ratios(chosen.rounds)))
    _show(read_measured())
    return 0


def _ratios(rounds: int) -> dict[str, list[Scaled]]:
    changes = {"embeddings": partial(instead_of_embeddings, _PROVIDER_SECONDS)}
    with tempfile.TemporaryDirectory(prefix="bench-scaling-") as folder:
        place = Path(folder) / "system"
        with running_system(place, changes=changes, TT_LOG_LEVEL="WARNING", TT_RATE_LIMIT="0") as system:
            scaling_times.send(system, 1, _MESSAGES, pace=None)
            embedded = "SELECT count(*) FROM embedding.message_texts WHERE wanted"
            wait_for(lambda: system.count(_SCORES) == _MESSAGES, "all is scored", seconds=_PATIENCE)
            wait_for(
                lambda: 0 < system.count(embedded) == system.count(_VECTORS),
                "all is embedded",
                seconds=_PATIENCE,
            )
            # Until then it is asked for what is to be embedded besides messages; its own work would disturb.
            system.end("knowledge")
            # It is shared by all processes: with the usual few places it would be what limits.
            system.rows("UPDATE analysis.llm_providers SET max_concurrency = 64")
            with slow_way_to(system.house.ports["postgres"], _WAY_SECONDS) as way:
                works = [_embedding(system), _scoring(system, way)]
                return {work.service: _ratios_of(system, work, rounds) for work in works}


def _embedding(system: System) -> Work:
    ids = [number for (number,) in system.rows("SELECT item_id FROM embedding.message_vectors_1 ORDER BY 1")]
    batches = [ids[start : start + _PER_BATCH] for start in range(0, len(ids), _PER_BATCH)]
    return Work(
        "embedding",
        len(ids),
        _VECTORS,
        "TRUNCATE embedding.message_vectors_1",
        [EmbedMessagesBatch(message_ids=batch) for batch in batches],
        _with_processes,
    )


def _scoring(system: System, way: int) -> Work:
    ids = [number for (number,) in system.rows("SELECT message_id FROM scoring.scores ORDER BY 1")]
    texts = asyncio.run(_bound(system, partial(_texts, ids[:_SCORED])))
    orders = [ScoreMessage(message_id=text.id, message=text) for text in texts]
    port = system.house.ports["postgres"]

    def changed(processes: int, command: Command) -> Command:
        url = command.env["TT_DATABASE_URL"].replace(f":{port}/", f":{way}/")
        return _with_processes(processes, replace(command, env={**command.env, "TT_DATABASE_URL": url}))

    return Work("scoring", len(orders), _SCORES, "TRUNCATE scoring.scores", orders, changed)


def _with_processes(processes: int, command: Command) -> Command:
    argv = list(command.argv)
    argv[argv.index("--processes") + 1] = str(processes)
    argv[argv.index("--threads") + 1] = str(_THREADS)
    # What was left undone is not to be caught up with beside.
    return replace(command, argv=tuple(argv), env={**command.env, "TT_CATCH_UP_EVERY": "86400"})


def _ratios_of(system: System, work: Work, rounds: int) -> list[Scaled]:
    dice = random.Random(5)  # noqa: S311 - an order, not a secret
    found: dict[int, list[tuple[float, float]]] = {processes: [] for processes in PROCESSES}
    for _ in range(rounds):
        for processes in dice.sample(PROCESSES, len(PROCESSES)):
            found[processes].append(_run(system, work, processes))
    rates = {processes: statistics.median(rate for rate, _ in runs) for processes, runs in found.items()}
    return [
        Scaled(
            processes=processes,
            rate=rate,
            ratio=rate / rates[PROCESSES[0]],
            cores=statistics.median(cores for _, cores in found[processes]),
        )
        for processes, rate in rates.items()
    ]


def _run(system: System, work: Work, processes: int) -> tuple[float, float]:
    """Messages a second, and the cores that the service kept busy."""
    system.end(work.service)
    system.rows(work.again)
    system.change(work.service, partial(work.changed, processes))
    system.start(work.service)
    wait_for(lambda: _beating(system, work.service) == processes, "all its processes are there")
    used, began = _used(system, work.service), time.perf_counter()
    asyncio.run(_bound(system, partial(_publish, work.orders)))
    while (done := system.count(work.done)) < work.total:
        assert time.perf_counter() - began < _PATIENCE, (work.service, processes, done, work.total)
        time.sleep(_LOOK_EVERY)
    took = time.perf_counter() - began
    return work.total / took, (_used(system, work.service) - used) / took


def _beating(system: System, service: str) -> int:
    """Worker processes that the service says it has."""
    try:
        answer = httpx.get(f"http://127.0.0.1:{system.house.ports[service]}/health/ready", trust_env=False)
        workers = answer.json()["checks"]["workers"]
    except httpx.HTTPError:
        return 0
    return int(workers["detail"].split()[0]) if workers["ok"] else 0


def _used(system: System, service: str) -> float:
    return sum(cpu_seconds(system.processes()[service]).values())


async def _bound(system: System, work: Callable[[], Awaitable[list[MessageText]]]) -> list[MessageText]:
    bind_nats(nats_address(system.house), "", name="bench")
    try:
        return await work()
    finally:
        await close_connection()


async def _texts(ids: Sequence[int]) -> list[MessageText]:
    found: list[MessageText] = []
    for start in range(0, len(ids), 100):
        found += (await ask(GetTexts(message_ids=list(ids[start : start + 100])))).items
    return found


async def _publish(orders: Sequence[Order]) -> list[MessageText]:
    for order in orders:
        await publish_command(order)
    return []


def _show(measured: Measured) -> None:
    print("what a message costs, in milliseconds of this machine's cores and of threads")
    for name, figures in measured.services.items():
        print(
            f"  {name:<10} cpu {figures.cpu * 1e3:6.2f}   busiest process {figures.busiest_cpu * 1e3:6.2f}   "
            f"thread {figures.thread_seconds * 1e3:7.1f}   {figures.memory_mb:4.0f} MB   "
            f"starts in {figures.start_seconds:.1f} s"
        )
    print(f"throughput by processes of {_THREADS} threads")
    for service, found in measured.scaling.items():
        for each in found:
            print(
                f"  {service:<10} {each.processes} processes  {each.rate:7.1f}/s   ratio {each.ratio:5.2f}   "
                f"cores busy {each.cores:.2f} of {measured.cores}"
            )


if __name__ == "__main__":
    raise SystemExit(main())
