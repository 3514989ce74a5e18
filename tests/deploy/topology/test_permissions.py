"""On a real server each service can do what the table says; everything else is tried, and refused."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import nats
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError

from deploy.topology.nkeys import new_seed
from deploy.topology.permissions import grants_of
from deploy.topology.services import SERVICES, WORKERS, Service
from shared.contracts.base import EVENTS, QUERIES
from tests.deploy.topology.known_server import KnownServer, connected, running_known_server

pytestmark = pytest.mark.anyio

QUEUES = [worker.name for worker in WORKERS]
STREAMS = [
    *("tt_WQ", "tt_XQ", "tt_RES", "tt_LIM", "EVENTS", "COUNTS"),
    *("KV_tasks", "KV_workers", "KV_tickets", "OBJ_avatars", "OBJ_uploads"),
]
NOBODYS = ("STREAM.UPDATE", "STREAM.DELETE", "STREAM.SNAPSHOT", "STREAM.RESTORE", "STREAM.PEER.REMOVE")
EVERYBODYS = ("tasks", "workers")
"""Buckets that every service looks into."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnownServer]:
    with running_known_server(tmp_path_factory.mktemp("known")) as known:
        yield known


@pytest.fixture(params=SERVICES, ids=[service.name for service in SERVICES])
def service(request: pytest.FixtureRequest) -> Service:
    found: Service = request.param
    return found


async def test_commands_go_only_to_the_queues_that_a_service_sends_to(
    server: KnownServer, service: Service
) -> None:
    queues = {command.queue_name for command in service.sends} | ({service.name} & set(QUEUES))
    allowed = {f"tt.wq.{queue}.q" for queue in queues}
    # Delays are the own queue's retries; a partition's lines and turns, and periodic schedules, nobody has.
    allowed |= {f"tt.wq.{service.name}.dq.x", f"tt.xq.{service.name}"} if service.is_worker else set()
    kinds = ("wq.{}.q", "wq.{}.dq.x", "wq.{}.line.x", "wq.{}.turn.x", "every.{}.x", "xq.{}", "res.{}")
    tried = {f"tt.{kind.format(queue)}" for kind, queue in product(kinds, [*QUEUES, "gateway"])}
    async with connected(server, service.name) as party:
        assert await party.refused_publishing(tried) == tried - allowed
        # Work comes by the stream's consumer alone; nobody listens to the subjects.
        listened = tried | {"tt.>", ">"}
        assert await party.refused_subscribing(listened) == listened


async def test_events_are_published_by_those_to_whom_they_happen(
    server: KnownServer, service: Service
) -> None:
    tried = {f"events.{name}" for name in EVENTS} | {"events.made.up"}
    own = {f"events.{event.event_name}" for event in service.publishes}
    # The gateway reads the stream, by a consumer, and listens to no subject.
    heard = {f"events.{event.event_name}" for event in service.hears if service.is_worker}
    async with connected(server, service.name) as party:
        assert await party.refused_publishing(tried) == tried - own
        listened = tried | {"events.>"}
        assert await party.refused_subscribing(listened) == listened - heard


async def test_queries_are_asked_and_answered_as_the_table_says(
    server: KnownServer, service: Service
) -> None:
    tried = {f"query.{subject}" for subject in QUERIES} | {"query.made.up"}
    asked = {f"query.{query.subject}" for query in service.asks}
    answered = {f"query.{query.subject}" for query in service.answers}
    async with connected(server, service.name) as party:
        assert await party.refused_publishing(tried) == tried - asked
        listened = tried | {"query.>"}
        assert await party.refused_subscribing(listened) == listened - answered


async def test_inboxes_are_private(server: KnownServer, service: Service) -> None:
    own = f"_INBOX.tt.{service.name}"
    tried = {f"_INBOX.tt.{other.name}.x" for other in SERVICES} | {"_INBOX.x", "_INBOX.other.scoring.x"}
    listened = tried | {f"_INBOX.tt.{other.name}.>" for other in SERVICES} | {"_INBOX.>", "_INBOX.*.*.>"}
    async with connected(server, service.name) as party:
        assert await party.refused_publishing(tried) == tried
        assert await party.refused_subscribing(listened) == listened - {f"{own}.x", f"{own}.>"}


