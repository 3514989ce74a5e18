"""Attempts: the span of one try of an actor, with how long it had waited and how it ended."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from dramatiq import Message
from dramatiq.broker import MessageProxy
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind
from opentelemetry.util.types import AttributeValue

from dramatiq_nats.message import NatsMessage
from shared.messaging.spans import messaging_attributes
from shared.messaging.tasks import TaskState
from shared.telemetry import kept, note_error, tracer

LATE: Final = 30.0
"""Seconds in the queue after which what follows from a message is kept: its chain may have been judged."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of an actor that runs.

    Attributes:
        number: Which try it is, from 1.
        waited: Seconds that it was in the queue.
        span: Its span.
    """

    number: int
    waited: float
    span: Span
    _name: str
    _parent: Context
    _attributes: dict[str, AttributeValue]
    _began: int = field(default_factory=time.time_ns)

    def end(self, outcome: TaskState) -> None:
        """Say how it ended."""
        self.span.set_attribute("tt.outcome", outcome)

    def fail(self, error: BaseException, outcome: TaskState, *, is_error: bool = True) -> None:
        """Say that it failed, and why; also where the chain is one of those that are not traced.

        Args:
            error: Why.
            outcome: What becomes of the task.
            is_error: Whether anything went wrong; not so when the task was only put off.
        """
        span = self.span
        if not span.is_recording():
            span = tracer().start_span(
                f"process {self._name}",
                context=kept(self._parent),
                kind=SpanKind.CONSUMER,
                attributes=self._attributes,
                start_time=self._began,
            )
        span.set_attribute("tt.outcome", outcome)
        if is_error:
            note_error(span, error, f"{self._name}, attempt {self.number}")
        if span is not self.span:
            span.end()


@contextmanager
def attempt_span(message: "Message[Any] | MessageProxy", parent: Context) -> Iterator[Attempt]:
    """The running of an actor, child of the span that made its message.

    From the second attempt on, and where a message has waited for long, it and all that follows is kept.

    Args:
        message: What is run.
        parent: The context that came with it.
    """
    number, attributes, waited = _measured(message)
    attributes |= messaging_attributes("process", message.queue_name, message.message_id, message.actor_name)
    above = kept(parent) if number > 1 or waited > LATE else parent
    with tracer().start_as_current_span(
        f"process {message.actor_name}",
        context=above,
        kind=SpanKind.CONSUMER,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        yield Attempt(number, waited, span, message.actor_name, parent, attributes)


def _measured(message: "Message[Any] | MessageProxy") -> tuple[int, dict[str, AttributeValue], float]:
    """Which attempt it is, what is known of its way here, and how many seconds it was in the queue."""
    number = int(message.options.get("retries") or 0) + 1
    attributes: dict[str, AttributeValue] = {"tt.attempt": number, "tt.retries": number - 1}
    if not isinstance(message, NatsMessage):
        return number, attributes, 0.0
    stored = message.delivery.place.stored / 1e6
    waited = max(0.0, time.time() * 1000 - stored)
    attributes["tt.queue.wait_ms"] = round(waited)
    if number == 1:
        # Later it is the pause between two attempts.
        attributes["tt.outbox.wait_ms"] = max(0, round(stored - message.message_timestamp))
    if message.delivery.place.attempt > 1:
        # A worker had it before and did not come to an end with it.
        attributes["tt.deliveries"] = message.delivery.place.attempt
        number = max(number, message.attempts)
        attributes["tt.attempt"] = number
    return number, attributes, waited / 1000
