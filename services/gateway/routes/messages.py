"""Messages with their scores: two services asked, one answer."""

from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.params import QueryParameter
from loguru import logger

from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.routes.examples import CHAT, MESSAGE, SCORE, VERSION
from services.gateway.routes.parameters import (
    AuthorFilter,
    ChatFilter,
    Cursor,
    Limit,
    MessageId,
    Since,
    Until,
    in_utc,
)
from shared.contracts.errors import QueryError, not_found
from shared.contracts.ingestion import (
    ChatRecord,
    GetMessages,
    GetMessageVersions,
    ListChats,
    ListMessages,
    MessageRecord,
    MessageVersionRecord,
)
from shared.contracts.scoring import GetScores, ListScored, MessageClass, ScoreRecord
from shared.messaging.queries import ask

_ROUNDS = 10


class MessageItem(MessageRecord, frozen=True, kw_only=True):
    """A message as it stands now, with its score.

    Attributes:
        score: `importance_score`, `message_class`, `noise_factors` and more; null while it has none.
    """

    score: ScoreRecord | None = None


class MessageItems(msgspec.Struct, frozen=True, kw_only=True):
    """A page of messages, newest first; `next_cursor` is null on the last page.

    Attributes:
        notes: What a reader should know of this answer, for example that scores are missing for now.
    """

    items: list[MessageItem]
    next_cursor: str | None = None
    notes: list[str] = []


class ChatItems(msgspec.Struct, frozen=True, kw_only=True):
    """All chats, by title."""

    items: list[ChatRecord]
    next_cursor: str | None = None


class VersionItems(msgspec.Struct, frozen=True, kw_only=True):
    """Every version of a message's text, oldest first."""

    items: list[MessageVersionRecord]
    next_cursor: str | None = None


def _item(message: MessageRecord, score: ScoreRecord | None) -> MessageItem:
    fields = {name: getattr(message, name) for name in MessageRecord.__struct_fields__}
    return MessageItem(**fields, score=score)


_EXAMPLE = _item(MESSAGE, SCORE)


