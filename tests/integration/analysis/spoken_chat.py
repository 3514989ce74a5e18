"""A chat that runs read, as ingestion, scoring and knowledge know it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.contracts.atoms import AtomRecord, Citation, GetQuotedAtoms, QuotedAtoms
from shared.contracts.base import Query
from shared.contracts.errors import unavailable
from shared.contracts.ingestion import (
    AuthorRecord,
    ChatRecord,
    GetMessages,
    ListChats,
    ListWindow,
    MeasureWindow,
    MessageRecord,
    MessageText,
    WindowPage,
    WindowSize,
)
from shared.contracts.scoring import GetScores, ScoreRecord
from shared.messaging.queries import serve

BEGAN = datetime(2026, 3, 2, 8, tzinfo=UTC)
UNTIL = BEGAN + timedelta(days=60)
CHAT = ChatRecord(id=1, ids=[1], telegram_id=-1001, type="supergroup", title="Підтримка")
SUBJECTS = ("експорт звіту", "оплата карткою", "вхід через пошту", "мапа доставки", "друк етикеток")


def words(talk: int, line: int) -> str:
    """What is said in a line of a conversation, both numbered from 1: like nothing else that is said."""
    subject = SUBJECTS[(talk + line) % len(SUBJECTS)]
    return f"Випадок {talk}/{line}: не працює {subject}, клієнти отримують помилку {100 * talk + line}"


@dataclass
class SpokenChat:
    """What the other services answer.

    Attributes:
        texts: What messages say, by id; those of media say nothing, those that are gone are not in it.
        times: When they were sent.
        noise: Messages that are scored as noise; `unscored` those that have no score yet.
        quoted: Messages that an atom quotes: a problem, in the words of the message.
        down: Subjects of queries that are answered with `unavailable`.
        measured_together: Windows are measured once as many have asked as it waits for.
        asked: What was asked, in order.
    """

    texts: dict[int, str | None] = field(default_factory=dict)
    times: dict[int, datetime] = field(default_factory=dict)
    noise: set[int] = field(default_factory=set)
    unscored: set[int] = field(default_factory=set)
    quoted: set[int] = field(default_factory=set)
    down: set[str] = field(default_factory=set)
    measured_together: asyncio.Barrier | None = None
    asked: list[Query[Any]] = field(default_factory=list)

    def talk(self, *, talks: int = 1, lines: int = 50) -> None:
        """Conversations, each an hour after the last; those of fifty lines make a batch each."""
        for _ in range(talks):
            talk = len({time.replace(minute=0, second=0) for time in self.times.values()}) + 1
            for line in range(1, lines + 1):
                number = len(self.texts) + 1
                self.texts[number] = words(talk, line)
                self.times[number] = BEGAN + timedelta(hours=talk - 1, seconds=20 * (line - 1))

    def count(self, query: type[Query[Any]]) -> int:
        """How often something was asked."""
        return sum(isinstance(each, query) for each in self.asked)

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[None]:
        """Be the other services."""
        handlers: dict[Any, Any] = {
            ListChats: self._chats,
            ListWindow: self._window,
            MeasureWindow: self._size,
            GetMessages: self._messages,
            GetScores: self._scores,
            GetQuotedAtoms: self._atoms,
        }
        served = await serve("others", {each.subject: self._noted(does) for each, does in handlers.items()})
        try:
            yield
        finally:
            await served.stop()

    def _noted(self, handler: Any) -> Any:
        async def answer(query: Any) -> Any:
            self.asked.append(query)
            if type(query).subject in self.down:
                raise unavailable("It does not answer.")
            return await handler(query)

        return answer

    async def _chats(self, query: ListChats) -> list[ChatRecord]:
        del query
        return [CHAT]

    async def _window(self, query: ListWindow) -> WindowPage:
        found = self._within(query)
        start = int(query.cursor or 0)
        end = min(start + query.limit, len(found))
        return WindowPage(
            items=[self._text(number) for number in found[start:end]],
            next_cursor=str(end) if end < len(found) else None,
        )

    async def _size(self, query: MeasureWindow) -> WindowSize:
        if self.measured_together is not None:
            await self.measured_together.wait()
        said = [str(self.texts[number]) for number in self._within(query)]
        return WindowSize(messages=len(said), bytes=sum(len(text.encode()) for text in said))

    async def _messages(self, query: GetMessages) -> list[MessageRecord]:
        return [self._message(number) for number in sorted(query.message_ids) if number in self.texts]

    async def _scores(self, query: GetScores) -> list[ScoreRecord]:
        return [self._score(number) for number in query.message_ids if number not in self.unscored]

    async def _atoms(self, query: GetQuotedAtoms) -> QuotedAtoms:
        found = [self._atom(number) for number in query.message_ids if number in self.quoted]
        return QuotedAtoms(atoms=found, links=[])

    def _within(self, query: ListWindow | MeasureWindow) -> list[int]:
        within = (
            number
            for number, text in self.texts.items()
            if text is not None and query.since <= self.times[number] < query.until
        )
        return sorted(within, key=lambda number: (self.times[number], number))

    def _text(self, number: int) -> MessageText:
        return MessageText(
            id=number,
            chat_id=1,
            author_id=1,
            sent_at=self.times[number],
            written_at=self.times[number],
            kind="text",
            text=self.texts[number] or "",
            has_text=True,
            content_hash="",
        )

    def _message(self, number: int) -> MessageRecord:
        text = self.texts[number]
        return MessageRecord(
            id=number,
            chat=CHAT,
            telegram_message_id=number,
            author=AuthorRecord(user_id=1, chat_id=None, name="Олена"),
            kind="text" if text else "photo",
            text=text or "[photo]",
            has_text=text is not None,
            content_hash=str(hash(text)),
            sent_at=self.times[number],
        )

    def _score(self, number: int) -> ScoreRecord:
        is_noise = number in self.noise
        return ScoreRecord(
            message_id=number,
            importance_score=0.1 if is_noise else 0.8,
            message_class="noise" if is_noise else "signal",
            scored_class="signal",
            noise_factors={},
            scorer_version="1",
            scored_at=BEGAN,
        )

    def _atom(self, number: int) -> AtomRecord:
        said = str(self.texts[number])
        return AtomRecord(
            id=number,
            type="problem",
            title=said,
            content=said,
            confidence=0.6,
            status="approved",
            citations=[Citation(message_id=number, quote=said, chat_id=1, sent_at=self.times[number])],
            created_at=BEGAN,
            updated_at=BEGAN,
        )