async def test_streams_are_changed_by_nobody_and_read_by_those_who_must(
    server: KnownServer, service: Service
) -> None:
    def on(call: str) -> set[str]:
        return {f"$JS.API.{call}.{stream}" for stream in STREAMS}

    def these(call: str, *streams: str) -> set[str]:
        return {f"$JS.API.{call}.{stream}" for stream in streams}

    stores = {f"OBJ_{name}" for name in (*service.writes_stores, *service.reads_stores)}
    written = {f"OBJ_{name}" for name in service.writes_stores}
    if service.is_worker:
        made = {"tt_WQ", "tt_XQ", "tt_RES", "tt_LIM", "EVENTS", "KV_tasks", "KV_workers", *stores}
        known, read, emptied = made, {"tt_WQ", "tt_XQ", "tt_LIM", "KV_tasks", *stores}, written
        allowed = set[str]()
    else:
        made = {"EVENTS", "COUNTS", "KV_tasks", "KV_tickets", *stores}
        known = {"tt_WQ", "tt_XQ", "EVENTS", "KV_tasks", "KV_workers", "KV_tickets", *stores}
        read = {"tt_WQ", "tt_XQ", "KV_tasks", "KV_workers", "KV_tickets", *stores}
        emptied = {"tt_LIM", *written}
        allowed = {"$JS.API.STREAM.MSG.DELETE.tt_XQ", "$JS.API.INFO"}
    allowed |= these("STREAM.CREATE", *made) | these("STREAM.INFO", *known)
    allowed |= these("STREAM.MSG.GET", *read) | these("STREAM.PURGE", *emptied)
    allowed |= these("CONSUMER.LIST", "tt_WQ")
    allowed |= {"$JS.API.STREAM.NAMES"} if stores else set()

    tried = {"$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST", "$JS.API.INFO", "$SYS.REQ.SERVER.PING"}
    for call in (*NOBODYS, "STREAM.CREATE", "STREAM.INFO", "STREAM.PURGE", "STREAM.MSG.GET"):
        tried |= on(call)
    for call in ("STREAM.MSG.DELETE", "CONSUMER.LIST", "CONSUMER.NAMES", "DIRECT.GET"):
        tried |= on(call)
    async with connected(server, service.name) as party:
        assert await party.refused_publishing(tried) == tried - allowed
        assert await party.refused_subscribing({"$JS.>", "$SYS.>"}) == {"$JS.>", "$SYS.>"}


async def test_consumers_are_their_queues_own(server: KnownServer, service: Service) -> None:
    consumers = [("tt_WQ", queue) for queue in QUEUES] + [("tt_XQ", f"events-{queue}") for queue in QUEUES]
    calls = [
        *(f"$JS.API.CONSUMER.{call}" for call in ("CREATE", "DURABLE.CREATE", "INFO", "MSG.NEXT")),
        *(f"$JS.API.CONSUMER.{call}" for call in ("DELETE", "PAUSE", "UNPIN", "LEADER.STEPDOWN")),
    ]
    tried = {f"{call}.{stream}.{name}" for call, (stream, name) in product(calls, consumers)}
    tried |= {f"$JS.ACK.{stream}.{name}.1.1.1.1.1" for stream, name in consumers}
    if service.is_worker:
        own = [("tt_WQ", service.name), ("tt_XQ", f"events-{service.name}")]
        allowed = {f"{call}.{stream}.{name}" for call, (stream, name) in product(calls[:4], own)}
        allowed |= {f"$JS.ACK.{stream}.{name}.1.1.1.1.1" for stream, name in own}
    else:
        allowed = {
            f"$JS.API.CONSUMER.{call}.tt_WQ.{queue}" for call in ("CREATE", "PAUSE") for queue in QUEUES
        }
    async with connected(server, service.name) as party:
        assert await party.refused_publishing(tried) == tried - allowed


async def test_only_whoever_follows_a_stream_may_make_consumers_of_no_name(
    server: KnownServer, service: Service
) -> None:
    calls = ("CREATE.{}", "MSG.NEXT.{}.x", "DELETE.{}.x")
    followed = {f"OBJ_{name}" for name in (*service.writes_stores, *service.reads_stores)}
    followed |= set() if service.is_worker else {"EVENTS"}

    def of(streams: set[str]) -> set[str]:
        made = {f"$JS.API.CONSUMER.{call.format(stream)}" for call, stream in product(calls, streams)}
        return made | {f"$JS.FC.{stream}.x.y" for stream in streams}

    async with connected(server, service.name) as party:
        assert await party.refused_publishing(of(set(STREAMS))) == of(set(STREAMS) - followed)


