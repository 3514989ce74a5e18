"""A service of ours on the NATS of the manifests, and how KEDA reaches both from where it is."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dramatiq
import httpx

from deploy.kubernetes.rendered import overlay
from dramatiq_nats import NatsBroker
from shared.messaging.access import Access
from shared.messaging.connection import bind_nats, close_connection
from shared.messaging.names import inbox_prefix
from tests.deploy.kubernetes import keda
from tests.deploy.kubernetes.checks.objects import name_of, of_kind
from tests.deploy.kubernetes.nats_cluster import NatsCluster
from tests.system import wait_for

MANIFESTS = overlay("production")
MESSAGES = 460
"""Saved by ingestion; each of them is a task of scoring, at least."""
HELD = 8
"""Of them, as many a worker of scoring holds."""
_SENT = 1_791_180_397


def scaler_of(queue: str) -> dict[str, Any]:
    return next(m for m in of_kind(MANIFESTS, "ScaledObject") if name_of(m) == queue)


def seed_file(cluster: NatsCluster, party: str, folder: Path) -> Path:
    path = folder / f"{party}.nk"
    path.write_text(cluster.seeds[party])
    return path


def ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=5).is_success
    except httpx.HTTPError:
        return False


def update(number: int) -> dict[str, Any]:
    chat = {"id": -1001, "type": "supergroup", "title": "Backend"}
    sender = {"id": 7, "is_bot": False, "first_name": "Olena"}
    message = {"message_id": number, "date": _SENT, "chat": chat, "from": sender, "text": f"Message {number}"}
    return {"update_id": number, "message": message}


async def as_party(
    cluster: NatsCluster, party: str, folder: Path, work: Callable[[], Awaitable[None]]
) -> None:
    """Do something as one of the parties that NATS knows."""
    access = Access(str(seed_file(cluster, party, folder)), None, inbox_prefix("", party))
    bind_nats(cluster.urls, access=access, replicas=3)
    try:
        await work()
    finally:
        await close_connection()


def state_of_work(cluster: NatsCluster) -> dict[str, Any]:
    """The state of the stream of work, as its leader knows it."""
    for node in cluster.nodes.values():
        for stream in streams_of(node.get("/jsz?acc=$G&streams=true&config=true")):
            if stream["name"] == "tt_WQ" and stream["cluster"]["leader"] == node.name:
                state: dict[str, Any] = stream["state"]
                return state
    return {"messages": None}


def streams_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [s for account in answer.get("account_details", []) for s in account.get("stream_detail", [])]


def asking(cluster: NatsCluster, first: int = 0) -> keda.Ask:
    """How KEDA's requests reach the servers here; the Service's own name leads to the `first` of them."""

    def ask(url: str) -> dict[str, Any]:
        host, port = keda.host_and_port(url)
        found = cluster.nodes_at(host, port)
        parts = urlsplit(url)
        answer = found[first % len(found)].get(f"{parts.path}?{parts.query}")
        if "cluster" in answer and parts.path == "/varz":
            answer["cluster"]["urls"] = [cluster.original(each) for each in answer["cluster"].get("urls", [])]
        return answer

    return ask


@contextmanager
def scoring(cluster: NatsCluster, folder: Path) -> Iterator[NatsBroker]:
    broker = NatsBroker(
        servers=cluster.urls.split(","),
        namespace="tt",
        replicas=3,
        nkeys_seed=str(seed_file(cluster, "scoring", folder)),
        inbox_prefix=inbox_prefix("", "scoring"),
    )
    before = dramatiq.broker.global_broker
    broker.declare_queue("scoring")
    try:
        yield broker
    finally:
        broker.close()
        dramatiq.broker.global_broker = before


def seen(cluster: NatsCluster, scaler: dict[str, Any], first: int = 0) -> keda.Seen | None:
    """What KEDA sees; None where it gives up: it asks server after server, and one that is away ends it."""
    try:
        return keda.look(scaler, asking(cluster, first))
    except OSError:
        return None


def settled(
    cluster: NatsCluster, scaler: dict[str, Any], first: int = 0, *, lag: int = MESSAGES, working: int = 1
) -> keda.Seen:
    """What KEDA sees once the consumer has a leader and both figures are these."""
    found: list[keda.Seen] = []

    def is_right() -> bool:
        now = seen(cluster, scaler, first)
        if now is None or now.leader not in cluster.nodes or (now.lag, now.working) != (lag, working):
            return False
        found.append(now)
        return True

    wait_for(is_right, f"a lag of {lag}", about=lambda: seen(cluster, scaler, first))
    return found[0]
