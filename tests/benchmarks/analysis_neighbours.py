"""What an analysis run asks others about, answered at once: a generated chat, and nothing beside it."""

from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.contracts.atoms import GetQuotedAtoms, QuotedAtoms
from shared.contracts.embedding import EmbeddedTexts, EmbedTexts, FindNeighbours, Neighbour
from shared.contracts.ingestion import (
    AuthorRecord,
    ChatRecord,
    GetMessages,
    ListWindow,
    MeasureWindow,
    MessageRecord,
    MessageText,
    WindowPage,
    WindowSize,
)
from shared.contracts.scoring import GetScores, ScoreRecord
from shared.messaging.queries import serve
from tests.benchmarks.chatter import chatter
from tests.fakes.llm import ChatRequest, vector_of

BEGAN = datetime(2026, 1, 5, 7, tzinfo=UTC)
TALK = 50
"""Messages of a conversation; one begins every hour, and so each makes a batch."""

_DIMENSION = 384
_CHAT = ChatRecord(id=1, ids=[1], telegram_id=-1001, type="supergroup", title="Chat")


def until(messages: int) -> datetime:
    """The end of the window that holds so many messages, a multiple of a conversation's."""
    return BEGAN + timedelta(hours=messages // TALK)


def propose(request: ChatRequest) -> dict[str, Any]:
    """A model's answer to a batch: two tasks, each with a quote."""
    lines = request.data["lines"]
    return {"proposals": [_task(line) for line in lines[:: TALK // 2][:2]]}


def _task(line: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": line["text"][:80],
        "description": line["text"],
        "category": "bug",
        "priority": "medium",
        "tags": ["bench"],
        "sub_tasks": [],
        "component": None,
        "quotes": [{"message": line["number"], "text": line["text"]}],
        "confidence": 0.8,
        "reasoning": "Somebody says so.",
        "recommendation": "approve",
        "repeats": None,
        "details": None,
    }


class Neighbours:
    """Ingestion, scoring, knowledge and embedding, as far as a run needs them.

    Args:
        messages: How many there are, numbered from 1.
    """

    def __init__(self, messages: int) -> None:
        self._texts = list(chatter(messages, seed=31))

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[None]:
        """Answer while within; NATS is bound."""
        found: dict[Any, Any] = {
            ListWindow: self._window,
            MeasureWindow: self._size,
            GetMessages: self._messages,
            GetScores: self._scores,
            GetQuotedAtoms: self._quoted,
            EmbedTexts: self._embed,
            FindNeighbours: self._near,
        }
        served = await serve("others", {query.subject: handler for query, handler in found.items()})
        try:
            yield
        finally:
            await served.stop()

    async def _window(self, query: ListWindow) -> WindowPage:
        start, count = int(query.cursor or 0), self._count(query.until)
        end = min(start + query.limit, count)
        return WindowPage(
            items=[self._text(number) for number in range(start + 1, end + 1)],
            next_cursor=str(end) if end < count else None,
        )

    async def _size(self, query: MeasureWindow) -> WindowSize:
        texts = self._texts[: self._count(query.until)]
        return WindowSize(messages=len(texts), bytes=sum(len(text.encode()) for text in texts))

    async def _messages(self, query: GetMessages) -> list[MessageRecord]:
        return [self._message(number) for number in sorted(query.message_ids)]

    async def _scores(self, query: GetScores) -> list[ScoreRecord]:
        return [
            ScoreRecord(
                message_id=number,
                importance_score=0.8,
                message_class="signal",
                scored_class="signal",
                noise_factors={},
                scorer_version="bench",
                scored_at=BEGAN,
            )
            for number in query.message_ids
        ]

    async def _quoted(self, query: GetQuotedAtoms) -> QuotedAtoms:
        del query
        return QuotedAtoms(atoms=[], links=[])

    async def _embed(self, query: EmbedTexts) -> EmbeddedTexts:
        vectors = [array("f", vector_of(text, _DIMENSION)).tobytes() for text in query.texts]
        return EmbeddedTexts(space_id=1, dimension=_DIMENSION, vectors=vectors)

    async def _near(self, query: FindNeighbours) -> list[list[Neighbour]]:
        return [[] for _ in query.texts]

    def _count(self, end: datetime) -> int:
        return min(len(self._texts), (end - BEGAN) // timedelta(hours=1) * TALK)

    def _text(self, number: int) -> MessageText:
        return MessageText(
            id=number,
            chat_id=1,
            author_id=1,
            sent_at=_sent_at(number),
            written_at=_sent_at(number),
            kind="text",
            text=self._texts[number - 1],
            has_text=True,
            content_hash="",
        )

    def _message(self, number: int) -> MessageRecord:
        return MessageRecord(
            id=number,
            chat=_CHAT,
            telegram_message_id=number,
            author=AuthorRecord(user_id=1, chat_id=None, name="Somebody"),
            kind="text",
            text=self._texts[number - 1],
            has_text=True,
            content_hash="",
            sent_at=_sent_at(number),
        )


def _sent_at(number: int) -> datetime:
    talk, line = divmod(number - 1, TALK)
    return BEGAN + timedelta(hours=talk, seconds=20 * line)
