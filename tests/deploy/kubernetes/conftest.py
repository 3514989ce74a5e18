"""The NATS of the production manifests, ingestion on it, and a backlog of scoring's."""

import asyncio
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from deploy.local.command import Command, last_lines, spawn
from deploy.local.ports import free_port
from dramatiq_nats import NatsBroker
from shared.contracts.ingestion import SaveTelegramMessage
from shared.messaging.commands import publish_command
from tests.conftest import make_database
from tests.deploy.kubernetes import keda
from tests.deploy.kubernetes.checks.environment import environment_of
from tests.deploy.kubernetes.checks.objects import name_of, of_kind
from tests.deploy.kubernetes.nats_cluster import NatsCluster, running_cluster
from tests.deploy.kubernetes.standing import (
    HELD,
    MANIFESTS,
    MESSAGES,
    as_party,
    asking,
    ready,
    scaler_of,
    scoring,
    seed_file,
    state_of_work,
    update,
)
from tests.system import wait_for

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsCluster]:
    with running_cluster(MANIFESTS, tmp_path_factory.mktemp("nats")) as running:
        yield running


@pytest.fixture(scope="module")
def ingestion(
    cluster: NatsCluster, postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    """Ingestion as its Deployment starts it, but for addresses; yields the port of its probes."""
    folder = tmp_path_factory.mktemp("ingestion")
    port, database = free_port(), make_database(postgres_url)
    deployment = next(m for m in of_kind(MANIFESTS, "Deployment") if name_of(m) == "ingestion")
    told = environment_of(deployment, MANIFESTS)
    assert len(told["TT_NATS_URL"].split(",")) == len(cluster.nodes)
    told = {name: value for name, value in told.items() if name.startswith("TT_")} | {
        "TT_DATABASE_URL": database.url("ingestion"),
        "TT_NATS_URL": cluster.urls,
        "TT_NATS_NKEY_FILE": str(seed_file(cluster, "ingestion", folder)),
        "TT_HEALTH_PORT": str(port),
        "TT_RUNTIME_DIR": str(folder),
        "TT_OTLP_ENDPOINT": "",
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TT_")}
    argv = (
        sys.executable,
        "-m",
        "dramatiq",
        "services.ingestion.worker",
        "--processes",
        "1",
        "--threads",
        "8",
    )
    log = folder / "ingestion.log"
    process = spawn(Command(argv=argv, env={**environment, **told}, cwd=str(Path.cwd())), log)
    try:
        wait_for(partial(ready, port), "ingestion is ready", about=partial(last_lines, log))
        yield port
    finally:
        process.terminate()
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest.fixture(scope="module")
def backlog(cluster: NatsCluster, ingestion: int, tmp_path_factory: pytest.TempPathFactory) -> int:
    """Updates that went through ingestion, whose scores nobody makes yet. The stream's last sequence."""
    del ingestion
    folder = tmp_path_factory.mktemp("gateway")

    async def send() -> None:
        for _ in range(MESSAGES):
            await publish_command(SaveTelegramMessage(update=update(next(_NUMBERS))))

    asyncio.run(as_party(cluster, "gateway", folder, send))
    work = partial(state_of_work, cluster)

    def done() -> bool:
        left = keda.look(scaler_of("ingestion"), asking(cluster)).lag
        return left == 0 and work()["messages"] == MESSAGES

    wait_for(done, "only scoring's tasks are left", about=work)
    return int(work()["last_seq"])


@pytest.fixture(scope="module")
def holding(
    cluster: NatsCluster, backlog: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NatsBroker]:
    """A worker of scoring that has fetched some of its tasks and settled none."""
    del backlog
    with scoring(cluster, tmp_path_factory.mktemp("scoring")) as broker:
        consumer = broker.consume("scoring", prefetch=HELD, timeout=10_000)
        held = [next(consumer) for _ in range(HELD)]
        assert all(held)
        yield broker
        consumer.close()
