"""A Dramatiq message together with the delivery that brought it."""

from typing import Any

from dramatiq import Message
from dramatiq.broker import MessageProxy

from dramatiq_nats.ledger import Delivery


class NatsMessage(MessageProxy):
    """A delivered message.

    Attributes:
      delivery: Where it came from and how it is settled.
      attempts: How often it was tried before and with this delivery, retries and redeliveries counted.
      keep: Set when something that must follow from it could not be enqueued: it is then handed back
        instead of acknowledged, so that nothing is lost.
      goes_on: Set when the same message was enqueued again, to be retried.
    """

    def __init__(self, message: "Message[Any]", delivery: Delivery) -> None:
        super().__init__(message)
        self.delivery = delivery
        if not isinstance(message.options.get("periodic_due", 0), int):
            raise TypeError(f"periodic_due must be an int, not {message.options['periodic_due']!r}")
        self.attempts = int(message.options.get("retries") or 0) + delivery.place.attempt
        self.keep = False
        self.goes_on = False
