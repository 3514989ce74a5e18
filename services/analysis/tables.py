"""The tables of the schema `analysis`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pgvector.sqlalchemy import VECTOR
from sqlalchemy import BigInteger, MetaData, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = "analysis"

LOCAL_PROVIDER = UUID("0a1d0000-0000-4000-8000-000000000001")
"""The provider `local`, which the first migration makes."""
LOCAL_EXTRACTOR = UUID("0a1d0000-0000-4000-8000-000000000002")
"""The `knowledge_extractor` that is active in a new installation."""
LOCAL_EMBEDDER = UUID("0a1d0000-0000-4000-8000-000000000003")
"""The `embedder` that is active in a new installation."""
LOCAL_PROPOSER = UUID("0a1d0000-0000-4000-8000-000000000004")
"""The `task_proposer` that is active in a new installation."""


class Base(DeclarativeBase):
    """Typed mappings of the schema."""

    metadata = MetaData(schema=SCHEMA)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it off the class
        datetime: TIMESTAMP(timezone=True),
        int: BigInteger,
        dict[str, Any]: JSONB,
        dict[str, str]: JSONB,
        list[dict[str, Any]]: JSONB,
        list[str]: ARRAY(Text),
        list[int]: ARRAY(BigInteger),
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
    """Who changed which fields of a provider, agent, project or task config; never what they held."""

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


class ProjectConfig(Base):
    """What a run works for; `version` grows with each change."""

    __tablename__ = "project_configs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str]
    language: Mapped[str]
    chat_ids: Mapped[list[int]]
    keywords: Mapped[list[str]]
    mentions: Mapped[list[str]]
    min_length: Mapped[int]
    glossary: Mapped[dict[str, str]]
    components: Mapped[list[dict[str, Any]]]
    priority_rules: Mapped[list[dict[str, Any]]]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class TaskConfig(Base):
    """What a run is to produce beside a proposal's own fields."""

    __tablename__ = "task_configs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str]
    instructions: Mapped[str]
    details_schema: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class AgentTaskAssignment(Base):
    """Which agent does a task config's runs, for one project or (without one) for all others."""

    __tablename__ = "agent_task_assignments"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    task_config_id: Mapped[UUID]
    agent_id: Mapped[UUID]
    project_id: Mapped[UUID | None]
    created_at: Mapped[datetime]


class AnalysisRun(Base):
    """One analysis run.

    `next_batch` is the first that is not saved; `batches_total` is not known before it is planned. `runner`
    names the worker's turn at it, `alive_at` its last sign of life.
    """

    __tablename__ = "analysis_runs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    project_id: Mapped[UUID]
    status: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime]
    use_rag: Mapped[bool]
    estimate: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    config_snapshot: Mapped[dict[str, Any]]
    messages_found: Mapped[int]
    messages_kept: Mapped[int]
    batches_total: Mapped[int | None]
    next_batch: Mapped[int]
    calls: Mapped[int]
    cached_calls: Mapped[int]
    input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    cost: Mapped[float]
    quotes_dropped: Mapped[int]
    proposals_dropped: Mapped[int]
    stopped_by: Mapped[str | None]
    failure: Mapped[str | None]
    error_log: Mapped[list[dict[str, Any]]]
    runner: Mapped[UUID | None]
    alive_at: Mapped[datetime]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]


class RunBatch(Base):
    """The messages of one batch of a run, numbered from 1; `done_at` and what failed once it is saved."""

    __tablename__ = "run_batches"

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    message_ids: Mapped[list[int]]
    failure: Mapped[str | None]
    done_at: Mapped[datetime | None]


class AskedBatch(Base):
    """What a run's latest batch was asked about beside its messages, so that the same can be asked again."""

    __tablename__ = "asked_batches"

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str]
    known: Mapped[dict[str, Any]]


class TaskProposal(Base):
    """A proposal. Run, batch and place are its natural key; `vector` is of the space `space_id`."""

    __tablename__ = "task_proposals"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[UUID]
    project_id: Mapped[UUID]
    batch: Mapped[int]
    place: Mapped[int]
    status: Mapped[str]
    title: Mapped[str]
    description: Mapped[str]
    category: Mapped[str]
    priority: Mapped[str]
    tags: Mapped[list[str]]
    sub_tasks: Mapped[list[str]]
    component: Mapped[str | None]
    details: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    quotes: Mapped[list[dict[str, Any]]]
    message_ids: Mapped[list[int]]
    atom_ids: Mapped[list[int]]
    confidence: Mapped[float]
    reasoning: Mapped[str]
    recommendation: Mapped[str]
    novelty: Mapped[str]
    similar_id: Mapped[UUID | None]
    similarity: Mapped[float | None]
    basic_mode: Mapped[bool]
    edited: Mapped[bool]
    merged_into: Mapped[UUID | None]
    version: Mapped[int]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str]
    space_id: Mapped[int | None]
    vector: Mapped[Any | None] = mapped_column(VECTOR())
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class BulkReviewRow(Base):
    """One decision about many proposals, with what became of each."""

    __tablename__ = "bulk_reviews"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    decision: Mapped[str]
    proposal_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    reason: Mapped[str]
    items: Mapped[list[dict[str, Any]]]
    reviewed_by: Mapped[str]
    reviewed_at: Mapped[datetime]


class ProposalChangeRow(Base):
    """One entry of the audit log of proposals, which is only ever added to."""

    __tablename__ = "proposal_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[UUID]
    change: Mapped[str]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    reason: Mapped[str]
    bulk_id: Mapped[UUID | None]
    reverts: Mapped[int | None]
    changed_by: Mapped[str | None]
    changed_at: Mapped[datetime]


class ExperimentSnapshot(Base):
    """The topics that experiments classify against, as they were."""

    __tablename__ = "experiment_snapshots"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    topics: Mapped[list[dict[str, Any]]]
    created_at: Mapped[datetime]


class ExperimentLabel(Base):
    """A labelled message of a snapshot, with its text as it was."""

    __tablename__ = "experiment_labels"

    snapshot_id: Mapped[UUID] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int]
    text: Mapped[str]


class ClassificationExperiment(Base):
    """One experiment; what is left to do are the labels of its snapshot without a result."""

    __tablename__ = "classification_experiments"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    status: Mapped[str]
    provider_id: Mapped[UUID]
    provider_name: Mapped[str]
    model: Mapped[str]
    basic_mode: Mapped[bool]
    language: Mapped[str]
    max_cost: Mapped[float]
    snapshot_id: Mapped[UUID]
    messages_total: Mapped[int]
    metrics: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    calls: Mapped[int]
    cached_calls: Mapped[int]
    input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    cost: Mapped[float]
    stopped_by: Mapped[str | None]
    failure: Mapped[str | None]
    runner: Mapped[UUID | None]
    alive_at: Mapped[datetime]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class ExperimentResultRow(Base):
    """How one message of an experiment was classified."""

    __tablename__ = "experiment_results"

    experiment_id: Mapped[UUID] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(primary_key=True)
    predicted_id: Mapped[int | None]
    confidence: Mapped[float]
    alternatives: Mapped[list[dict[str, Any]]]
    reasoning: Mapped[str]
    duration_ms: Mapped[float]
    error: Mapped[str | None]
