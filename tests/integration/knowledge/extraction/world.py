"""The other services, as far as knowledge asks them."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from shared.contracts.analysis import (
    AgentAccess,
    AgentRecord,
    Prices,
    ProviderAccess,
    ProviderRecord,
    ResolveAgent,
)
from shared.contracts.embedding import EmbeddedTexts, EmbedTexts, FindNeighbours, Neighbour
from shared.contracts.errors import not_found, unavailable
from shared.contracts.extraction import ConsideredMessage, ConsiderMessages
from shared.contracts.ingestion import (
    AuthorRecord,
    ChatRecord,
    GetMessages,
    GetTexts,
    ListMessages,
    MessagePage,
    MessageRecord,
    MessageText,
    TextPage,
)
from shared.contracts.scoring import GetScores, MessageClass, ScoreRecord
from shared.llm import seal
from shared.messaging.queries import Handler
from tests.fakes.llm import vector_of
from tests.integration.knowledge.extraction.looking import rows

API_KEY = "sk-very-secret-0123456789"
PROVIDER_ID, AGENT_ID = UUID(int=1), UUID(int=2)
MADE = datetime(2026, 1, 1, tzinfo=UTC)
DIMENSION = 64
AUTHORS = ("Олена", "Тарас", "Ірина")


@dataclass
class World:
    """What the other services know.

    Attributes:
        now: When the newest of the messages were sent; conversations are placed before it.
        embeds: Whether what is in the tables has vectors already; otherwise only texts are embedded.
        down: Services that do not answer.
        asked: How often each query was answered.
    """

    llm_url: str
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    messages: dict[int, MessageRecord] = field(default_factory=dict)
    classes: dict[int, MessageClass] = field(default_factory=dict)
    agent: AgentAccess | None = None
    embeds: bool = True
    down: set[str] = field(default_factory=set)
    asked: dict[str, int] = field(default_factory=dict)

    def say(  # noqa: PLR0913 - what a message consists of
        self,
        number: int,
        words: str,
        *,
        minutes_ago: float = 120.0,
        chat: int = 1,
        thread: int | None = None,
        message_class: MessageClass = "signal",
        reply_to: int | None = None,
        edited: datetime | None = None,
    ) -> MessageRecord:
        """Have a message, or the new text of one."""
        self.messages[number] = MessageRecord(
            id=number,
            chat=ChatRecord(id=chat, ids=[chat], telegram_id=-chat, type="group", title=f"Чат {chat}"),
            telegram_message_id=number,
            author=AuthorRecord(user_id=1 + number % 3, chat_id=None, name=AUTHORS[number % 3]),
            kind="text",
            text=words,
            has_text=bool(words),
            content_hash=f"{hash(words) & 0xFFFFFFFF:08x}",
            sent_at=self.now - timedelta(minutes=minutes_ago) + timedelta(seconds=number),
            edited_at=edited,
            reply_to_message_id=reply_to,
            thread_id=thread,
        )
        self.classes[number] = message_class
        return self.messages[number]

    def considered(self, numbers: Iterable[int] | None = None, trace: str | None = None) -> ConsiderMessages:
        """The command that scoring sends for messages; all of them when none are named."""
        chosen = [self.messages[number] for number in (sorted(self.messages) if numbers is None else numbers)]
        return ConsiderMessages(
            message_ids=[message.id for message in chosen],
            messages=[
                ConsideredMessage(
                    id=message.id,
                    chat_id=message.chat.id,
                    thread_id=message.thread_id,
                    sent_at=message.sent_at,
                    written_at=message.edited_at or message.sent_at,
                    content_hash=message.content_hash,
                    has_text=message.has_text,
                    message_class=self.classes[message.id],
                    trace=trace,
                )
                for message in chosen
            ],
        )

    def extracts(self, *, provider: dict[str, Any] | None = None, **changes: Any) -> AgentAccess:
        """Have an active agent on the language model's server, with these fields of both."""
        record = msgspec.structs.replace(_provider(self.llm_url), **(provider or {}))
        self.agent = AgentAccess(
            agent=msgspec.structs.replace(_agent(), provider_id=record.id, **changes),
            access=ProviderAccess(provider=record, sealed_key=seal(API_KEY)),
        )
        return self.agent

    def handlers(self) -> dict[str, dict[str, Handler]]:
        """What each service answers."""
        return {
            "analysis": {ResolveAgent.subject: self._resolve},
            "ingestion": {
                GetMessages.subject: self._get_messages,
                GetTexts.subject: self._get_texts,
                ListMessages.subject: self._list_messages,
            },
            "scoring": {GetScores.subject: self._get_scores},
            "embedding": {EmbedTexts.subject: self._embed, FindNeighbours.subject: self._neighbours},
        }

    def _note(self, subject: str) -> None:
        self.asked[subject] = self.asked.get(subject, 0) + 1
        if subject.partition(".")[0] in self.down:
            raise unavailable(f"{subject} is down.")

    async def _resolve(self, query: ResolveAgent) -> AgentAccess:
        self._note(query.subject)
        if self.agent is None or query.agent_id not in (None, self.agent.agent.id):
            raise not_found("agent")
        return self.agent

    async def _get_messages(self, query: GetMessages) -> list[MessageRecord]:
        self._note(query.subject)
        return [self.messages[number] for number in sorted(query.message_ids) if number in self.messages]

    async def _get_texts(self, query: GetTexts) -> TextPage:
        self._note(query.subject)
        wanted = [
            n for n in sorted(set(query.message_ids or ())) if n > query.after_id and n in self.messages
        ]
        page = wanted[:3]  # so that pages have to be turned
        more = len(wanted) > len(page)
        return TextPage(
            items=[_as_text(self.messages[number]) for number in page],
            next_after_id=page[-1] if more else None,
        )

    async def _list_messages(self, query: ListMessages) -> MessagePage:
        self._note(query.subject)
        found = [
            message
            for message in sorted(self.messages.values(), key=lambda message: (message.sent_at, message.id))
            if query.chat_id in (None, message.chat.id)
            and (query.since is None or message.sent_at >= query.since)
            and (query.until is None or message.sent_at < query.until)
        ][::-1]
        begin = int(query.cursor or 0)
        page = found[begin : begin + query.limit]
        more = begin + len(page) < len(found)
        return MessagePage(items=page, next_cursor=str(begin + len(page)) if more else None)

    async def _get_scores(self, query: GetScores) -> list[ScoreRecord]:
        self._note(query.subject)
        return [
            ScoreRecord(
                message_id=number,
                importance_score=0.5,
                message_class=self.classes[number],
                scored_class=self.classes[number],
                noise_factors={},
                scorer_version="1",
                scored_at=MADE,
            )
            for number in sorted(query.message_ids)
            if number in self.classes
        ]

    async def _embed(self, query: EmbedTexts) -> EmbeddedTexts:
        self._note(query.subject)
        vectors = [array("f", unit(each)).tobytes() for each in query.texts]
        return EmbeddedTexts(space_id=1, dimension=DIMENSION, vectors=vectors)

    async def _neighbours(self, query: FindNeighbours) -> list[list[Neighbour]]:
        self._note(query.subject)
        items = await embedded(query.kind, query.filter.atom_types) if self.embeds else []
        return [_nearest(each, items, query) for each in query.texts]


