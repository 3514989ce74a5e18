"""A service's NKEY is replaced as docs/cluster-operations.md says: one server after the other."""

import asyncio
import gc
from collections.abc import Iterator
from pathlib import Path

import dramatiq
import pytest

from deploy.topology.nkeys import new_seed, public_key
from shared.messaging.connection import connection
from tests.deploy.kubernetes.nats_cluster import NatsCluster, running_cluster
from tests.deploy.kubernetes.standing import MANIFESTS, as_party, scoring, seed_file
from tests.system import wait_for

_AT_A_TIME = 5


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[NatsCluster]:
    folder = tmp_path / "servers"
    folder.mkdir()
    with running_cluster(MANIFESTS, folder) as running:
        yield running


# nats-py lets go of a connection that was refused without closing it, which whoever collects it says.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_nkey_is_replaced_while_tasks_are_sent(cluster: NatsCluster, tmp_path: Path) -> None:
    sent: list[str] = []

    with scoring(cluster, tmp_path) as broker:

        def send() -> None:
            for _ in range(_AT_A_TIME):
                message: dramatiq.Message[object] = dramatiq.Message(
                    queue_name="scoring", actor_name="nobody", args=(), kwargs={}, options={}
                )
                sent.append(broker.enqueue(message).message_id)

        async def rotate() -> None:
            # Before the first server knows the new key, connections that are open stay so.
            await (await connection()).flush()
            send()
            seed = new_seed()
            cluster.seeds["scoring"] = seed
            seed_file(cluster, "scoring", tmp_path)
            for name in cluster.nodes:
                await asyncio.to_thread(cluster.restart, name, {"TT_NKEY_SCORING": public_key(seed)})
                await asyncio.to_thread(send)
            client = await connection()
            await asyncio.to_thread(
                wait_for, lambda: client.is_connected, "the other client is connected too"
            )
            await client.flush()
            kept = await client.jetstream().stream_info("tt_WQ")
            assert kept.state.messages == len(sent) == _AT_A_TIME * (1 + len(cluster.nodes))

        asyncio.run(as_party(cluster, "scoring", tmp_path, rotate))
    gc.collect()
