"""A service that asks language models, in a test: its schema, prompts and agent, and the fake provider."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta
from sqlalchemy import text

from shared.contracts.analysis import (
    AgentAccess,
    AgentRecord,
    LlmCall,
    Prices,
    ProviderAccess,
    ProviderRecord,
    RecordLlmCalls,
)
from shared.llm import (
    ANSWERS_DDL,
    AgentSession,
    Patience,
    PromptFolder,
    Question,
    Usage,
    bind_llm,
    close_llm,
    new_encryption_key,
    open_agent_on,
    seal,
)
from shared.messaging.transaction import transaction
from tests.fakes.llm import LlmServer
from tests.integration.bound import bound

T = TypeVar("T")

SERVICE = "knowledge"
PROMPTS = PromptFolder(Path(__file__).parent / "prompts")
ENCRYPTION_KEY = new_encryption_key()
API_KEY = "sk-very-secret-0123456789"
PROVIDER_ID, AGENT_ID = UUID(int=1), UUID(int=2)
QUICK = Patience(attempts=3, first_pause=0.01, longest_pause=0.5, place=10.0, total=30.0)
_MADE = datetime(2026, 1, 1, tzinfo=UTC)


class Lines(msgspec.Struct, frozen=True):
    """What was said."""

    lines: list[str]


class Verdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How people feel."""

    mood: Literal["good", "bad"]
    score: Annotated[float, Meta(ge=0, le=1)]


GOOD = {"mood": "good", "score": 0.9}


def judge(*lines: str) -> Question[Verdict]:
    """The question of these tests."""
    return Question("judge", Lines(list(lines)), Verdict, PROMPTS)


@dataclass(frozen=True)
class Stage:
    """Where a test plays."""

    llm: LlmServer
    database_url: str
    nats_url: str
    namespace: str

    def provider(self, **changes: Any) -> ProviderAccess:
        """The fake server as a provider."""
        record = ProviderRecord(
            id=PROVIDER_ID,
            name="Fake",
            type="openai",
            base_url=self.llm.url,
            has_api_key=True,
            chat_model="chat-model",
            document_model="embedding-model",
            query_model="embedding-model",
            prices=Prices(input=1.0, output=2.0, embedding=0.5),
            created_at=_MADE,
            updated_at=_MADE,
        )
        return ProviderAccess(provider=msgspec.structs.replace(record, **changes), sealed_key=seal(API_KEY))

    def agent(self, provider: ProviderAccess | None = None, **changes: Any) -> AgentAccess:
        """An agent on it."""
        record = AgentRecord(
            id=AGENT_ID,
            name="Judge",
            kind="knowledge_extractor",
            provider_id=PROVIDER_ID,
            created_at=_MADE,
            updated_at=_MADE,
        )
        return AgentAccess(
            agent=msgspec.structs.replace(record, **changes), access=provider or self.provider()
        )

    def session(self, spent: Usage | None = None, **changes: Any) -> AgentSession:
        """The agent at work."""
        return open_agent_on(self.agent(**changes), spent=spent)

    def run(self, scenario: Callable[[], Awaitable[T]], *, patience: Patience = QUICK) -> T:
        """Be the service while this runs."""

        async def within() -> T:
            async with bound(SERVICE, self.database_url, self.nats_url, self.namespace):
                try:
                    return await scenario()
                finally:
                    await close_llm()

        self.bind(patience)
        return asyncio.run(within())

    def bind(self, patience: Patience = QUICK) -> None:
        """Say where the servers are."""
        bind_llm(
            encryption_keys=ENCRYPTION_KEY,
            local_embeddings_url=self.llm.url,
            nats_url=self.nats_url,
            namespace=self.namespace,
            patience=patience,
        )


async def prepare_schema() -> None:
    """Have an empty answer cache and outbox."""
    async with transaction() as tx:
        exists = await tx.connection.scalar(text("SELECT to_regclass('llm_answers')"))
        for statement in () if exists else ANSWERS_DDL:
            await tx.execute(text(statement.format(schema=SERVICE)))
        await tx.execute(text("TRUNCATE outbox, llm_answers"))


async def recorded_calls() -> list[LlmCall]:
    """The calls that were told to analysis, in order."""
    async with transaction() as tx:
        payloads = (await tx.execute(text("SELECT payload FROM outbox ORDER BY id"))).scalars().all()
    messages = [msgspec.json.decode(payload) for payload in payloads]
    commands = [
        msgspec.convert(message["kwargs"], RecordLlmCalls)
        for message in messages
        if message["actor_name"] == RecordLlmCalls.actor_name
    ]
    return [call for command in commands for call in command.calls]


async def kept_answers() -> int:
    """How many answers are cached."""
    async with transaction() as tx:
        return int((await tx.execute(text("SELECT count(*) FROM llm_answers"))).scalar_one())
