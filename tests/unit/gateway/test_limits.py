"""Limits of requests, and waiting after wrong keys."""

import pytest

from services.gateway import counters, limits
from services.gateway.counters import Counters
from services.gateway.limits import LONGEST_WAIT, SHORTEST_WAIT, Allowance, Lockout, RequestLimit, wait_after


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time in seconds, as the tests set it: in the middle of a minute."""
    now = [6030.0]
    monkeypatch.setattr("services.gateway.counters.time.time", lambda: now[0])
    monkeypatch.setattr("services.gateway.limits.time.monotonic", lambda: now[0])
    return now


def test_a_minute_lets_as_many_through_as_it_may(clock: list[float]) -> None:
    limit = RequestLimit("key", 3)
    left = [limit.take("a") for _ in range(4)]

    assert [one.remaining for one in left if one] == [2, 1, 0, -1]
    assert limit.take("b") == Allowance("key", 3, 2, 30)
    clock[0] += 30
    assert limit.take("a") == Allowance("key", 3, 2, 60)


def test_no_limit_counts_nothing() -> None:
    limit = RequestLimit("key", 0)

    assert limit.take("a") is None
    assert len(limit.counters) == 0


def test_headers_are_those_of_the_draft() -> None:
    assert Allowance("key", 100, -2, 12).headers == [
        (b"ratelimit-policy", b'"key";q=100;w=60'),
        (b"ratelimit", b'"key";r=0;t=12'),
    ]


def test_names_beyond_what_is_counted_apart_are_counted_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters, "MOST_COUNTED", 3)
    counted = Counters("test")

    assert [counted.add(name, 60) for name in "abcde"] == [1, 1, 1, 1, 2]
    assert counted.add("a", 60) == 2
    assert len(counted) == 4


def test_who_guesses_waits_longer_each_time(clock: list[float]) -> None:
    lockout = Lockout(3)
    for _ in range(2):
        lockout.note_guess("a")
    assert lockout.seconds("a") == 0

    waits = []
    for _ in range(4):
        lockout.note_guess("a")
        waits.append(lockout.seconds("a"))
        clock[0] += waits[-1]
        assert lockout.seconds("a") == 0

    assert waits == [5, 10, 20, 40]
    assert lockout.seconds("b") == 0


def test_waiting_is_bounded_and_forgotten_after_an_hour(clock: list[float]) -> None:
    lockout = Lockout(1)
    for _ in range(5000):
        lockout.note_guess("a")

    assert lockout.seconds("a") == LONGEST_WAIT
    clock[0] += limits.GUESS_WINDOW
    assert lockout.seconds("a") == 0
    assert wait_after(0) == SHORTEST_WAIT


def test_who_came_in_before_is_known_and_others_are_not() -> None:
    lockout = Lockout(1)
    lockout.welcome("a", b"key")

    assert lockout.is_welcome("a", b"key")
    assert not lockout.is_welcome("a", b"other")
    assert not lockout.is_welcome("b", b"key")


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_WELCOME", 2)
    lockout = Lockout(1)
    for who in (b"1", b"2", b"1", b"3"):
        lockout.welcome("a", who)

    assert [lockout.is_welcome("a", who) for who in (b"1", b"2", b"3")] == [True, False, True]


def test_no_lockout_never_waits() -> None:
    lockout = Lockout(0)
    lockout.note_guess("a")

    assert lockout.seconds("a") == 0
