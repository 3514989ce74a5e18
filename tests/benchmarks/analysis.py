"""How fast analysis runs are, and what memory they need: `make bench-analysis`.

Real Postgres and NATS with the settings of a local run. The model answers at once, and so do the other
services, all of them in this process; each run has a process of its own. Beside it, in the same run: its SQL
executed bare, on one asyncpg connection, one transaction after the other.
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

import msgspec
from loguru import logger

from deploy.local.nats import running_nats
from deploy.local.postgres import running_postgres
from shared.messaging.connection import bind_nats, close_connection
from tests.benchmarks.analysis_executor import Order, Report
from tests.benchmarks.analysis_neighbours import TALK, Neighbours, propose
from tests.benchmarks.figures import Figure, show
from tests.conftest import make_database
from tests.fakes.llm import Says, running_llm_server

_NAMESPACE = "bench"
_FEW, _SOME, _MANY = 5_000, 15_000, 50_000


async def run(database_url: str, nats_url: str, llm_url: str) -> list[Figure]:
    """Three runs one after the other: one for speed, two for memory."""
    bind_nats(nats_url, _NAMESPACE)

    async def executed(messages: int, *, bare: bool = False) -> Report:
        return await _in_own_process(
            Order(
                database_url=database_url,
                nats_url=nats_url,
                namespace=_NAMESPACE,
                llm_url=llm_url,
                messages=messages,
                bare=bare,
            )
        )

    try:
        async with Neighbours(_MANY).answering():
            return _figures(await executed(_SOME, bare=True), await executed(_FEW), await executed(_MANY))
    finally:
        await close_connection()


async def _in_own_process(order: Order) -> Report:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TT_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.benchmarks.analysis_executor",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment,
    )
    said, _ = await process.communicate(msgspec.json.encode(order))
    if process.returncode:
        raise RuntimeError(f"the run of {order.messages:,} messages ended with {process.returncode}")
    return msgspec.json.decode(said, type=Report)


def _figures(speed: Report, few: Report, many: Report) -> list[Figure]:
    assert speed.sql_seconds is not None
    assert speed.saving_seconds is not None
    grown, grown_much = few.peak - few.peak_before, many.peak - many.peak_before
    return [
        Figure(
            f"run of {speed.batches:,} batches",
            speed.batches / speed.seconds,
            "batches/s",
            peer="its saving of batches, bare asyncpg",
            peer_value=speed.batches / speed.saving_seconds,
        ),
        Figure(
            "the same run",
            speed.batches * TALK / speed.seconds,
            "messages/s",
            peer="all of its SQL, bare asyncpg",
            peer_value=speed.batches * TALK / speed.sql_seconds,
        ),
        Figure(
            f"run of {many.batches:,} batches",
            many.batches / many.seconds,
            "batches/s",
            peer=f"run of {few.batches:,} batches",
            peer_value=few.batches / few.seconds,
        ),
        Figure(
            f"peak memory of {many.batches * TALK:,} messages",
            many.peak,
            "MB",
            peer=f"of {few.batches * TALK:,} messages",
            peer_value=few.peak,
        ),
        Figure(
            "  of that, grown since the run began",
            grown_much,
            "MB",
            peer=f"of {few.batches * TALK:,} messages",
            peer_value=grown,
        ),
    ]


def main() -> None:
    """Measure, and print the table."""
    logger.remove()
    logger.add(sys.stderr, level="ERROR")
    with (
        tempfile.TemporaryDirectory(prefix="task-tracker-analysis-") as folder,
        running_postgres(Path(folder) / "postgres") as postgres_url,
        running_nats(Path(folder)) as nats_url,
        running_llm_server() as llm,
    ):
        llm.chat.always(Says(propose))
        show(asyncio.run(run(make_database(postgres_url).url("analysis"), nats_url, llm.url)))


if __name__ == "__main__":
    main()
