"""The tables of the schema `analysis`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, MetaData, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = "analysis"

LOCAL_PROVIDER = UUID("0a1d0000-0000-4000-8000-000000000001")
"""The provider `local`, which the first migration makes."""
LOCAL_EXTRACTOR = UUID("0a1d0000-0000-4000-8000-000000000002")
"""The `knowledge_extractor` that is active in a new installation."""
LOCAL_EMBEDDER = UUID("0a1d0000-0000-4000-8000-000000000003")
"""The `embedder` that is active in a new installation."""


class Base(DeclarativeBase):
    """Typed mappings of the schema."""

    metadata = MetaData(schema=SCHEMA)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it off the class
        datetime: TIMESTAMP(timezone=True),
        int: BigInteger,
        dict[str, Any]: JSONB,
        list[str]: ARRAY(Text),
    }


class LlmProvider(Base):
    """A provider of language models; its key is kept sealed.

    `revision` counts the changes of what is called: the outcome of a validation that began before the last of
    them is not kept. `activate` are the kinds of agent that shall use it once it is connected.
    """

    __tablename__ = "llm_providers"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    type: Mapped[str]
    base_url: Mapped[str | None]
    sealed_key: Mapped[str | None]
    chat_model: Mapped[str | None]
    document_model: Mapped[str | None]
    query_model: Mapped[str | None]
    dimension: Mapped[int | None]
    max_concurrency: Mapped[int]
    timeout_seconds: Mapped[float]
    prices: Mapped[dict[str, Any]]
    activate: Mapped[list[str]]
    revision: Mapped[int]
    validation_status: Mapped[str]
    validation_error: Mapped[str | None]
    validation_run_id: Mapped[UUID | None]
    validation_began_at: Mapped[datetime | None]
    validated_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class AgentConfig(Base):
    """Who does a kind of work, with which provider; at most one a kind is active."""

    __tablename__ = "agent_configs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    provider_id: Mapped[UUID]
    model: Mapped[str | None]
    instructions: Mapped[str]
    language: Mapped[str]
    temperature: Mapped[float]
    max_output_tokens: Mapped[int]
    max_tokens_per_run: Mapped[int]
    max_cost_per_run: Mapped[float]
    active: Mapped[bool]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ConfigurationChange(Base):
    """Who changed which fields of a provider or an agent, and when; never what they were or became."""

    __tablename__ = "configuration_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    entity: Mapped[str]
    entity_id: Mapped[UUID]
    name: Mapped[str]
    action: Mapped[str]
    fields: Mapped[list[str]]
    changed_by: Mapped[str | None]
    run_id: Mapped[UUID | None]
    changed_at: Mapped[datetime]


class LlmUsage(Base):
    """One call of a provider. It outlives the provider, the agent and the run that it names."""

    __tablename__ = "llm_usage"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    provider_id: Mapped[UUID]
    model: Mapped[str]
    kind: Mapped[str]
    task: Mapped[str]
    service: Mapped[str]
    run_id: Mapped[UUID | None]
    agent_id: Mapped[UUID | None]
    input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    cost: Mapped[float]
    duration_ms: Mapped[float]
    attempts: Mapped[int]
    cached: Mapped[bool]
    error: Mapped[str | None]
    called_at: Mapped[datetime]
