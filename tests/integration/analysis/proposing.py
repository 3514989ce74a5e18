"""What the tests of proposing do: a batch of messages, an agent that is asked, services that know more."""

from array import array
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import hypot
from typing import Any, TypeVar
from uuid import UUID, uuid4

import msgspec

from services.analysis.models import PROMPTS, RULES
from services.analysis.proposed import BatchWork, NewProposal, Proposed
from services.analysis.proposing import propose
from services.analysis.runs.freezing import thaw
from services.analysis.tables import LOCAL_PROPOSER, LOCAL_PROVIDER
from shared.contracts.atoms import AtomRecord, Citation, GetAtoms, GetQuotedAtoms, LinkRecord, QuotedAtoms
from shared.contracts.embedding import EmbeddedTexts, EmbedTexts, FindNeighbours, Neighbour
from shared.contracts.errors import unavailable
from shared.contracts.ingestion import AuthorRecord, ChatRecord, MessageRecord
from shared.contracts.knowledge import TopicRef
from shared.contracts.projects import ProjectRecord
from shared.contracts.runs import RunSnapshot
from shared.llm import Question, open_agent_on
from shared.messaging.queries import serve
from shared.messaging.transaction import transaction
from tests.fakes.llm import vector_of

Answer = TypeVar("Answer", bound=msgspec.Struct)
Beside = Callable[[Callable[[], Awaitable[Any]]], Any]
"""Runs a scenario as analysis, beside the services that a batch is proposed with."""

SENT = datetime(2026, 10, 19, 7, tzinfo=UTC)
CHAT = ChatRecord(id=1, ids=[1], telegram_id=-1001, type="supergroup", title="Каса")
_DIMENSION = 256


def message(number: int, words: str, author: str = "Марта", reply_to: int | None = None) -> MessageRecord:
    """A message of the chat, sent a minute after the one before."""
    return MessageRecord(
        id=number,
        chat=CHAT,
        telegram_message_id=number * 10,
        author=AuthorRecord(user_id=3, chat_id=None, name=author),
        kind="text",
        text=words,
        has_text=True,
        content_hash=f"{number}:{words}",
        sent_at=SENT + timedelta(minutes=number),
        reply_to_message_id=None if reply_to is None else reply_to * 10,
    )


def atom(number: int, kind: Any, *quotes: tuple[int, str], **fields: Any) -> AtomRecord:
    """An atom that quotes messages; its title is the first quote."""
    given: dict[str, Any] = {
        "id": number,
        "type": kind,
        "title": quotes[0][1],
        "content": quotes[0][1],
        "confidence": 0.5,
        "status": "needs_review",
        "topics": [TopicRef(id=1, name="Каса", icon="💬", colour="#336699")],
        "citations": [
            Citation(message_id=each, quote=words, chat_id=1, sent_at=SENT, author="Марта")
            for each, words in quotes
        ],
        "created_at": SENT,
        "updated_at": SENT,
    }
    return AtomRecord(**(given | fields))


def link(source: int, target: int, kind: Any = "solves") -> LinkRecord:
    """How one atom stands to another."""
    return LinkRecord(
        id=source * 1000 + target, from_atom=source, to_atom=target, type=kind, strength=0.6, created_at=SENT
    )


