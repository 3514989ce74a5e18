"""A network that is cut without a word, or slow: nothing runs twice for it, and nothing is said twice."""

import threading
import time
from collections.abc import Callable, Iterator

import dramatiq
import pytest
from dramatiq import Worker
from nats_server import Server, eventually
from proxy import Proxy

from dramatiq_nats import NatsBroker, keeper, ledger, publisher

MakeBroker = Callable[..., NatsBroker]
RunWorker = Callable[..., Worker]


@pytest.fixture
def make_proxy(server: Server) -> Iterator[Callable[..., Proxy]]:
    made: list[Proxy] = []

    def make(**settings: bool) -> Proxy:
        made.append(Proxy(server.port, **settings))
        made[-1].start()
        return made[-1]

    yield make
    for proxy in made:
        proxy.stop()


def test_acknowledgement_that_a_cut_swallowed_is_said_again(
    server: Server,
    namespace: str,
    make_broker: MakeBroker,
    make_proxy: Callable[..., Proxy],
    run_worker: RunWorker,
) -> None:
    proxy = make_proxy(lost=True)
    broker = make_broker(
        servers=proxy.url(server.url), namespace=namespace, ping_interval=1, connect_timeout=1
    )
    began, go = threading.Event(), threading.Event()

    @dramatiq.actor
    def act() -> None:
        began.set()
        go.wait(10)

    act.send()
    worker = run_worker(broker)
    assert began.wait(10)
    proxy.cut = True
    go.set()
    eventually(lambda: not broker.connection.ready, 20)
    proxy.cut = False
    eventually(lambda: broker.connection.ready, 20)
    # Long before `ack_wait`, so that it did not run again either.
    eventually(lambda: [queue.lag for queue in broker.queue_stats()] == [0])
    worker.stop()


def test_acknowledgements_are_remembered_for_longer_than_a_cut_goes_unseen() -> None:
    """nats-py gives up a line after two pings without an answer, at the third."""
    assert 3 * keeper._PING_INTERVAL < ledger._DOUBTFUL


def test_what_waits_in_a_full_socket_is_not_said_again(
    server: Server,
    namespace: str,
    make_broker: MakeBroker,
    make_proxy: Callable[..., Proxy],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publisher, "_AGAIN_AFTER", 0.1)
    proxy = make_proxy()
    broker = make_broker(servers=proxy.url(server.url), namespace=namespace)
    actor = dramatiq.actor(broker=broker, actor_name="act")(print)
    actor.send("small")
    proxy.cut = True
    size, number = 500_000, 40
    sender = threading.Thread(
        target=broker.enqueue_many, args=([actor.message("x" * size) for _ in range(number)],)
    )
    sender.start()
    eventually(lambda: broker.connection.is_congested)
    assert broker.connection.client is not None
    writer = broker.connection.client._writer
    assert writer is not None
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        assert writer.transport.get_write_buffer_size() < 1.5 * size * number
        time.sleep(0.05)
    proxy.cut = False
    sender.join(30)
    assert broker.get_queue_message_counts("default") == (number + 1, 0, 0)


def test_interrupt_in_the_middle_of_a_hand_over_delays_it_and_no_more(broker: NatsBroker) -> None:
    """An exception may fall between noting that the loop is woken and waking it."""
    actor = dramatiq.actor(broker=broker, actor_name="act")(print)
    actor.send()
    broker.connection._handed_over._woken = True
    actor.send()
    assert broker.get_queue_message_counts("default")[0] == 2
