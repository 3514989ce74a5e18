"""A small embedding that answers the real queries from memory."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec

from services.gateway.routes.embedding_examples import COVERAGE, REINDEX
from shared.contracts.embedding import (
    Coverage,
    GetCoverage,
    GetReindex,
    ReindexRecord,
    ScoreParts,
    Search,
    SearchHit,
    SearchPage,
    StartEmbedding,
    StartReindex,
)
from shared.contracts.errors import QueryError, not_found
from shared.contracts.ingestion import MessageRecord
from shared.messaging.queries import Handler

_PARTS = ScoreParts(vector=0.8, words=0.5, vector_z=1.0, words_z=2.0)


@dataclass
class Embedding:
    """What the answers are made of, and which queries came."""

    hits: list[SearchHit] = field(default_factory=list)
    degraded: str | None = None
    reindexes: list[ReindexRecord] = field(default_factory=list)
    refusal: QueryError | None = None
    asked: list[Any] = field(default_factory=list)

    def clear(self) -> None:
        """Find nothing."""
        for known in (self.hits, self.reindexes, self.asked):
            known.clear()
        self.degraded = self.refusal = None

    def find(self, *messages: MessageRecord) -> None:
        """Have searches find these messages, in this order, and an atom behind them."""
        for place, message in enumerate(messages):
            hit = SearchHit(
                kind="message",
                id=message.id,
                score=3.0 - place,
                parts=_PARTS,
                text=message.text,
                matches=[(0, 4)],
                at=message.sent_at,
                message_class="signal",
                chat_id=message.chat.id,
                author_id=message.author.user_id if message.author else None,
            )
            self.hits.append(hit)
        at = messages[0].sent_at + timedelta(hours=1)
        atom = SearchHit(kind="atom", id=18, score=-1.0, parts=_PARTS, text="Так.", title="Рішення", at=at)
        self.hits.append(msgspec.structs.replace(atom, atom_type="decision", status="approved"))

    def handlers(self) -> dict[type, Handler]:
        found: dict[type, Handler] = {
            Search: self.search,
            GetCoverage: self.get_coverage,
            StartEmbedding: self.start_embedding,
            StartReindex: self.start_reindex,
            GetReindex: self.get_reindex,
        }
        return {query: self._noting(handler) for query, handler in found.items()}

    def _noting(self, handler: Handler) -> Handler:
        async def note(query: object) -> object:
            self.asked.append(query)
            if self.refusal is not None:
                raise self.refusal
            return await handler(query)

        return note

    async def search(self, query: Search) -> SearchPage:
        start = int(query.cursor) if query.cursor else 0
        page = self.hits[start : start + query.limit]
        end = start + len(page)
        return SearchPage(
            items=page,
            next_cursor=str(end) if end < len(self.hits) else None,
            space_id=1,
            basic_mode=True,
            degraded=self.degraded,
            took_ms=4.2,
        )

    async def get_coverage(self, _query: GetCoverage) -> Coverage:
        return COVERAGE

    async def start_embedding(self, _query: StartEmbedding) -> None:
        return None

    async def start_reindex(self, query: StartReindex) -> ReindexRecord:
        record = msgspec.structs.replace(REINDEX, run_id=query.run_id, status="pending")
        self.reindexes.append(record)
        return record

    async def get_reindex(self, query: GetReindex) -> ReindexRecord:
        for record in self.reindexes:
            if record.run_id == query.run_id:
                return record
        raise not_found(f"reindex {query.run_id}")
