"""The NATS of the production manifests, with a service of ours on it, and what KEDA makes of its queues.

Names of streams, consumers, accounts and addresses are those of the rendered manifests; the backlog is made
by the real service and the real broker, and the arithmetic is KEDA's.
"""

import asyncio
import time
from pathlib import Path

import httpx
import pytest

from dramatiq_nats import pause_queue, resume_queue
from shared.messaging.connection import connection
from tests.deploy.kubernetes import keda
from tests.deploy.kubernetes.checks.objects import name_of, of_kind, pod_of
from tests.deploy.kubernetes.nats_cluster import NatsCluster
from tests.deploy.kubernetes.standing import (
    MANIFESTS,
    MESSAGES,
    as_party,
    asking,
    scaler_of,
    seen,
    settled,
    streams_of,
)
from tests.system import wait_for


def test_servers_of_the_manifests_form_one_cluster(cluster: NatsCluster) -> None:
    def agreed() -> bool:
        answers = [node.get("/jsz")["meta_cluster"] for node in cluster.nodes.values()]
        leaders = {answer.get("leader") for answer in answers}
        return all(a["cluster_size"] == len(cluster.nodes) for a in answers) and leaders <= {*cluster.nodes}

    wait_for(agreed, "three servers and one leader")
    for name, node in cluster.nodes.items():
        assert node.get("/varz")["server_name"] == name
        assert node.get("/jsz")["config"]["sync_always"] is True


def test_service_keeps_everything_thrice_and_answers_the_probes_of_its_manifest(
    cluster: NatsCluster, ingestion: int
) -> None:
    deployment = next(m for m in of_kind(MANIFESTS, "Deployment") if name_of(m) == "ingestion")
    container = pod_of(deployment)["containers"][0]
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        path = container[probe]["httpGet"]["path"]
        assert httpx.get(f"http://127.0.0.1:{ingestion}{path}", timeout=5).status_code == 200, probe
    streams = streams_of(next(iter(cluster.nodes.values())).get("/jsz?acc=$G&streams=true&config=true"))
    assert {"tt_WQ", "tt_XQ", "EVENTS"} <= {stream["name"] for stream in streams}
    assert {stream["config"]["num_replicas"] for stream in streams} == {3}


def test_queue_without_a_consumer_starts_no_workers(cluster: NatsCluster, backlog: int) -> None:
    scaler = scaler_of("knowledge")
    found = keda.look(scaler, asking(cluster))
    # Nothing waits for knowledge: KEDA by itself takes what was ever sent to anybody for its lag.
    assert (found.lag, found.leader, found.working) == (backlog, None, 0)
    assert keda.wanted_of_lag_alone(scaler, found) == scaler["spec"]["maxReplicaCount"]
    assert keda.wanted(scaler, found) == scaler["spec"]["minReplicaCount"]


@pytest.mark.usefixtures("holding")
def test_lag_is_what_waits_and_what_is_held_whomever_one_asks(cluster: NatsCluster) -> None:
    scaler = scaler_of("scoring")
    for first in range(len(cluster.nodes)):
        found = settled(cluster, scaler, first)
    assert keda.wanted(scaler, found) == 3
    # One more of each 200; two a step at first, then twice as many.
    assert keda.next_step(scaler, found, current=2) == 3
    assert keda.next_step(scaler, keda.Seen(100_000, found.leader, 1), current=3) == 6
    assert keda.wanted(scaler, keda.Seen(100_000, found.leader, 1)) == scaler["spec"]["maxReplicaCount"]
    # Within a tenth of the target nothing moves; down it goes by one.
    assert keda.next_step(scaler, keda.Seen(840, found.leader, 1), current=4) == 4
    assert keda.next_step(scaler, keda.Seen(0, found.leader, 1), current=4) == 3


@pytest.mark.usefixtures("holding")
def test_paused_queue_keeps_its_lag_and_wants_no_workers_for_it(cluster: NatsCluster, tmp_path: Path) -> None:
    scaler = scaler_of("scoring")

    async def change(resume: bool) -> None:  # noqa: FBT001 - one of two
        js = (await connection()).jetstream()
        await (resume_queue if resume else pause_queue)(js, "tt", "scoring")

    asyncio.run(as_party(cluster, "gateway", tmp_path, lambda: change(resume=False)))
    for first in range(len(cluster.nodes)):
        found = settled(cluster, scaler, first, working=0)
        assert keda.wanted_of_lag_alone(scaler, found) == 3
        assert keda.wanted(scaler, found) == scaler["spec"]["minReplicaCount"]
    asyncio.run(as_party(cluster, "gateway", tmp_path, lambda: change(resume=True)))
    assert keda.wanted(scaler, settled(cluster, scaler)) == 3


@pytest.mark.usefixtures("holding")
def test_lag_is_found_again_when_the_leader_is_lost(cluster: NatsCluster) -> None:
    scaler = scaler_of("scoring")
    lost = settled(cluster, scaler).leader
    assert lost is not None
    cluster.nodes[lost].kill()

    def knows(first: int) -> bool:
        now = seen(cluster, scaler, first)
        return now is not None and now.leader in {*cluster.nodes} - {lost} and now.lag == MESSAGES

    left = [place for place, name in enumerate(cluster.nodes) if name != lost]
    began = time.monotonic()
    # The new leader is known at least to who asks itself first.
    wait_for(
        lambda: any(map(knows, left)),
        "another leads",
        about=lambda: (lost, [seen(cluster, scaler, first) for first in left]),
    )
    print(f"\n{time.monotonic() - began:.1f} s until another server led the queue")
    # Of whoever gives up, the replicas stay as they are.
    assert scaler["spec"]["fallback"]["behavior"] == "currentReplicasIfHigher"
    cluster.start_again(lost)
    for first in range(len(cluster.nodes)):
        settled(cluster, scaler, first)


@pytest.mark.usefixtures("backlog")
def test_gateway_is_told_what_all_servers_together_may_store(cluster: NatsCluster, tmp_path: Path) -> None:
    told: list[int] = []

    async def look() -> None:
        told.append((await (await connection()).jetstream().account_info()).storage)

    def agreed() -> bool:
        asyncio.run(as_party(cluster, "gateway", tmp_path, look))
        return told[-1] == sum(int(node.get("/jsz")["storage"]) for node in cluster.nodes.values())

    wait_for(agreed, "the account's bytes are those of all copies", about=lambda: told[-1:])
    may = [node.get("/jsz")["config"]["max_storage"] for node in cluster.nodes.values()]
    settings = next(m for m in of_kind(MANIFESTS, "ConfigMap") if name_of(m).startswith("gateway-settings"))
    assert int(settings["data"]["TT_NATS_LIMIT_BYTES"]) == sum(may)
