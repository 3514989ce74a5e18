"""kill -9 of knowledge in the middle of an extraction: what was claimed is extracted once, no atom twice."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from dramatiq_nats import ensure_streams
from shared.messaging.commands import publish_command
from shared.messaging.connection import connection
from shared.messaging.names import broker_namespace
from tests.fakes.llm import Says
from tests.integration.knowledge.extraction.answers import answering, each_line
from tests.integration.knowledge.extraction.looking import states, value
from tests.integration.knowledge.extraction.stage import ENCRYPTION_KEY, Stage, eventually
from tests.integration.knowledge.extraction.talk import TALK, atoms, extractions, say

LONG = 120.0


@asynccontextmanager
async def running_worker(stage: Stage, folder: Path) -> AsyncIterator["subprocess.Popen[bytes]"]:
    """The service's real processes; whatever is left of them at the end is killed."""
    ours = {name: text for name, text in os.environ.items() if not name.startswith("TT_")}
    settings = {
        "TT_DATABASE_URL": stage.database_url,
        "TT_NATS_URL": stage.nats_url,
        "TT_NAMESPACE": stage.namespace,
        "TT_ENCRYPTION_KEYS": ENCRYPTION_KEY,
        "TT_HEALTH_PORT": str(free_port()),
        "TT_RUNTIME_DIR": str(folder),
        "TT_SETTLE_SECONDS": "0",
    }
    command = [sys.executable, "-m", "dramatiq", "services.knowledge.worker", "--processes", "1"]
    with (folder / "worker.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: ASYNC220 - it only starts
            [*command, "--threads", "8"],
            env=ours | settings,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        kill(process)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill -9 the process and its children."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def test_killed_worker_leaves_nothing_out_and_nothing_twice(stage: Stage, tmp_path: Path) -> None:
    say(stage, *TALK[:5], chat=1, minutes_ago=400)
    say(stage, *TALK[5:], first=20, chat=2, minutes_ago=200)
    # The first conversation is answered at once, the second one only after the worker was killed.
    stage.llm.chat.then(Says(each_line))
    stage.llm.chat.always(answering(after=LONG))

    async def asked_about_the_second() -> bool:
        return any("Чат 2" in str(request.body) for request in stage.llm.chat.requests)

    async def has_ended() -> Any:
        return [run for run in await extractions() if run.status in ("completed", "failed", "cancelled")]

    async def scenario() -> tuple[Any, ...]:
        async with running_worker(stage, tmp_path) as first:
            await ensure_streams((await connection()).jetstream(), broker_namespace(stage.namespace))
            await publish_command(stage.world.considered())
            await eventually(asked_about_the_second, LONG)
            half = await states()
            kill(first)
        stage.llm.chat.always(answering())
        async with running_worker(stage, tmp_path):
            (run,) = await eventually(has_ended, LONG)
        return half, run, await states(), await atoms(), await value("SELECT count(*) FROM knowledge.merges")

    half, run, whole, found, merges = stage.run(scenario)
    assert half == {"done": 5, "claimed": 5}
    assert (run.status, run.atoms_created, run.messages) == ("completed", 10, 10)
    assert whole == {"done": 10}
    assert [each.citations[0].quote for each in found] == list(TALK)
    assert merges == 0
    about_the_first = [request for request in stage.llm.chat.requests if "Чат 1" in str(request.body)]
    assert len(about_the_first) == 1
