"""Which messages a person asks to be extracted: these, or a chat's, or a period's."""

from collections.abc import AsyncIterator, Iterable

from services.knowledge.considering import chunks
from services.knowledge.repository.pending import is_worth_extracting
from shared.contracts.errors import QueryError
from shared.contracts.extraction import ConsideredMessage, StartExtraction
from shared.contracts.ingestion import GetMessages, ListMessages, MessageRecord
from shared.contracts.scoring import MessageClass
from shared.messaging.messages import scores_of
from shared.messaging.queries import ask

MOST_MESSAGES = 2000
"""Of one request."""

_PAGE = 50
"""Of whole messages in one answer: even of the longest ones as many fit."""


async def select_messages(query: StartExtraction) -> list[ConsideredMessage]:
    """The messages that a person asks for and that have a score, as they are to be considered.

    Raises:
        QueryError: `invalid` when nothing selects, too much is selected or nothing of it can be extracted;
            `unavailable` when ingestion or scoring does not answer.
    """
    found = await _find(query)
    scores = await scores_of([message.id for message in found])
    scored = [
        _considered(message, scores[message.id].message_class) for message in found if message.id in scores
    ]
    if not any(map(is_worth_extracting, scored)):
        noise = sum(message.message_class == "noise" for message in scored)
        counts = {
            "not scored yet": len(found) - len(scored),
            "noise": noise,
            "without text": len(scored) - noise,
        }
        raise nothing_to_do(f"{count} {reason}" for reason, count in counts.items() if count)
    return scored


def nothing_to_do(reasons: Iterable[str]) -> QueryError:
    """The refusal to extract nothing; each reason is a phrase with a count."""
    why = ", ".join(reasons) or "there are none"
    return QueryError("invalid", f"Nothing can be extracted of these messages: {why}.", field="message_ids")


async def _find(query: StartExtraction) -> list[MessageRecord]:
    _refuse_what_selects_nothing(query)
    found: dict[int, MessageRecord] = {}
    async for page in _pages(query):
        found |= {message.id: message for message in page if _is_selected(message, query)}
        if len(found) > MOST_MESSAGES:
            raise QueryError(
                "invalid",
                f"More than {MOST_MESSAGES} messages are selected: choose a shorter period.",
                field="since",
            )
    return list(found.values())


async def _pages(query: StartExtraction) -> AsyncIterator[list[MessageRecord]]:
    if query.message_ids is not None:
        for asked in chunks(sorted(set(query.message_ids)), _PAGE):
            yield await ask(GetMessages(message_ids=asked))
        return
    for chat_id in dict.fromkeys(query.chat_ids) if query.chat_ids is not None else [None]:
        cursor: str | None = None
        while True:
            page = await ask(
                ListMessages(
                    chat_id=chat_id, since=query.since, until=query.until, cursor=cursor, limit=_PAGE
                )
            )
            yield page.items
            cursor = page.next_cursor
            if cursor is None:
                break


def _refuse_what_selects_nothing(query: StartExtraction) -> None:
    if query.message_ids is None and query.chat_ids is None and query.since is None and query.until is None:
        raise QueryError(
            "invalid",
            "Say which messages: by message_ids, by chat_ids or by since and until.",
            field="message_ids",
        )
    if query.since is not None and query.until is not None and query.since >= query.until:
        raise QueryError("invalid", "The period ends before it begins.", field="until")


def _is_selected(message: MessageRecord, query: StartExtraction) -> bool:
    """Whether one that was asked for by its id is also of the chats and the period that are asked for."""
    in_chat = query.chat_ids is None or not set(query.chat_ids).isdisjoint(message.chat.ids)
    since, until = query.since, query.until
    return (
        in_chat and (since is None or message.sent_at >= since) and (until is None or message.sent_at < until)
    )


def _considered(message: MessageRecord, message_class: MessageClass) -> ConsideredMessage:
    return ConsideredMessage(
        id=message.id,
        chat_id=message.chat.id,
        thread_id=message.thread_id,
        author_id=message.author.user_id if message.author is not None else None,
        sent_at=message.sent_at,
        written_at=max(message.edited_at or message.sent_at, message.sent_at),
        content_hash=message.content_hash,
        has_text=message.has_text,
        message_class=message_class,
    )
