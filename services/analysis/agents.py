"""Making, changing, activating and deleting agents: the change, its record and what follows together."""

from typing import Any
from uuid import UUID, uuid4

import msgspec

from services.analysis.fitness import explain_lack, lacks_model
from services.analysis.lateness import check_unchanged
from services.analysis.repository.agents import (
    active_agent,
    agent_named,
    change_agent,
    delete_agent_row,
    find_agent,
    get_agent,
    insert_agent,
    oldest_agent,
)
from services.analysis.repository.assignments import task_configs_of
from services.analysis.repository.configuration import lock_configuration, note_change
from services.analysis.repository.providers import find_provider
from services.analysis.settling import clean_line
from shared.contracts.analysis import (
    AgentChanged,
    AgentKind,
    AgentRecord,
    CreateAgent,
    DeleteAgent,
    ProviderRecord,
    UpdateAgent,
)
from shared.contracts.errors import QueryError
from shared.messaging.transaction import Transaction, transaction

_SETTLED = (
    "name",
    "provider_id",
    "model",
    "instructions",
    "language",
    "temperature",
    "max_output_tokens",
    "max_tokens_per_run",
    "max_cost_per_run",
    "active",
)


async def create(query: CreateAgent) -> AgentRecord:
    """Make an agent; an active one takes the place of another. The second time, say how it stands.

    Raises:
        QueryError: `invalid` with the field at fault; `conflict` when the name is taken.
    """
    async with transaction() as tx:
        await lock_configuration(tx)
        known = await find_agent(tx, query.agent_id)
        if known is not None:
            return known
        values = _cleaned({name: getattr(query, name) for name in _SETTLED}) | {"kind": query.kind}
        await _check_name(tx, values["name"], query.agent_id)
        provider = await _provider_of(tx, query.provider_id)
        if query.active:
            await _make_room(tx, query.kind, query.agent_id, query.changed_by)
        agent = await insert_agent(tx, query.agent_id, values)
        _check_fit(agent, provider)
        await note_change(tx, "agent", agent.id, agent.name, action="created", changed_by=query.changed_by)
        tx.publish(AgentChanged(agent_id=agent.id, agent=agent))
        return agent


async def update(query: UpdateAgent) -> AgentRecord:
    """Change what is given; `active: true` takes the place of the kind's active agent.

    Raises:
        QueryError: `not_found`; `invalid` with the field at fault; `conflict` when the name is taken, or it
            was changed since.
    """
    async with transaction() as tx:
        await lock_configuration(tx)
        now = await get_agent(tx, query.agent_id)
        check_unchanged(now.name, now.updated_at, query.unchanged_since)
        given = {name: value for name in _SETTLED if (value := getattr(query, name)) is not msgspec.UNSET}
        values = {name: value for name, value in _cleaned(given).items() if value != getattr(now, name)}
        if not values:
            return now
        if "name" in values:
            await _check_name(tx, values["name"], now.id)
        provider = await _provider_of(tx, values.get("provider_id", now.provider_id))
        agent = await _change(tx, now, values, query.changed_by)
        _check_fit(agent, provider)
        return agent


async def delete(query: DeleteAgent) -> None:
    """Delete an agent that is neither active nor assigned; one that is gone already stays gone.

    Raises:
        QueryError: `conflict`, while it is active or assigned to a task config, or when it was changed since.
    """
    async with transaction() as tx:
        await lock_configuration(tx)
        agent = await find_agent(tx, query.agent_id)
        if agent is None:
            return
        check_unchanged(agent.name, agent.updated_at, query.unchanged_since)
        if agent.active:
            raise QueryError(
                "conflict",
                f"{agent.name!r} is the active {agent.kind}: activate another one, or deactivate it, first.",
            )
        assigned = ", ".join(map(repr, await task_configs_of(tx, agent.id)))
        if assigned:
            raise QueryError(
                "conflict", f"{agent.name!r} does the runs of {assigned}: assign another agent first."
            )
        await delete_agent_row(tx, agent.id)
        await note_change(tx, "agent", agent.id, agent.name, action="deleted", changed_by=query.changed_by)
        tx.publish(AgentChanged(agent_id=agent.id))


async def point_at(tx: Transaction, kind: AgentKind, provider: ProviderRecord) -> None:
    """Have the active agent of a kind use a provider and its models; one is activated, or made, if need be.

    Args:
        tx: A transaction that has locked the configuration.
        kind: Whose active agent.
        provider: Has a model for its work.
    """
    agent = await active_agent(tx, kind) or await oldest_agent(tx, kind)
    if agent is not None:
        wanted = {"provider_id": provider.id, "model": None, "active": True}
        values = {name: value for name, value in wanted.items() if value != getattr(agent, name)}
        if values:
            await _change(tx, agent, values, None)
        return
    agent_id = uuid4()
    name = f"{kind} {agent_id.hex[:8]}"
    agent = await insert_agent(
        tx, agent_id, {"name": name, "kind": kind, "provider_id": provider.id, "active": True}
    )
    await note_change(tx, "agent", agent.id, agent.name, action="created", changed_by=None)
    tx.publish(AgentChanged(agent_id=agent.id, agent=agent))


async def _change(
    tx: Transaction, now: AgentRecord, values: dict[str, Any], changed_by: str | None
) -> AgentRecord:
    if values.get("active"):
        await _make_room(tx, now.kind, now.id, changed_by)
    agent = await change_agent(tx, now.id, values)
    await note_change(
        tx, "agent", agent.id, agent.name, action="changed", fields=values, changed_by=changed_by
    )
    tx.publish(AgentChanged(agent_id=agent.id, agent=agent))
    return agent


async def _make_room(tx: Transaction, kind: AgentKind, agent_id: UUID, changed_by: str | None) -> None:
    """Deactivate the kind's active agent for another one to be."""
    agent = await active_agent(tx, kind)
    if agent is not None and agent.id != agent_id:
        await _change(tx, agent, {"active": False}, changed_by)


async def _provider_of(tx: Transaction, provider_id: UUID) -> ProviderRecord:
    found = await find_provider(tx, provider_id)
    if found is None:
        raise QueryError("invalid", f"There is no provider {provider_id}.", field="provider_id")
    return found.record


async def _check_name(tx: Transaction, name: str, agent_id: UUID) -> None:
    other = await agent_named(tx, name, other_than=agent_id)
    if other is not None:
        raise QueryError("conflict", f"There is an agent named {other.name!r} already.", field="name")


def _check_fit(agent: AgentRecord, provider: ProviderRecord) -> None:
    if agent.active and lacks_model(agent.kind, agent.model, provider):
        raise QueryError("invalid", explain_lack(agent, provider), field="model")


def _cleaned(values: dict[str, Any]) -> dict[str, Any]:
    cleaned = dict(values)
    for field in ("name", "model"):
        if cleaned.get(field) is not None:
            cleaned[field] = clean_line(field, cleaned[field])
    if "\x00" in cleaned.get("instructions", ""):
        raise QueryError("invalid", "`instructions` holds a zero byte.", field="instructions")
    return cleaned
