"""Quotes as people give them: each is looked up in its message, word for word."""

from collections.abc import Sequence

from shared.contracts.errors import QueryError
from shared.contracts.ingestion import GetMessages, MessageRecord
from shared.evidence.citations import find_quote
from shared.messaging.queries import ask

_SHOWN = 80


async def verified_quotes(quotes: Sequence[tuple[int, str]]) -> list[tuple[MessageRecord, str]]:
    """The quotes with their messages, in the very words that stand there.

    Args:
        quotes: Message ids, and what they are said to say.

    Raises:
        QueryError: `invalid`, naming the quote that fails, or `unavailable` while ingestion does not answer.
    """
    asked = await ask(GetMessages(message_ids=sorted({message_id for message_id, _ in quotes})))
    messages = {message.id: message for message in asked}
    return [
        _verified(messages.get(message_id), message_id, quote, f"quotes[{place}]")
        for place, (message_id, quote) in enumerate(quotes)
    ]


def _verified(
    message: MessageRecord | None, message_id: int, quote: str, field: str
) -> tuple[MessageRecord, str]:
    if message is None:
        raise QueryError("invalid", f"There is no message {message_id} to quote.", field=field)
    cited = find_quote(message.text, quote) if message.has_text else None
    if cited is None:
        raise QueryError(
            "invalid", f"Message {message_id} does not say “{_short(quote)}” word for word.", field=field
        )
    return message, cited.words


def _short(quote: str) -> str:
    return quote if len(quote) <= _SHOWN else quote[: _SHOWN - 1] + "…"
