"""The records of providers, agents and calls that stand as examples in the API's description."""

from datetime import UTC, datetime
from uuid import UUID

from services.gateway.routes.parameters import EXAMPLE_RUN
from shared.contracts.analysis import AgentRecord, LlmCall, Prices, ProviderRecord, UsageLine

_MADE = datetime(2026, 3, 12, 9, 41, 7, tzinfo=UTC)
_AGENT = UUID("0d9a1f3e-6f2b-4c57-8a8e-2f1f6f0f3a11")

PROVIDER = ProviderRecord(
    id=EXAMPLE_RUN,
    name="OpenAI",
    type="openai",
    base_url="https://api.openai.com/v1",
    has_api_key=True,
    chat_model="gpt-4.1-mini",
    document_model="text-embedding-3-small",
    query_model="text-embedding-3-small",
    dimension=1536,
    prices=Prices(input=0.4, output=1.6, embedding=0.02),
    validation_status="connected",
    validated_at=_MADE,
    created_at=_MADE,
    updated_at=_MADE,
)
MODELS = ["gpt-4.1-mini", "text-embedding-3-small"]
AGENT = AgentRecord(
    id=_AGENT,
    name="Extractor",
    kind="knowledge_extractor",
    provider_id=EXAMPLE_RUN,
    instructions="«Шлюз» — це сервіс gateway.",
    active=True,
    created_at=_MADE,
    updated_at=_MADE,
)
CALL = LlmCall(
    id=UUID("7c1f6c0e-3a55-4f6e-9a51-5f0c2f8f4c1f"),
    provider_id=EXAMPLE_RUN,
    model="gpt-4.1-mini",
    kind="chat",
    task="extract_knowledge",
    service="knowledge",
    run_id=EXAMPLE_RUN,
    agent_id=_AGENT,
    input_tokens=3120,
    output_tokens=640,
    cost=0.002272,
    duration_ms=4810.5,
    called_at=_MADE,
)
USAGE = UsageLine(
    provider_id=EXAMPLE_RUN,
    provider_name="OpenAI",
    model="gpt-4.1-mini",
    task="extract_knowledge",
    calls=41,
    cached=3,
    failed=1,
    input_tokens=121_400,
    output_tokens=20_870,
    cost=0.081952,
    mean_ms=4312.7,
)
