"""Who is asked in an experiment: an agent of its own, on a provider as it is now."""

import msgspec

from services.analysis.pricing import priced_for
from services.analysis.repository.providers import find_provider
from shared.contracts.analysis import AgentAccess, AgentRecord, ProviderAccess
from shared.contracts.experiments import ExperimentRecord
from shared.llm import AgentSession, Usage, open_agent_on
from shared.messaging.transaction import transaction

_NO_TOKEN_CAP = 1_000_000_000_000
_MOST_OUTPUT_TOKENS = 2048


class CannotBeginError(Exception):
    """The experiment cannot be worked on; says why and what to do."""


async def open_session(record: ExperimentRecord) -> AgentSession:
    """Have the experiment's model asked, within its cap.

    Raises:
        CannotBeginError: Its provider is gone.
    """
    async with transaction() as tx:
        provider = await find_provider(tx, record.provider_id)
    if provider is None:
        raise CannotBeginError(
            f"The provider {record.provider_name} was deleted: begin an experiment with another one."
        )
    return open_agent_on(
        _access(record, provider.access),
        spent=Usage(input_tokens=record.input_tokens, output_tokens=record.output_tokens, cost=record.cost),
    )


def _access(record: ExperimentRecord, access: ProviderAccess) -> AgentAccess:
    agent = _agent(record)
    priced = priced_for(agent, access.provider)
    return AgentAccess(agent=agent, access=msgspec.structs.replace(access, provider=priced))


def _agent(record: ExperimentRecord) -> AgentRecord:
    """An agent that exists in this experiment alone: accounts show its calls under the experiment's id."""
    return AgentRecord(
        id=record.id,
        name=record.name,
        kind="task_proposer",
        provider_id=record.provider_id,
        model=record.model,
        language=record.language,
        max_output_tokens=_MOST_OUTPUT_TOKENS,
        max_tokens_per_run=_NO_TOKEN_CAP,
        max_cost_per_run=record.max_cost,
        created_at=record.created_at,
        updated_at=record.created_at,
    )
