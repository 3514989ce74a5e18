"""What cannot be run is kept, with all that is known of it, and can be run again or deleted."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import dramatiq
import nats
import pytest
from dramatiq import Message, Worker
from dramatiq.middleware import CurrentMessage
from nats.js.errors import APIError, NotFoundError
from nats_server import Server, eventually

from dramatiq_nats import (
    DeadLetter,
    NatsBroker,
    Reason,
    delete_dead_letter,
    encode_work,
    ensure_streams,
    get_dead_letter,
    list_dead_letters,
    requeue_dead_letter,
)
from dramatiq_nats.naming import dead_letter_subject

RunWorker = Callable[..., Worker]


def only_letter(broker: NatsBroker) -> DeadLetter:
    eventually(broker.list_dead_letters)
    (letter,) = broker.list_dead_letters()
    return letter


def test_letter_says_what_happened(broker: NatsBroker, run_worker: RunWorker) -> None:
    @dramatiq.actor(max_retries=1, min_backoff=1, max_backoff=1, queue_name="work")
    def fails(_number: int) -> None:
        raise ValueError("no\nsuch thing")

    run_worker(broker)
    sent = fails.send_with_options(args=(7,), headers={"baggage": "run_id=7"})
    broker.join("work", timeout=10_000)
    letter = only_letter(broker)
    assert (letter.queue, letter.actor, letter.message_id) == ("work", "fails", sent.message_id)
    assert letter.reason == Reason.FAILED
    assert letter.exception_type == "builtins.ValueError"
    assert letter.exception == "no such thing"
    assert "in fails\n" in letter.traceback
    assert letter.attempts == 2
    assert letter.headers["baggage"] == "run_id=7"
    assert letter.decode().args == (7,)
    now = datetime.now(UTC)
    assert now - timedelta(minutes=1) < letter.first_at < letter.last_at < now + timedelta(seconds=1)
    assert [message.message_id for message in broker.dead_letters] == [sent.message_id]


def test_expected_exception_is_dead_lettered_at_once(broker: NatsBroker, run_worker: RunWorker) -> None:
    @dramatiq.actor(throws=KeyError)
    def fails() -> None:
        raise KeyError

    run_worker(broker)
    fails.send()
    broker.join("default", timeout=10_000)
    assert only_letter(broker).attempts == 1


def test_message_for_an_unknown_actor_is_kept(broker: NatsBroker, run_worker: RunWorker) -> None:
    broker.declare_queue("default")
    broker.enqueue(Message(queue_name="default", actor_name="nobody", args=(), kwargs={}, options={}))
    run_worker(broker)
    broker.join("default", timeout=10_000)
    letter = only_letter(broker)
    assert (letter.reason, letter.actor) == (Reason.ACTOR_NOT_FOUND, "nobody")


def test_undecodable_payload_is_kept_as_it_is(broker: NatsBroker, run_worker: RunWorker) -> None:
    seen: list[int] = []

    @dramatiq.actor
    def act() -> None:
        seen.append(1)

    broker.connection.call(lambda: ensure_streams(broker.connection.js, broker.namespace), 10)
    broker.publish(f"{broker.namespace}.wq.default.q", b"\xff not json", {"baggage": "run_id=7"})
    act.send()
    run_worker(broker)
    broker.join("default", timeout=10_000)
    letter = only_letter(broker)
    assert letter.payload == b"\xff not json"
    assert (letter.reason, letter.actor, letter.headers["baggage"]) == (Reason.UNDECODABLE, "", "run_id=7")
    assert seen == [1]
    assert broker.dead_letters == []


def test_requeued_letter_runs_again_with_all_its_retries(broker: NatsBroker, run_worker: RunWorker) -> None:
    runs: list[dict[str, str]] = []

    @dramatiq.actor(max_retries=1, min_backoff=1, max_backoff=1)
    def third_time_lucky() -> None:
        runs.append({})
        if len(runs) < 4:
            raise RuntimeError

    run_worker(broker)
    sent = third_time_lucky.send_with_options(headers={"baggage": "run_id=7"})
    broker.join("default", timeout=10_000)
    letter = broker.requeue_dead_letter(only_letter(broker).sequence)
    assert letter.message_id == sent.message_id
    broker.join("default", timeout=10_000)
    assert len(runs) == 4
    assert broker.list_dead_letters() == []


def test_requeued_letter_carries_the_trace_of_whoever_requeued_it(
    broker: NatsBroker, run_worker: RunWorker, server: Server
) -> None:
    ran: list[dict[str, str]] = []

    @dramatiq.actor(max_retries=0)
    def fails_once() -> None:
        message = CurrentMessage.get_current_message()
        assert message is not None
        ran.append(message.options["headers"])
        if len(ran) == 1:
            raise RuntimeError

    broker.add_middleware(CurrentMessage())
    run_worker(broker)
    fails_once.send_with_options(headers={"baggage": "run_id=7", "traceparent": "before"})
    sequence = only_letter(broker).sequence

    async def requeue() -> None:
        async with await nats.connect(server.url) as client:
            trace = {"traceparent": "after"}
            await requeue_dead_letter(client.jetstream(), broker.namespace, sequence, trace=trace)

    asyncio.run(requeue())
    eventually(lambda: len(ran) == 2)
    assert ran == [
        {"baggage": "run_id=7", "traceparent": "before"},
        {"baggage": "run_id=7", "traceparent": "after"},
    ]


def test_deleted_letter_is_gone_and_an_unknown_one_raises(broker: NatsBroker, run_worker: RunWorker) -> None:
    @dramatiq.actor(max_retries=0)
    def fails() -> None:
        raise RuntimeError

    run_worker(broker)
    fails.send()
    broker.join("default", timeout=10_000)
    sequence = only_letter(broker).sequence
    assert broker.get_dead_letter(sequence).actor == "fails"
    broker.delete_dead_letter(sequence)
    assert broker.list_dead_letters() == []
    with pytest.raises(NotFoundError):
        broker.get_dead_letter(sequence)
    with pytest.raises(NotFoundError):
        broker.requeue_dead_letter(sequence)
    with pytest.raises(APIError):
        broker.delete_dead_letter(sequence)


def test_letters_are_paged_and_filtered_from_any_connection(
    server: Server, broker: NatsBroker, namespace: str, run_worker: RunWorker
) -> None:
    @dramatiq.actor(max_retries=0, queue_name="one")
    def fails_one(_number: int) -> None:
        raise RuntimeError

    @dramatiq.actor(max_retries=0, queue_name="two")
    def fails_two() -> None:
        raise RuntimeError

    run_worker(broker, threads=1)
    for number in range(3):
        fails_one.send(number)
    fails_two.send()
    broker.join("one", timeout=10_000)
    broker.join("two", timeout=10_000)

    async def inspect() -> None:
        client = await nats.connect(server.url)
        js = client.jetstream()
        first = await list_dead_letters(js, namespace, "one", limit=2)
        rest = await list_dead_letters(js, namespace, "one", after=first[-1].sequence)
        assert [letter.decode().args for letter in [*first, *rest]] == [(0,), (1,), (2,)]
        assert len(await list_dead_letters(js, namespace)) == 4
        assert (await get_dead_letter(js, namespace, rest[0].sequence)).queue == "one"
        await requeue_dead_letter(js, namespace, rest[0].sequence)
        await delete_dead_letter(js, namespace, first[0].sequence)
        await client.close()

    asyncio.run(inspect())
    broker.join("one", timeout=10_000)
    assert len(broker.list_dead_letters("one")) == 2


def test_listing_a_namespace_that_has_no_streams_is_empty(broker: NatsBroker) -> None:
    assert broker.list_dead_letters() == []
    assert broker.dead_letters == []


def test_second_rejection_leaves_one_letter(broker: NatsBroker) -> None:
    broker.declare_queue("default")
    broker.enqueue(Message(queue_name="default", actor_name="act", args=(), kwargs={}, options={}))
    consumer = broker.consume("default", timeout=5_000)
    received = next(consumer)
    assert received is not None
    consumer.nack(received)
    consumer.nack(received)
    consumer.ack(received)
    broker.join("default", timeout=5_000)
    assert len(broker.list_dead_letters()) == 1
    consumer.close()


def test_payload_near_the_limit_is_dead_lettered_too(broker: NatsBroker, run_worker: RunWorker) -> None:
    @dramatiq.actor(max_retries=0)
    def fails(_text: str) -> None:
        raise RuntimeError("x" * 50_000)

    work = encode_work(fails.message(""), broker.namespace)
    run_worker(broker)
    fails.send("y" * (1024 * 1024 - 4096 - len(work.payload) - 200))
    broker.join("default", timeout=10_000)
    assert only_letter(broker).actor == "fails"


def test_letter_of_a_huge_error_keeps_what_fits(broker: NatsBroker, run_worker: RunWorker) -> None:
    @dramatiq.actor(max_retries=0)
    def act(text: str) -> None:
        raise ValueError("дуже довга помилка " * 100_000 + text[:1])

    act.send_with_options(args=("x" * 900_000,), headers={"tenant": "7"})
    run_worker(broker)
    eventually(lambda: len(broker.list_dead_letters()) == 1)
    (letter,) = broker.list_dead_letters()
    assert letter.exception_type == "builtins.ValueError"
    assert letter.exception.startswith("дуже довга помилка")
    assert "помилка" in letter.traceback
    assert letter.headers["tenant"] == "7"
    assert len(letter.decode().args[0]) == 900_000


def test_all_are_read_by_pages(broker: NatsBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dramatiq_nats.administration._PAGE", 3)
    for number in range(7):
        letter: Message[None] = Message(
            queue_name="default", actor_name="act", args=(number,), kwargs={}, options={}
        )
        broker.publish(dead_letter_subject(broker.namespace, "default"), letter.encode(), {})
    assert [letter.args for letter in broker.dead_letters] == [(number,) for number in range(7)]
