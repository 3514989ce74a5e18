"""What the model costs that an agent names itself."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from services.analysis.addresses import OLLAMA_URL, OPENAI_URL
from services.analysis.pricing import priced_for
from shared.contracts.analysis import AgentRecord, Prices, ProviderRecord

_MADE = datetime(2026, 3, 1, tzinfo=UTC)
USUAL = Prices(input=0.40, output=1.60, embedding=0.02)
GIVEN = Prices(input=1.0, output=1.0, embedding=1.0)


def prices(model: str | None, **provider: Any) -> Prices:
    """What is counted for an agent with this model."""
    given: dict[str, Any] = {"base_url": OPENAI_URL, "prices": USUAL} | provider
    record = ProviderRecord(
        id=UUID(int=1),
        name="OpenAI",
        type="openai",
        has_api_key=True,
        chat_model="gpt-4.1-mini",
        document_model="text-embedding-3-small",
        query_model="text-embedding-3-small",
        created_at=_MADE,
        updated_at=_MADE,
        **given,
    )
    agent = AgentRecord(
        id=UUID(int=2),
        name="Extractor",
        kind="knowledge_extractor",
        provider_id=record.id,
        model=model,
        created_at=_MADE,
        updated_at=_MADE,
    )
    return priced_for(agent, record).prices


def test_agent_s_own_model_has_its_own_prices() -> None:
    assert prices("gpt-4.1") == Prices(input=2.00, output=8.00, embedding=0.02)
    assert prices("gpt-4.1-2025-04-14") == prices("gpt-4.1")
    assert prices("text-embedding-3-large") == Prices(input=0.40, output=1.60, embedding=0.13)


@pytest.mark.parametrize("model", [None, "gpt-4.1-mini", "gpt-99"])
def test_other_prices_are_the_provider_s(model: str | None) -> None:
    assert prices(model) == USUAL


def test_prices_that_a_person_gave_and_those_of_other_servers_stay() -> None:
    assert prices("gpt-4.1", prices=GIVEN) == GIVEN
    assert prices("gpt-4.1", base_url=OLLAMA_URL, prices=USUAL) == USUAL
