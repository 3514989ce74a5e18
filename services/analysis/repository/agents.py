"""Agents: their rows, and which one of a kind is active."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, select, update

from services.analysis.tables import AgentConfig
from shared.contracts.analysis import AgentKind, AgentRecord
from shared.contracts.errors import not_found
from shared.messaging.transaction import Transaction


async def find_agent(tx: Transaction, agent_id: UUID) -> AgentRecord | None:
    """The agent with this id."""
    row = (await tx.execute(_select().where(AgentConfig.id == agent_id))).first()
    return None if row is None else _record(row)


async def get_agent(tx: Transaction, agent_id: UUID) -> AgentRecord:
    """The agent with this id.

    Raises:
        QueryError: `not_found`.
    """
    found = await find_agent(tx, agent_id)
    if found is None:
        raise not_found(f"agent {agent_id}")
    return found


async def all_agents(tx: Transaction) -> list[AgentRecord]:
    """All agents, by kind and name."""
    statement = _select().order_by(AgentConfig.kind, func.lower(AgentConfig.name), AgentConfig.id)
    return [_record(row) for row in await tx.execute(statement)]


async def agents_using(tx: Transaction, provider_id: UUID) -> list[AgentRecord]:
    """The agents that use a provider, by name."""
    statement = _select().where(AgentConfig.provider_id == provider_id).order_by(func.lower(AgentConfig.name))
    return [_record(row) for row in await tx.execute(statement)]


async def active_agent(tx: Transaction, kind: AgentKind) -> AgentRecord | None:
    """The active agent of a kind."""
    row = (await tx.execute(_select().where(AgentConfig.kind == kind, AgentConfig.active))).first()
    return None if row is None else _record(row)


async def oldest_agent(tx: Transaction, kind: AgentKind) -> AgentRecord | None:
    """The agent of a kind that was made first."""
    statement = _select().where(AgentConfig.kind == kind).order_by(AgentConfig.created_at, AgentConfig.id)
    row = (await tx.execute(statement.limit(1))).first()
    return None if row is None else _record(row)


async def agent_named(tx: Transaction, name: str, *, other_than: UUID) -> AgentRecord | None:
    """Another agent that has this name, in whatever case."""
    statement = _select().where(
        func.lower(AgentConfig.name) == func.lower(name), AgentConfig.id != other_than
    )
    row = (await tx.execute(statement)).first()
    return None if row is None else _record(row)


async def insert_agent(tx: Transaction, agent_id: UUID, values: Mapping[str, Any]) -> AgentRecord:
    """Keep a new agent."""
    await tx.execute(insert(AgentConfig).values(id=agent_id, **values))
    return await get_agent(tx, agent_id)


async def change_agent(tx: Transaction, agent_id: UUID, values: Mapping[str, Any]) -> AgentRecord:
    """Change columns of an agent."""
    await tx.execute(
        update(AgentConfig).where(AgentConfig.id == agent_id).values(**values, updated_at=func.now())
    )
    return await get_agent(tx, agent_id)


async def delete_agent_row(tx: Transaction, agent_id: UUID) -> None:
    """Delete an agent."""
    await tx.execute(delete(AgentConfig).where(AgentConfig.id == agent_id))


def _select() -> Select[Any]:
    return select(*AgentConfig.__table__.columns)


def _record(row: Any) -> AgentRecord:
    return AgentRecord(**row._mapping)  # noqa: SLF001 - a row as a mapping is SQLAlchemy's public API
