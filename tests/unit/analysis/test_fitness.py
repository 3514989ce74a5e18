"""Whether an agent has a model for its work: by its kind, its own model and its provider."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.analysis.fitness import asks_questions, explain_lack, lacks_model
from shared.contracts.analysis import AgentKind, AgentRecord, ProviderRecord, ProviderType

ID = UUID("0190f5fe-7c00-7a00-8000-000000000001")
AT = datetime(2026, 4, 7, tzinfo=UTC)


def provider(
    kind: ProviderType = "ollama", chat: str | None = None, vectors: str | None = None
) -> ProviderRecord:
    """A provider with these models."""
    return ProviderRecord(
        id=ID,
        name="Home",
        type=kind,
        base_url=None,
        has_api_key=False,
        chat_model=chat,
        document_model=vectors,
        query_model=vectors,
        basic_mode=kind == "local",
        created_at=AT,
        updated_at=AT,
    )


@pytest.mark.parametrize(
    ("kind", "model", "used", "lacks"),
    [
        ("task_proposer", None, provider(), True),
        ("task_proposer", None, provider(vectors="bge-m3"), True),
        ("task_proposer", None, provider(chat="llama3"), False),
        ("task_proposer", "llama3", provider(), False),
        ("task_proposer", None, provider("local", vectors="e5"), False),
        ("knowledge_extractor", None, provider(vectors="bge-m3"), True),
        ("knowledge_extractor", None, provider("local", vectors="e5"), False),
        ("embedder", None, provider(chat="llama3"), True),
        ("embedder", None, provider("local", vectors="e5"), False),
    ],
)
def test_agent_lacks_a_model_or_not(
    kind: AgentKind,
    model: str | None,
    used: ProviderRecord,
    lacks: bool,  # noqa: FBT001
) -> None:
    assert lacks_model(kind, model, used) is lacks


def test_lack_is_explained_with_what_to_do() -> None:
    agent = AgentRecord(
        id=ID, name="Тарас", kind="task_proposer", provider_id=ID, created_at=AT, updated_at=AT
    )
    assert explain_lack(agent, provider()) == (
        "The task_proposer 'Тарас' has no model: give it one, or give the provider 'Home' a chat_model."
    )
    assert [kind for kind in ("embedder", "task_proposer") if asks_questions(kind)] == ["task_proposer"]
