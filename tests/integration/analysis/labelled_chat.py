"""A chat whose messages people have labelled, as knowledge, ingestion and embedding know it."""

from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from shared.contracts.embedding import EmbeddedTexts, EmbedTexts
from shared.contracts.errors import QueryError
from shared.contracts.experiments import SnapshotTopic
from shared.contracts.ingestion import GetTexts, MessageText, TextPage
from shared.contracts.knowledge import GetKnowledgeTexts, KnowledgeText, KnowledgeTextPage
from shared.contracts.topics import LabelPage, LabelRecord, ListLabels, ListTopics, TopicPage, TopicRecord
from shared.messaging.queries import serve
from tests.fakes.llm import vector_of

AT = datetime(2026, 10, 5, 6, tzinfo=UTC)
WORDS = {
    1: ("Повільний пошук", "пошук книжок за назвою та ISBN думає секунди, потрібен індекс"),
    2: ("Листи у спамі", "листи з чеками потрапляють у спам, бо домен розсилки без DKIM"),
    3: ("Сканер без мережі", "сканер у підвалі працює без мережі й синхронізує пізніше"),
}


@dataclass
class LabelledChat:
    """What the other services answer.

    Attributes:
        labels: Topics by message id.
        texts: By message id; one that is missing has none.
        approved: Further topics that people approved.
        hidden: Topics that were rejected or merged away meanwhile.
        changes_space_after: So many questions; then vectors are of another space. None never.
        embedding_is_down: Embedding says that it cannot answer.
        embedded: Numbers of texts of the questions that embedding was asked.
    """

    labels: dict[int, int] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    approved: list[SnapshotTopic] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    changes_space_after: int | None = None
    embedding_is_down: bool = False
    embedded: list[int] = field(default_factory=list)

    def fill(self, messages: int, topics: int = 3) -> None:
        """Label so many messages, of each topic about as many; each says what its topic is about."""
        for number in range(1, messages + 1):
            topic_id = (number - 1) % topics + 1
            self.labels[number] = topic_id
            self.texts[number] = f"{number}: {WORDS[topic_id][1]}"

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[None]:
        """Be the other services."""
        found: dict[Any, Any] = {
            ListLabels: self._list_labels,
            GetKnowledgeTexts: self._topics,
            ListTopics: self._approved,
            GetTexts: self._texts,
            EmbedTexts: self._embed,
        }
        served = await serve("others", {query.subject: handler for query, handler in found.items()})
        try:
            yield
        finally:
            await served.stop()

    async def _list_labels(self, query: ListLabels) -> LabelPage:
        after = [each for each in sorted(self.labels) if each > query.after_id]
        items = [
            LabelRecord(message_id=each, topic_id=self.labels[each], source="given", by="Олена", at=AT)
            for each in after[: query.limit]
        ]
        return LabelPage(
            items=items, next_after_id=items[-1].message_id if len(after) > query.limit else None
        )

    async def _topics(self, query: GetKnowledgeTexts) -> KnowledgeTextPage:
        return KnowledgeTextPage(
            items=[
                KnowledgeText(
                    id=each,
                    title=WORDS[each][0],
                    text=WORDS[each][1],
                    content_hash="",
                    at=AT,
                    status="approved",
                    hidden=each in self.hidden,
                )
                for each in sorted(query.ids or ())
                if each > query.after_id
            ]
        )

    async def _approved(self, query: ListTopics) -> TopicPage:
        assert query.status == "approved"
        return TopicPage(
            items=[
                TopicRecord(
                    id=each.id,
                    name=each.name,
                    description=each.description,
                    icon="💬",
                    colour="#336699",
                    status="approved",
                    confidence=1.0,
                    created_at=AT,
                    updated_at=AT,
                )
                for each in self.approved
            ]
        )

    async def _texts(self, query: GetTexts) -> TextPage:
        asked = [each for each in sorted(query.message_ids or ()) if each > query.after_id]
        return TextPage(items=[self._text(each) for each in asked])

    def _text(self, message_id: int) -> MessageText:
        return MessageText(
            id=message_id,
            chat_id=1,
            author_id=1,
            sent_at=AT,
            written_at=AT,
            kind="text" if message_id in self.texts else "photo",
            text=self.texts.get(message_id, "[photo]"),
            has_text=message_id in self.texts,
            content_hash="",
        )

    async def _embed(self, query: EmbedTexts) -> EmbeddedTexts:
        self.embedded.append(len(query.texts))
        if self.embedding_is_down:
            raise QueryError("unavailable", "The embedder does not answer.")
        vectors = [array("f", vector_of(text, 64)).tobytes() for text in query.texts]
        has_changed = self.changes_space_after is not None and len(self.embedded) > self.changes_space_after
        return EmbeddedTexts(space_id=2 if has_changed else 1, dimension=64, vectors=vectors)
