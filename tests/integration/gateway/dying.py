"""Tasks that are given up: a real broker whose actor fails until it is mended."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import dramatiq
from dramatiq.middleware import CurrentMessage, Retries

from dramatiq_nats import NatsBroker
from shared.messaging.names import broker_namespace
from tests.integration.gateway.stage import Stage, wait_for


class CardDeclinedError(Exception):
    """What the actor raises."""


@dataclass
class Dying:
    """A queue of its own, and the actor that works on it.

    Attributes:
        broker: The worker's.
        queue: Its name.
        is_mended: Once true, tasks succeed.
        done: The arguments of those that did.
        headers: What their messages carried.
    """

    broker: NatsBroker
    queue: str
    is_mended: bool = False
    done: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    actor: Any = None

    def work(self, word: str) -> None:
        """Fail, or not."""
        if not self.is_mended:
            raise CardDeclinedError(f"немає грошей for {word}")
        message = CurrentMessage.get_current_message()
        assert message is not None
        self.headers.append(dict(message.options.get("headers", {})))
        self.done.append(word)

    def die(self, *words: str, **options: Any) -> None:
        """Have a task die for each word; in their order."""
        for word in words:
            before = len(self.broker.list_dead_letters(self.queue))
            self.actor.send_with_options(args=(), kwargs={"word": word}, **options)
            wait_for(
                lambda before=before: len(self.broker.list_dead_letters(self.queue)) > before,  # type: ignore[misc]
                "the task is dead",
            )


@contextmanager
def dying(stage: Stage, nats_url: str) -> Iterator[Dying]:
    """Run a worker on a queue of its own within."""
    broker = NatsBroker(
        servers=nats_url,
        namespace=broker_namespace(stage.namespace),
        middleware=[Retries(max_retries=0), CurrentMessage()],
    )
    made = Dying(broker, f"q{uuid4().hex[:8]}")
    made.actor = dramatiq.actor(broker=broker, actor_name="pay_bill", queue_name=made.queue)(made.work)
    worker = dramatiq.Worker(broker, worker_timeout=100, worker_threads=2)
    worker.start()
    try:
        yield made
    finally:
        worker.stop(timeout=5_000)
        broker.close()
