"""Knowledge at work in a test: the other services as far as it asks them, and a language model's server."""

import asyncio
from array import array
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import text

from services.knowledge import actors
from shared.contracts.analysis import (
    AgentAccess,
    AgentRecord,
    Prices,
    ProviderAccess,
    ProviderRecord,
    ResolveAgent,
)
from shared.contracts.base import Command
from shared.contracts.embedding import EmbeddedTexts, EmbedTexts, FindNeighbours, Neighbour
from shared.contracts.errors import not_found, unavailable
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
from shared.contracts.knowledge import (
    CheckCitations,
    ConsideredMessage,
    ConsiderMessages,
    ExtractKnowledge,
    ReviewPending,
)
from shared.contracts.scoring import GetScores, MessageClass, ScoreRecord
from shared.llm import Patience, bind_llm, close_llm, new_encryption_key, seal
from shared.messaging.queries import Handler, serve
from shared.messaging.transaction import transaction
from shared.service.actors import Actor
from shared.telemetry import resume_run
from tests.fakes.llm import LlmServer, vector_of
from tests.integration.bound import bound

T = TypeVar("T")

ENCRYPTION_KEY = new_encryption_key()
API_KEY = "sk-very-secret-0123456789"
PROVIDER_ID, AGENT_ID = UUID(int=1), UUID(int=2)
QUICK = Patience(attempts=2, first_pause=0.01, longest_pause=0.2, place=10.0, total=30.0)
MADE = datetime(2026, 1, 1, tzinfo=UTC)
DIMENSION = 64
AUTHORS = ("Олена", "Тарас", "Ірина")

_ACTORS: dict[str, Actor] = {
    each.command.actor_name: each for each in vars(actors).values() if isinstance(each, Actor)
}


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


@dataclass(frozen=True)
class Stage:
    """Where a test plays."""

    world: World
    llm: LlmServer
    database_url: str
    nats_url: str
    namespace: str

    def run(self, scenario: Callable[[], Awaitable[T]]) -> T:
        """Be knowledge while this runs, beside the other services."""

        async def within() -> T:
            async with bound("knowledge", self.database_url, self.nats_url, self.namespace):
                served = [await serve(name, answers) for name, answers in self.world.handlers().items()]
                try:
                    return await scenario()
                finally:
                    await close_llm()
                    for each in served:
                        await each.stop()

        bind_llm(
            encryption_keys=ENCRYPTION_KEY,
            local_embeddings_url=self.llm.url,
            nats_url=self.nats_url,
            namespace=self.namespace,
            patience=QUICK,
        )
        return asyncio.run(within())


async def do(command: Command) -> Any:
    """Run a command's actor."""
    return await _ACTORS[command.actor_name](
        **{name: getattr(command, name) for name in command.__struct_fields__}
    )


async def eventually(look: Callable[[], Awaitable[T]], seconds: float = 30.0) -> T:
    """What is found once something is; fails when nothing is in time."""
    async with asyncio.timeout(seconds):
        while True:
            found = await look()
            if found:
                return found
            await asyncio.sleep(0.02)


async def review() -> None:
    """Run the periodic look."""
    await do(ReviewPending())


async def sent(kind: type[Command]) -> list[tuple[Command, dict[str, str]]]:
    """The commands of a kind that were sent, with the headers of their chains, in order."""
    async with transaction() as tx:
        payloads = (await tx.execute(text("SELECT payload FROM outbox ORDER BY id"))).scalars().all()
    messages = [msgspec.json.decode(payload) for payload in payloads]
    return [
        (msgspec.convert(message["kwargs"], kind), message["options"].get("headers", {}))
        for message in messages
        if message.get("actor_name") == kind.actor_name
    ]


async def do_sent(*kinds: type[Command]) -> int:
    """Run what was sent to knowledge and not run yet, each within its chain; returns how many.

    What is sent meanwhile stays for the next time; what fails can be run again.
    """
    last = await value("SELECT coalesce(max(id), 0) FROM outbox")
    done = 0
    for kind in kinds or (ExtractKnowledge, CheckCitations):
        for command, headers in await sent(kind):
            with resume_run(headers):
                await do(command)
            done += 1
    async with transaction() as tx:
        commands = "convert_from(payload, 'UTF8') LIKE '%\"actor_name\"%'"
        await tx.execute(text(f"DELETE FROM outbox WHERE id <= :last AND {commands}"), {"last": last})  # noqa: S608
    return done


async def rows(statement: str, **given: Any) -> list[tuple[Any, ...]]:
    """What the database says."""
    async with transaction() as tx:
        return [tuple(row) for row in await tx.execute(text(statement), given)]


async def value(statement: str, **given: Any) -> Any:
    """One value of the database."""
    return (await rows(statement, **given))[0][0]


async def states() -> dict[str, int]:
    """How many messages are in each state."""
    found = await rows("SELECT state, count(*) FROM knowledge.pending_messages GROUP BY state")
    return {str(state): int(count) for state, count in found}


async def events(name: str) -> list[Any]:
    """The events of a name that were published, in order."""
    found = await rows(
        "SELECT payload FROM outbox WHERE subject LIKE :subject ORDER BY id", subject=f"%events.{name}"
    )
    return [msgspec.json.decode(payload) for (payload,) in found]


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