async def embedded(kind: str, types: Sequence[str] | None = None) -> list[tuple[int, str]]:
    """What there is to be found: ids and texts."""
    if kind == "topic":
        found = await rows(
            "SELECT id, name || '. ' || description FROM knowledge.topics"
            " WHERE merged_into IS NULL AND status <> 'rejected'"
        )
    else:
        found = await rows(
            "SELECT id, title || '. ' || content FROM knowledge.atoms WHERE merged_into IS NULL"
            " AND status <> 'rejected' AND (CAST(:types AS text[]) IS NULL OR type = ANY(:types))",
            types=None if types is None else list(types),
        )
    return [(int(item_id), str(words)) for item_id, words in found]


def unit(words: str) -> list[float]:
    """A vector of unit length: the nearer, the more words two texts share."""
    vector = vector_of(words, DIMENSION)
    length = sum(each * each for each in vector) ** 0.5 or 1.0
    return [each / length for each in vector]


def _nearest(words: str, items: Iterable[tuple[int, str]], query: FindNeighbours) -> list[Neighbour]:
    wanted = unit(words)
    found = [
        Neighbour(
            kind=query.kind,
            id=item_id,
            similarity=max(-1.0, min(1.0, sum(a * b for a, b in zip(wanted, unit(other), strict=True)))),
        )
        for item_id, other in items
    ]
    near = [each for each in found if each.similarity >= query.least]
    return sorted(near, key=lambda each: -each.similarity)[: query.limit]


def _as_text(message: MessageRecord) -> MessageText:
    return MessageText(
        id=message.id,
        chat_id=message.chat.id,
        author_id=message.author.user_id if message.author else None,
        sent_at=message.sent_at,
        written_at=message.edited_at or message.sent_at,
        kind=message.kind,
        text=message.text,
        has_text=message.has_text,
        content_hash=message.content_hash,
        thread_id=message.thread_id,
    )


def _provider(url: str) -> ProviderRecord:
    return ProviderRecord(
        id=PROVIDER_ID,
        name="Fake",
        type="openai",
        base_url=url,
        has_api_key=True,
        chat_model="chat-model",
        document_model="embedding-model",
        query_model="embedding-model",
        timeout_seconds=5.0,
        prices=Prices(input=1.0, output=2.0, embedding=0.5),
        created_at=MADE,
        updated_at=MADE,
    )


def _agent() -> AgentRecord:
    return AgentRecord(
        id=AGENT_ID,
        name="Екстрактор",
        kind="knowledge_extractor",
        provider_id=PROVIDER_ID,
        active=True,
        created_at=MADE,
        updated_at=MADE,
    )
