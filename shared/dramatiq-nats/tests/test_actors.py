"""Actors run, once or again, now or later."""

from collections.abc import Callable

import dramatiq
from dramatiq import Worker

from dramatiq_nats import NatsBroker


def test_actor_runs_with_its_arguments(broker: NatsBroker, run_worker: Callable[..., Worker]) -> None:
    seen: list[tuple[int, str]] = []

    @dramatiq.actor
    def note(number: int, *, text: str) -> None:
        seen.append((number, text))

    run_worker(broker)
    note.send(1, text="one")
    broker.join("default", timeout=10_000)
    assert seen == [(1, "one")]
