"""When the task that runs was sent."""

from datetime import UTC, datetime

from dramatiq.middleware import CurrentMessage


def sent_at() -> datetime | None:
    """When the task that runs was sent, by its sender's clock; None outside of a worker."""
    message = CurrentMessage.get_current_message()
    return None if message is None else datetime.fromtimestamp(message.message_timestamp / 1000, UTC)
