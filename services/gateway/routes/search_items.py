"""Search hits as the API shows them: with the author and the chat of a message."""

import msgspec

from shared.contracts.embedding import SearchHit
from shared.contracts.ingestion import AuthorRecord, ChatRecord, MessageRecord


class SearchItem(SearchHit, frozen=True, kw_only=True):
    """One item found.

    Attributes:
        author: Who wrote the message; null for atoms.
        chat: Where it was written; null for atoms.
        telegram_message_id: Telegram's id of the message within its chat; null for atoms.
    """

    author: AuthorRecord | None = None
    chat: ChatRecord | None = None
    telegram_message_id: int | None = None


class SearchItems(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, best first; an answer goes 200 items deep.

    Attributes:
        space_id: The vector space that was searched; null when words alone decided.
        basic_mode: The vectors are of the `local` provider.
        under_filled: There may be more than was found.
        degraded: Why this answer is less than it could be; null when it is not.
        took_ms: Milliseconds that the search took.
    """

    items: list[SearchItem]
    next_cursor: str | None = None
    space_id: int | None = None
    basic_mode: bool = False
    under_filled: bool = False
    degraded: str | None = None
    took_ms: float = 0.0


def found_item(hit: SearchHit, message: MessageRecord | None) -> SearchItem:
    """A hit with what is known of its message."""
    fields = {name: getattr(hit, name) for name in SearchHit.__struct_fields__}
    if message is None:
        return SearchItem(**fields)
    return SearchItem(
        **fields,
        author=message.author,
        chat=message.chat,
        telegram_message_id=message.telegram_message_id,
    )
