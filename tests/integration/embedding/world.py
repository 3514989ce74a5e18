"""Everything around embedding, in memory: who has texts and scores, which provider is used, what was sent."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import dramatiq
import msgspec
from sqlalchemy import text

from services.embedding import actors
from services.embedding.repository.spaces import all_spaces
from services.embedding.spaces import Space
from shared.contracts.analysis import (
    AgentAccess,
    AgentRecord,
    GetProviderAccess,
    ProviderAccess,
    ProviderRecord,
    ResolveAgent,
)
from shared.contracts.base import COMMANDS
from shared.contracts.embedding import ScoredText
from shared.contracts.errors import not_found
from shared.contracts.ingestion import GetTexts, MessageText, TextPage
from shared.contracts.knowledge import GetKnowledgeTexts, KnowledgeText, KnowledgeTextPage
from shared.contracts.scoring import GetScores, MessageClass, ScoreRecord
from shared.llm import Patience, bind_llm, close_llm
from shared.messaging.queries import Handler, serve
from shared.messaging.transaction import transaction
from shared.service.actors import actors_in
from tests.conftest import Database
from tests.fakes.llm import LlmServer
from tests.integration.bound import bound

T = TypeVar("T")

BEGAN = datetime(2026, 3, 1, 8, tzinfo=UTC)
FIRST, SECOND = UUID(int=1), UUID(int=2)
_QUICK = Patience(attempts=2, first_pause=0.01, longest_pause=0.1, place=10.0, total=20.0)
_SCORES: dict[MessageClass, float] = {"noise": 0.1, "weak_signal": 0.5, "signal": 0.9}


def message(number: int, words: str, *, later: int = 0, chat: int = 1, author: int | None = 3) -> MessageText:
    """A message, sent `number` minutes after the beginning and written `later` seconds after that."""
    sent_at = BEGAN + timedelta(minutes=number)
    return MessageText(
        id=number,
        chat_id=chat,
        author_id=author,
        sent_at=sent_at,
        written_at=sent_at + timedelta(seconds=later),
        kind="text",
        text=words,
        has_text=True,
        content_hash=f"{zlib.crc32(words.encode()):x}",
    )


def scored(each: MessageText, message_class: MessageClass = "signal") -> ScoredText:
    """A message with its class."""
    return ScoredText(message=each, message_class=message_class, importance_score=_SCORES[message_class])


def atom(number: int, title: str, words: str, **changes: Any) -> KnowledgeText:
    """An atom as knowledge tells it."""
    told = KnowledgeText(
        id=number,
        title=title,
        text=words,
        content_hash=f"{zlib.crc32(f'{title}|{words}'.encode()):x}",
        at=BEGAN + timedelta(minutes=number),
        atom_type="decision",
        status="approved",
        chat_ids=[1],
        author_ids=[3],
    )
    return msgspec.structs.replace(told, **changes)


@dataclass
class World:
    """What the other services have, and a way to be embedding among them."""

    llm: LlmServer
    database: Database
    nats_url: str
    namespace: str
    providers: dict[UUID, ProviderRecord] = field(default_factory=dict)
    agent: AgentRecord | None = None
    messages: dict[int, MessageText] = field(default_factory=dict)
    classes: dict[int, MessageClass] = field(default_factory=dict)
    atoms: dict[int, KnowledgeText] = field(default_factory=dict)
    topics: dict[int, KnowledgeText] = field(default_factory=dict)

    def use(self, provider_id: UUID = FIRST, **changes: Any) -> None:
        """Have the active embedder use a provider, the fake server unless changed."""
        known = self.providers.get(provider_id)
        now = BEGAN + timedelta(hours=len(self.providers)) if known is None else known.updated_at
        record = ProviderRecord(
            id=provider_id,
            name=f"Provider {provider_id.int}",
            type="openai",
            base_url=self.llm.url,
            has_api_key=False,
            chat_model=None,
            document_model="embedding-model",
            query_model="embedding-model",
            created_at=now,
            updated_at=now,
        )
        self.providers[provider_id] = msgspec.structs.replace(record, **changes)
        self.agent = AgentRecord(
            id=UUID(int=9),
            name="Embedder",
            kind="embedder",
            provider_id=provider_id,
            active=True,
            created_at=BEGAN,
            updated_at=BEGAN,
        )

    def know(self, *given: ScoredText) -> None:
        """Have messages in ingestion and scores in scoring."""
        for each in given:
            self.messages[each.message.id] = each.message
            self.classes[each.message.id] = each.message_class

    def run(self, scenario: Callable[[], Awaitable[T]]) -> T:
        """Be embedding while this runs, with the other services answering."""

        async def within() -> T:
            url = self.database.url("embedding")
            async with bound("embedding", url, self.nats_url, self.namespace):
                served = await serve("others", self._handlers())
                try:
                    return await scenario()
                finally:
                    await served.stop()
                    await close_llm()

        bind_llm(
            encryption_keys="",
            local_embeddings_url=self.llm.url,
            nats_url=self.nats_url,
            namespace=self.namespace,
            patience=_QUICK,
        )
        return asyncio.run(within())

    def _handlers(self) -> dict[str, Handler]:
        found: dict[Any, Handler] = {
            ResolveAgent: self._resolve,
            GetProviderAccess: self._access,
            GetTexts: self._texts,
            GetScores: self._scores,
            GetKnowledgeTexts: self._knowledge,
        }
        return {query.subject: handler for query, handler in found.items()}

    async def _resolve(self, _query: ResolveAgent) -> AgentAccess:
        if self.agent is None:
            raise not_found("active embedder")
        access = ProviderAccess(provider=self.providers[self.agent.provider_id])
        return AgentAccess(agent=self.agent, access=access)

    async def _access(self, query: GetProviderAccess) -> ProviderAccess:
        if query.provider_id not in self.providers:
            raise not_found(f"provider {query.provider_id}")
        return ProviderAccess(provider=self.providers[query.provider_id])

    async def _texts(self, query: GetTexts) -> TextPage:
        wanted = [
            each
            for number, each in sorted(self.messages.items())
            if number > query.after_id and (query.message_ids is None or number in query.message_ids)
        ]
        page = wanted[: query.limit]
        return TextPage(items=page, next_after_id=page[-1].id if len(wanted) > len(page) else None)

    async def _scores(self, query: GetScores) -> list[ScoreRecord]:
        return [
            ScoreRecord(
                message_id=number,
                importance_score=_SCORES[self.classes[number]],
                message_class=self.classes[number],
                scored_class=self.classes[number],
                noise_factors={},
                scorer_version="1",
                scored_at=BEGAN,
            )
            for number in sorted(query.message_ids)
            if number in self.classes
        ]

    async def _knowledge(self, query: GetKnowledgeTexts) -> KnowledgeTextPage:
        known = self.atoms if query.entity == "atom" else self.topics
        wanted = [
            each
            for number, each in sorted(known.items())
            if number > query.after_id and (query.ids is None or number in query.ids)
        ]
        page = wanted[: query.limit]
        return KnowledgeTextPage(items=page, next_after_id=page[-1].id if len(wanted) > len(page) else None)


_ACTORS = {each.command.actor_name: each for each in actors_in(actors)}


async def work_off() -> list[tuple[str, Any]]:
    """Run what embedding has sent itself until nothing is left; returns which actors ran, and results."""
    ran: list[tuple[str, Any]] = []
    while True:
        async with transaction() as tx:
            rows = await tx.execute(
                text("UPDATE outbox SET sent_at = now() WHERE sent_at IS NULL RETURNING id, subject, payload")
            )
            waiting = sorted((row.id, row.payload) for row in rows if "events." not in row.subject)
        messages = [dramatiq.Message.decode(payload) for _, payload in waiting]
        own = [each for each in messages if each.actor_name in _ACTORS]
        if not own:
            return ran
        for each in own:
            fields = msgspec.convert(each.kwargs, COMMANDS[each.actor_name])
            given = {name: getattr(fields, name) for name in fields.__struct_fields__}
            ran.append((each.actor_name, await _ACTORS[each.actor_name](**given)))


async def said(event_name: str) -> list[Any]:
    """The events of a name that were published, in order."""
    async with transaction() as tx:
        rows = await tx.execute(
            text(
                "SELECT payload FROM outbox WHERE subject LIKE '%events.' || CAST(:name AS text) ORDER BY id"
            ),
            {"name": event_name},
        )
        return [msgspec.json.decode(row.payload) for row in rows]


async def vectors_in(space_id: int, kind: str = "message") -> list[int]:
    """The ids of what has a vector in a space."""
    async with transaction() as tx:
        rows = await tx.execute(text(f"SELECT item_id FROM {kind}_vectors_{space_id:d} ORDER BY item_id"))  # noqa: S608
        return [row.item_id for row in rows]


async def spaces() -> list[Space]:
    """Every space, the active one first."""
    async with transaction() as tx:
        return await all_spaces(tx)


@contextmanager
def counted(llm: LlmServer) -> Iterator[list[str]]:
    """The texts that are sent to be embedded meanwhile."""
    before = len(llm.embeddings.requests)
    texts: list[str] = []
    yield texts
    texts += [each for request in llm.embeddings.requests[before:] for each in request.texts]
