"""Names and encodings that other processes rely on."""

import time

import pytest
from dramatiq import Message

from dramatiq_nats import consumer_name, dead_letter_subject, encode_work, stream_name, work_subject
from dramatiq_nats.naming import unescape
from dramatiq_nats.wire import DeliveryPlace, header_block, parse_headers, parse_place


def message(**options: object) -> "Message[None]":
    return Message(queue_name="scoring", actor_name="score", args=(1,), kwargs={}, options=options)


def test_names_are_stable() -> None:
    assert stream_name("tt") == "tt_WQ"
    assert work_subject("tt", "scoring") == "tt.wq.scoring.q"
    assert dead_letter_subject("tt", "scoring") == "tt.xq.scoring"
    assert consumer_name("scoring") == "scoring"


@pytest.mark.parametrize("queue", ["a.b", "a=b", "черга", "a*b>c d", "plain-1_x"])
def test_any_queue_name_is_one_token_and_comes_back(queue: str) -> None:
    token = consumer_name(queue)
    assert not set(token) & set(".*> \t\r\n/\\")
    assert unescape(token) == queue


@pytest.mark.parametrize("namespace", ["", "a.b", "a b", "a*", "é"])
def test_namespace_that_cannot_stand_in_subjects_is_refused(namespace: str) -> None:
    with pytest.raises(ValueError, match="namespace"):
        stream_name(namespace)


def test_work_goes_to_its_queue_with_its_headers() -> None:
    original = message(headers={"traceparent": "00-1-2-01"})
    work = encode_work(original, "tt")
    assert work.subject == "tt.wq.scoring.q"
    assert work.headers == {"traceparent": "00-1-2-01"}
    assert Message.decode(work.payload) == original


@pytest.mark.parametrize(
    "headers", [None, "text", {"Nats-Msg-Id": "1"}, {"bad name": "x"}, {"a": 1}, {1: "a"}, {"": "x"}]
)
def test_headers_that_nats_cannot_carry_are_left_out(headers: object) -> None:
    assert encode_work(message(headers=headers), "tt").headers == {}


def test_delayed_work_is_a_schedule_without_eta_in_its_payload() -> None:
    first, second = (encode_work(message(), "tt", delay=60_000) for _ in range(2))
    assert first.subject.startswith("tt.wq.scoring.dq.")
    assert first.subject != second.subject
    assert first.headers["Nats-Schedule-Target"] == "tt.wq.scoring.q"
    assert first.headers["Nats-Schedule"].startswith("@at 20")
    eta = int(time.time() * 1000) + 60_000
    with_eta = encode_work(message(eta=eta), "tt")
    assert "Nats-Schedule" in with_eta.headers
    assert "eta" not in Message.decode(with_eta.payload).options


@pytest.mark.parametrize("eta", [0, None, "soon"])
def test_eta_that_is_past_or_no_time_is_work_for_now(eta: object) -> None:
    work = encode_work(message(eta=eta), "tt")
    assert work.subject == "tt.wq.scoring.q"
    assert "eta" not in Message.decode(work.payload).options


def test_header_block_keeps_one_line_a_header() -> None:
    block = header_block({"a": "one\r\ntwo", "b": "три"})
    assert parse_headers(block) == {"a": "one two", "b": "три"}


@pytest.mark.parametrize(
    "reply",
    [
        b"$JS.ACK.tt_WQ.scoring.3.17.21.1700000000000000000.5",
        b"$JS.ACK._.ACCOUNTHASH.tt_WQ.scoring.3.17.21.1700000000000000000.5",
        b"$JS.ACK.hub.ACCOUNTHASH.tt_WQ.scoring.3.17.21.1700000000000000000.5.TOKEN",
    ],
)
def test_place_is_read_from_every_layout_of_reply_subject(reply: bytes) -> None:
    assert parse_place(reply) == DeliveryPlace(attempt=3, sequence=17, stored=1_700_000_000_000_000_000)