@dataclass
class Others:
    """What knowledge and embedding answer.

    Attributes:
        atoms: What there is; atoms that quote a message are told when it is asked for.
        near: Ids of the atoms that are near to whatever is asked.
        space_id: Of the vectors, in which texts that share pieces of words are near to each other.
    """

    atoms: list[AtomRecord] = field(default_factory=list)
    links: list[LinkRecord] = field(default_factory=list)
    near: list[int] = field(default_factory=list)
    space_id: int = 3
    knowledge_is_down: bool = False
    embedding_is_down: bool = False

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[None]:
        """Be the other services."""
        found: dict[Any, Any] = {
            GetQuotedAtoms: self._quoted,
            GetAtoms: self._atoms,
            EmbedTexts: self._embed,
            FindNeighbours: self._neighbours,
        }
        served = await serve("others", {query.subject: handler for query, handler in found.items()})
        try:
            yield
        finally:
            await served.stop()

    async def _quoted(self, query: GetQuotedAtoms) -> QuotedAtoms:
        if self.knowledge_is_down:
            raise unavailable("Knowledge is away.")
        wanted = set(query.message_ids)
        atoms = [each for each in self.atoms if wanted & {cited.message_id for cited in each.citations}]
        return QuotedAtoms(atoms=atoms, links=self.links)

    async def _atoms(self, query: GetAtoms) -> list[AtomRecord]:
        return [each for each in self.atoms if each.id in query.atom_ids]

    async def _embed(self, query: EmbedTexts) -> EmbeddedTexts:
        self._check_embedding()
        vectors = [vector_of(text, _DIMENSION) for text in query.texts]
        packed = [array("f", (each / hypot(*vector) for each in vector)).tobytes() for vector in vectors]
        return EmbeddedTexts(space_id=self.space_id, dimension=_DIMENSION, vectors=packed)

    async def _neighbours(self, query: FindNeighbours) -> list[list[Neighbour]]:
        self._check_embedding()
        near = [Neighbour(kind="atom", id=each, similarity=0.9 - each / 1000) for each in self.near]
        return [near for _ in query.texts]

    def _check_embedding(self) -> None:
        if self.embedding_is_down:
            raise unavailable("There is no vector space yet.")


def snapshot_of(project_id: UUID, provider_id: UUID = LOCAL_PROVIDER, **given: Any) -> RunSnapshot:
    """What a run works with; in basic mode unless a provider is named."""
    project = {"id": project_id, "name": "Каса", "created_at": SENT, "updated_at": SENT}
    basic_mode = provider_id == LOCAL_PROVIDER
    defaults: dict[str, Any] = {
        "project": ProjectRecord(**(project | given.pop("project", {}))),
        "agent_id": LOCAL_PROPOSER,
        "agent_name": "Task proposer",
        "provider_id": provider_id,
        "provider_name": "local" if basic_mode else "OpenAI",
        "model": "local" if basic_mode else "chat-model",
        "prompt": "propose_tasks",
        "language": "uk",
        "temperature": 0.0,
        "max_tokens": 1_000_000,
        "max_cost": 100.0,
        "basic_mode": basic_mode,
    }
    return RunSnapshot(**(defaults | given))


async def proposed(
    snapshot: RunSnapshot,
    messages: Sequence[MessageRecord],
    *,
    run_id: UUID | None = None,
    use_rag: bool = False,
) -> Proposed:
    """What a batch comes to."""
    async with transaction() as tx:
        access = await thaw(tx, snapshot)
    assert access is not None
    session = open_agent_on(access, rules=RULES)

    async def ask(task: str, data: msgspec.Struct, answer: type[Answer]) -> Answer:
        return (await session.chat.ask(Question(task, data, answer, PROMPTS))).answer

    return await propose(BatchWork(run_id or uuid4(), snapshot, use_rag, messages, ask))


def answer_of(*proposals: dict[str, Any]) -> dict[str, Any]:
    """A model's answer."""
    defaults: dict[str, Any] = {
        "title": "Рахувати спроби PIN на зміну",
        "description": "Лічильник спроб рахується на вкладку.",
        "category": "bug",
        "priority": "medium",
        "tags": ["pin"],
        "sub_tasks": [],
        "component": None,
        "quotes": [],
        "confidence": 0.9,
        "reasoning": "Це сказано прямо.",
        "recommendation": "approve",
        "repeats": None,
        "details": None,
    }
    return {"proposals": [defaults | proposal for proposal in proposals]}


def quote(number: int, words: str) -> dict[str, Any]:
    """A quote of the line with this number."""
    return {"message": number, "text": words}


def by_title(found: Proposed) -> dict[str, NewProposal]:
    """Proposals by their titles."""
    return {proposal.title: proposal for proposal in found.proposals}