async def test_buckets_and_stores_are_written_by_those_whose_they_are(
    server: KnownServer, service: Service
) -> None:
    tried = {f"$KV.workers.{other.name}.host.1" for other in SERVICES}
    tried |= {"$KV.tasks.x", "$KV.tasks.x.y", "$KV.tickets.x", "$KV.made_up.x"}
    tried |= {f"$O.{name}.{kind}.x" for name in ("avatars", "uploads", "made_up") for kind in "CM"}
    allowed = {"$KV.tasks.x", *(f"$O.{name}.{kind}.x" for name in service.writes_stores for kind in "CM")}
    allowed.add(f"$KV.workers.{service.name}.host.1" if service.is_worker else "$KV.tickets.x")
    async with connected(server, service.name) as party:
        assert await party.refused_publishing(tried) == tried - allowed
        listened = tried | {"$KV.>", "$O.>"}
        assert await party.refused_subscribing(listened) == listened


async def test_what_relays_and_gateways_tell_each_other(server: KnownServer, service: Service) -> None:
    wakes = {f"outbox.{other.name}.wake" for other in SERVICES}
    others = {"gateway.keys.changed", "gateway.counts.requests.x.1", "gateway.made_up", "tt.workers"}
    published = {f"outbox.{service.name}.wake"}
    heard = {f"outbox.{service.name}.wake"}
    if service.is_worker:
        heard |= {"tt.workers", "$SRV.PING", f"$SRV.INFO.{service.name}", f"$SRV.STATS.{service.name}.x"}
    else:
        published |= {"gateway.keys.changed", "gateway.counts.requests.x.1"}
        heard |= {"gateway.keys.changed"}
    services = {f"$SRV.INFO.{other.name}" for other in SERVICES} | {
        f"$SRV.STATS.{other.name}.x" for other in SERVICES
    }
    async with connected(server, service.name) as party:
        tried = wakes | others | {"$SRV.PING"} | services
        assert await party.refused_publishing(tried) == tried - published
        assert await party.refused_subscribing(tried) == tried - heard


async def test_an_answer_goes_to_whoever_asked_and_only_once(server: KnownServer) -> None:
    async with connected(server, "scoring") as asking, connected(server, "ingestion") as answering:
        replies: list[str] = []

        async def answer(message: Msg) -> None:
            replies.append(message.reply)
            await answering.client.publish(message.reply, b"told")

        await answering.client.subscribe("query.ingestion.get_texts", cb=answer)
        await answering.settle()
        told = await asking.client.request("query.ingestion.get_texts", b"", timeout=10)
        assert told.data == b"told"
        assert await answering.refused_publishing(replies) == set(replies)


async def test_whoever_shows_no_key_or_an_unknown_one_does_not_come_in(server: KnownServer) -> None:
    shown: list[dict[str, Any]] = [
        {},
        {"nkeys_seed_str": new_seed()},
        {"user": "task-tracker", "password": "guessed"},
    ]
    for options in shown:
        client = Client()
        try:
            with pytest.raises(NatsError, match=r"(?i)authorization"):
                await client.connect(server.url, allow_reconnect=False, **options)
        finally:
            await client.close()


async def test_the_operator_may_do_everything(server: KnownServer) -> None:
    client = await nats.connect(server.operator_url, allow_reconnect=False)
    try:
        await client.jetstream().add_stream(name="anything", subjects=["anything"])
        await client.jetstream().delete_stream("anything")
        with pytest.raises(NoRespondersError):
            await client.request("query.ingestion.get_texts", b"")
    finally:
        await client.close()


def test_installations_of_different_namespaces_share_nothing() -> None:
    for service in SERVICES:
        here, there = grants_of(service, "blue"), grants_of(service, "green")
        shared = {"$JS.API.STREAM.NAMES", "$JS.API.INFO"}
        assert here.publish & there.publish <= shared
        assert all(subject.startswith("$SRV.") for subject in here.subscribe & there.subscribe)