@get(
    "/messages",
    summary="List messages",
    operation_class=DescribedOperation,
    responses={
        **answers(),
        **shown(
            200, MessageItems, MessageItems(items=[_EXAMPLE]), "Messages with their scores, newest first"
        ),
    },
)
async def list_messages(  # noqa: PLR0913 - each is a query parameter
    *,
    chat_id: ChatFilter = None,
    thread_id: Annotated[
        int | None,
        QueryParameter(ge=1, le=2**63 - 1, description="Only this topic of a forum, by Telegram's id of it."),
    ] = None,
    author_id: AuthorFilter = None,
    message_class: Annotated[
        MessageClass | None, QueryParameter(name="class", description="Only messages of this class.")
    ] = None,
    min_score: Annotated[
        float | None,
        # Litestar describes no bound that is zero.
        QueryParameter(
            ge=0, le=1, schema_extra={"minimum": 0}, description="Only messages at least this important."
        ),
    ] = None,
    kind: Annotated[
        str | None,
        QueryParameter(
            max_length=40,
            pattern=r"^[^\x00]*$",
            description="Only `text`, or one kind of media, or `service`.",
        ),
    ] = None,
    since: Since = None,
    until: Until = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> MessageItems:
    """Messages, newest first, each with its score. A page by class and kind or thread may be a short one.

    While the scoring service is down, messages come with `score: null` and a note, unless `class` or
    `min_score` asks for what only it knows.
    """
    since, until = in_utc(since), in_utc(until)
    if message_class is None and min_score is None:
        page = await ask(
            ListMessages(
                chat_id=chat_id,
                thread_id=thread_id,
                author_id=author_id,
                kind=kind,
                since=since,
                until=until,
                cursor=cursor,
                limit=limit,
            )
        )
        return await _with_scores(page.items, page.next_cursor)
    wanted = ListScored(
        message_class=message_class,
        min_score=min_score,
        chat_ids=await chat_ids_of(chat_id),
        author_id=author_id,
        since=since,
        until=until,
        cursor=cursor,
        limit=limit,
    )
    return await _scored(wanted, kind, thread_id)


async def _with_scores(messages: list[MessageRecord], next_cursor: str | None) -> MessageItems:
    """Add the scores; without the scoring service the messages alone, and a note."""
    try:
        found = await ask(GetScores(message_ids=[message.id for message in messages])) if messages else []
    except QueryError as error:
        if error.code != "unavailable":
            raise
        logger.warning("messages are listed without scores: {}", error)
        notes = ["Scores are missing for now: the scoring service does not answer."]
        return MessageItems(
            items=[_item(message, None) for message in messages], next_cursor=next_cursor, notes=notes
        )
    scores = {score.message_id: score for score in found}
    return MessageItems(
        items=[_item(message, scores.get(message.id)) for message in messages], next_cursor=next_cursor
    )


async def _scored(wanted: ListScored, kind: str | None, thread_id: int | None) -> MessageItems:
    """Ask scoring which, then ingestion what; scoring knows no kinds and threads, so ask until enough fit."""
    limit = wanted.limit
    items: list[MessageItem] = []
    for _ in range(_ROUNDS):
        page = await ask(wanted)
        messages = {
            message.id: message
            for message in (
                await ask(GetMessages(message_ids=[score.message_id for score in page.items]))
                if page.items
                else []
            )
        }
        items += [
            _item(messages[score.message_id], score)
            for score in page.items
            if score.message_id in messages and _fits(messages[score.message_id], kind, thread_id)
        ]
        missing = limit - len(items)
        if page.next_cursor is None or missing <= 0 or (kind is None and thread_id is None):
            return MessageItems(items=items, next_cursor=page.next_cursor)
        wanted = msgspec.structs.replace(wanted, cursor=page.next_cursor, limit=missing)
    return MessageItems(items=items, next_cursor=wanted.cursor)


def _fits(message: MessageRecord, kind: str | None, thread_id: int | None) -> bool:
    return kind in {None, message.kind} and thread_id in {None, message.thread_id}


async def chat_ids_of(chat_id: int | None) -> list[int] | None:
    """All the ids that a chat has had; None for every chat."""
    if chat_id is None:
        return None
    chats = await ask(ListChats())
    return next((chat.ids for chat in chats if chat_id == chat.id or chat_id in chat.ids), [chat_id])


@get(
    "/messages/{message_id:int}",
    summary="Get a message",
    operation_class=DescribedOperation,
    responses={**answers(404), **shown(200, MessageItem, _EXAMPLE, "The message with its score")},
)
async def get_message(message_id: MessageId) -> MessageItem:
    """One message as it stands now, with its score and every factor of it."""
    found = await ask(GetMessages(message_ids=[message_id]))
    if not found:
        raise not_found(f"message {message_id}")
    return (await _with_scores(found, None)).items[0]


@get(
    "/messages/{message_id:int}/versions",
    summary="List a message's versions",
    operation_class=DescribedOperation,
    responses={
        **answers(404),
        **shown(200, VersionItems, VersionItems(items=[VERSION]), "Every version, oldest first"),
    },
)
async def list_versions(message_id: MessageId) -> VersionItems:
    """Every version of a message's text in the order in which they were written, the present one included."""
    return VersionItems(items=await ask(GetMessageVersions(message_id=message_id)))


@get(
    "/chats",
    summary="List chats",
    operation_class=DescribedOperation,
    responses={**answers(), **shown(200, ChatItems, ChatItems(items=[CHAT]), "All chats")},
)
async def list_chats() -> ChatItems:
    """All chats, by title. A group that became a supergroup is one chat; `ids` are all that it has had."""
    return ChatItems(items=await ask(ListChats()))


messages_router = Router(
    "/", route_handlers=[list_messages, get_message, list_versions, list_chats], tags=["messages"]
)
