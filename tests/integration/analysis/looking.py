"""What the tests of analysis make and look at."""

from typing import Any
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import text

from services.analysis import queries
from shared.contracts.analysis import (
    AgentKind,
    AgentRecord,
    CreateAgent,
    CreateProvider,
    ListAgents,
    ProviderRecord,
)
from shared.contracts.errors import QueryError
from shared.messaging.transaction import transaction


async def a_provider(name: str = "Ollama", **given: Any) -> ProviderRecord:
    """A provider as a person makes one."""
    defaults: dict[str, Any] = {"type": "ollama", "chat_model": "llama3", "document_model": "bge-m3"}
    defaults |= {"provider_id": uuid4(), "name": name}
    return await queries.create_provider(CreateProvider(**defaults | given))


async def an_agent(provider_id: UUID, name: str = "Extractor", **given: Any) -> AgentRecord:
    """An agent as a person makes one."""
    defaults: dict[str, Any] = {"agent_id": uuid4(), "kind": "knowledge_extractor"}
    return await queries.create_agent(CreateAgent(name=name, provider_id=provider_id, **(defaults | given)))


async def active(kind: AgentKind) -> list[AgentRecord]:
    """The active agents of a kind: one at the most."""
    return [each for each in await queries.list_agents(ListAgents()) if each.kind == kind and each.active]


async def rows(statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """What the service's own schema holds."""
    async with transaction() as tx:
        return [tuple(row) for row in await tx.execute(text(statement), parameters)]


async def commands(actor: str) -> list[dict[str, Any]]:
    """The arguments of the commands for an actor that lie in the outbox, oldest first."""
    found = await rows("SELECT payload FROM outbox WHERE subject NOT LIKE '%events.%' ORDER BY id")
    bodies = [msgspec.json.decode(payload) for (payload,) in found]
    return [body["kwargs"] for body in bodies if body["actor_name"] == actor]


async def events(name: str) -> list[dict[str, Any]]:
    """The events of a name that lie in the outbox, oldest first."""
    found = await rows(
        "SELECT payload FROM outbox WHERE subject LIKE :name ORDER BY id", name=f"%events.analysis.{name}"
    )
    return [msgspec.json.decode(payload) for (payload,) in found]


async def refusal(call: Any) -> tuple[str, str | None, str]:
    """Code, field and words with which a query is refused."""
    try:
        await call
    except QueryError as error:
        return error.code, error.body.field, error.body.message
    raise AssertionError("was not refused")
