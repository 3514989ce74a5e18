"""What the model costs that an agent names itself."""

import msgspec

from services.analysis.addresses import is_openai
from services.analysis.defaults import known_prices
from shared.contracts.analysis import AgentRecord, ProviderRecord


def priced_for(agent: AgentRecord, provider: ProviderRecord) -> ProviderRecord:
    """A provider with the prices of the agent's own model, so that accounts and caps count those.

    Prices that a person gave stay, and so do those of a model that is not in the tables.

    Args:
        agent: May name a model of its own.
        provider: The one that it uses.
    """
    prices = provider.prices
    usual = known_prices(provider.chat_model, provider.document_model)
    if agent.model is None or not is_openai(provider.base_url) or prices != usual:
        return provider
    known = known_prices(agent.model, agent.model)
    return msgspec.structs.replace(
        provider,
        prices=msgspec.structs.replace(
            prices,
            input=known.input or prices.input,
            output=known.output or prices.output,
            embedding=known.embedding or prices.embedding,
        ),
    )
