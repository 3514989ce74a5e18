"""What a run works with, frozen when it is made: the project, the task config, the agent and its model."""

from uuid import UUID

import msgspec

from services.analysis.fitness import explain_lack, lacks_model
from services.analysis.models import instructions_of, prompt_name
from services.analysis.pricing import priced_for
from services.analysis.repository.agents import active_agent, find_agent
from services.analysis.repository.assignments import assignment_for
from services.analysis.repository.projects import get_project
from services.analysis.repository.providers import find_provider, get_provider
from services.analysis.repository.task_configs import find_task_config
from shared.contracts.analysis import AgentAccess, AgentRecord, ProviderRecord
from shared.contracts.errors import QueryError
from shared.contracts.projects import TaskConfigRecord
from shared.contracts.runs import CreateRun, RunSnapshot
from shared.messaging.transaction import Transaction

BASIC_MODE = "local"
_NO_AGENT = (
    "No agent proposes tasks. Make an agent of the kind task_proposer active, or name one by `agent_id`."
)


async def freeze(tx: Transaction, query: CreateRun) -> tuple[RunSnapshot, ProviderRecord]:
    """What a run is to work with, and its provider, with the prices of the agent's model.

    Raises:
        QueryError: `not_found` without the project; `invalid` with the field at fault; `conflict` when nobody
            could do it.
    """
    project = await get_project(tx, query.project_id)
    task_config = await _task_config(tx, query.task_config_id)
    agent = await _agent(tx, query)
    provider = (await get_provider(tx, agent.provider_id)).record
    if lacks_model(agent.kind, agent.model, provider):
        raise QueryError("conflict", explain_lack(agent, provider))
    snapshot = RunSnapshot(
        project=project,
        task_config=task_config,
        agent_id=agent.id,
        agent_name=agent.name,
        provider_id=provider.id,
        provider_name=provider.name,
        model=BASIC_MODE if provider.basic_mode else agent.model or provider.chat_model or BASIC_MODE,
        prompt=prompt_name(agent.language, basic_mode=provider.basic_mode),
        language=agent.language,
        temperature=agent.temperature,
        max_tokens=agent.max_tokens_per_run,
        max_cost=agent.max_cost_per_run,
        basic_mode=provider.basic_mode,
        instructions=agent.instructions,
        max_output_tokens=agent.max_output_tokens,
    )
    return snapshot, priced_for(agent, provider)


async def thaw(tx: Transaction, snapshot: RunSnapshot) -> AgentAccess | None:
    """The frozen agent on its provider as that is now; None when the provider was deleted."""
    found = await find_provider(tx, snapshot.provider_id)
    if found is None:
        return None
    provider = found.record
    agent = AgentRecord(
        id=snapshot.agent_id,
        name=snapshot.agent_name,
        kind="task_proposer",
        provider_id=provider.id,
        model=None if snapshot.basic_mode else snapshot.model,
        instructions=instructions_of(snapshot),
        language=snapshot.language,
        temperature=snapshot.temperature,
        max_output_tokens=snapshot.max_output_tokens,
        max_tokens_per_run=snapshot.max_tokens,
        max_cost_per_run=snapshot.max_cost,
        created_at=provider.created_at,
        updated_at=provider.created_at,
    )
    priced = msgspec.structs.replace(found.access, provider=priced_for(agent, provider))
    return AgentAccess(agent=agent, access=priced)


async def _task_config(tx: Transaction, task_config_id: UUID | None) -> TaskConfigRecord | None:
    if task_config_id is None:
        return None
    found = await find_task_config(tx, task_config_id)
    if found is None:
        raise QueryError("invalid", f"There is no task config {task_config_id}.", field="task_config_id")
    return found


async def _agent(tx: Transaction, query: CreateRun) -> AgentRecord:
    """The agent that is named, else the one that is assigned, else the active one."""
    if query.agent_id is not None:
        named = await find_agent(tx, query.agent_id)
        if named is None or named.kind != "task_proposer":
            raise QueryError(
                "invalid", f"There is no agent {query.agent_id} that proposes tasks.", field="agent_id"
            )
        return named
    if query.task_config_id is not None:
        for project_id in (query.project_id, None):
            assigned = await assignment_for(tx, query.task_config_id, project_id)
            found = None if assigned is None else await find_agent(tx, assigned.agent_id)
            if found is not None:
                return found
    active = await active_agent(tx, "task_proposer")
    if active is None:
        raise QueryError("conflict", _NO_AGENT)
    return active
