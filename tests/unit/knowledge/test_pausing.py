"""When the threshold waits after an ending that another extraction would share."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from services.knowledge.pausing import Ended, why_paused
from shared.contracts.analysis import AgentRecord, ProviderRecord

NOW = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
BEFORE, LATER = NOW - timedelta(days=1), NOW + timedelta(minutes=10)
PROVIDER = ProviderRecord(
    id=UUID(int=1),
    name="OpenAI",
    type="openai",
    base_url=None,
    has_api_key=True,
    chat_model=None,
    document_model=None,
    query_model=None,
    created_at=BEFORE,
    updated_at=BEFORE,
)
AGENT = AgentRecord(
    id=UUID(int=2),
    name="Екстрактор",
    kind="knowledge_extractor",
    provider_id=PROVIDER.id,
    created_at=BEFORE,
    updated_at=BEFORE,
)


def ended(**fields: Any) -> Ended:
    given: dict[str, Any] = {
        "status": "failed",
        "agent_id": AGENT.id,
        "provider_id": PROVIDER.id,
        "failure": "The key is wrong.",
        "stopped_by": None,
        "finished_at": NOW - timedelta(minutes=5),
        "paused_until": LATER,
    }
    return Ended(**(given | fields))


def test_reason_says_what_happened_until_when_and_what_ends_it() -> None:
    why = why_paused(ended(), AGENT, PROVIDER, NOW)
    assert why is not None
    assert "The key is wrong." in why
    assert "12:10 UTC" in why
    assert "Екстрактор" in why
    assert "OpenAI" in why


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"status": "completed", "stopped_by": "cost_cap", "failure": None}, "stopped by its cost cap"),
        ({"status": "cancelled", "failure": None}, "was cancelled"),
        ({"provider_id": None}, "The key is wrong."),
    ],
)
def test_each_ending_that_pauses_is_named(fields: dict[str, Any], said: str) -> None:
    assert said in (why_paused(ended(**fields), AGENT, PROVIDER, NOW) or "")


def test_nothing_stands_in_the_way_without_such_an_ending() -> None:
    assert why_paused(None, AGENT, PROVIDER, NOW) is None
    assert why_paused(ended(paused_until=None), AGENT, PROVIDER, NOW) is None
    assert why_paused(ended(paused_until=NOW), AGENT, PROVIDER, NOW) is None


def test_another_or_changed_agent_or_provider_goes_on_at_once() -> None:
    other_agent = msgspec.structs.replace(AGENT, id=UUID(int=9))
    other_provider = msgspec.structs.replace(PROVIDER, id=UUID(int=9))
    changed_agent = msgspec.structs.replace(AGENT, updated_at=NOW)
    changed_provider = msgspec.structs.replace(PROVIDER, updated_at=NOW)
    for agent, provider in (
        (other_agent, PROVIDER),
        (AGENT, other_provider),
        (changed_agent, PROVIDER),
        (AGENT, changed_provider),
    ):
        assert why_paused(ended(), agent, provider, NOW) is None
