"""Providers, agents, accounts of calls, who changed what, the outbox; `local` and two agents on it."""

from alembic import op

from services.analysis.tables import LOCAL_EMBEDDER, LOCAL_EXTRACTOR, LOCAL_PROVIDER
from shared.messaging.outbox import OUTBOX_DDL

revision = "0001_providers"
down_revision = None

_KINDS = "('knowledge_extractor', 'embedder')"

STATEMENTS = (
    """
    CREATE TABLE analysis.llm_providers (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        type text NOT NULL CHECK (type IN ('openai', 'ollama', 'local')),
        base_url text CHECK ((base_url IS NULL) = (type = 'local')),
        sealed_key text CHECK (sealed_key IS NULL OR type <> 'local'),
        chat_model text,
        document_model text,
        query_model text,
        dimension bigint CHECK (dimension > 0),
        max_concurrency bigint NOT NULL DEFAULT 4 CHECK (max_concurrency > 0),
        timeout_seconds double precision NOT NULL DEFAULT 60 CHECK (timeout_seconds > 0),
        prices jsonb NOT NULL DEFAULT '{}',
        activate text[] NOT NULL DEFAULT '{}',
        revision bigint NOT NULL DEFAULT 1,
        validation_status text NOT NULL DEFAULT 'pending'
            CHECK (validation_status IN ('pending', 'validating', 'connected', 'error')),
        validation_error text,
        validation_run_id uuid,
        validation_began_at timestamptz,
        validated_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CHECK ((document_model IS NULL) = (query_model IS NULL))
    )
    """,
    "CREATE UNIQUE INDEX llm_providers_name ON analysis.llm_providers (lower(name))",
    "CREATE UNIQUE INDEX llm_providers_one_local ON analysis.llm_providers (type) WHERE type = 'local'",
    f"""
    CREATE TABLE analysis.agent_configs (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        kind text NOT NULL CHECK (kind IN {_KINDS}),
        provider_id uuid NOT NULL REFERENCES analysis.llm_providers,
        model text,
        instructions text NOT NULL DEFAULT '',
        language text NOT NULL DEFAULT 'uk' CHECK (language IN ('uk', 'en')),
        temperature double precision NOT NULL DEFAULT 0 CHECK (temperature BETWEEN 0 AND 2),
        max_output_tokens bigint NOT NULL DEFAULT 4096 CHECK (max_output_tokens > 0),
        max_tokens_per_run bigint NOT NULL DEFAULT 200000 CHECK (max_tokens_per_run > 0),
        max_cost_per_run double precision NOT NULL DEFAULT 1 CHECK (max_cost_per_run >= 0),
        active boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE UNIQUE INDEX agent_configs_name ON analysis.agent_configs (lower(name))",
    "CREATE UNIQUE INDEX agent_configs_one_active ON analysis.agent_configs (kind) WHERE active",
    "CREATE INDEX agent_configs_by_provider ON analysis.agent_configs (provider_id)",
    """
    CREATE TABLE analysis.configuration_changes (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        entity text NOT NULL CHECK (entity IN ('provider', 'agent')),
        entity_id uuid NOT NULL,
        name text NOT NULL,
        action text NOT NULL CHECK (action IN ('created', 'changed', 'deleted')),
        fields text[] NOT NULL DEFAULT '{}',
        changed_by text,
        run_id uuid,
        changed_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX configuration_changes_by_entity ON analysis.configuration_changes (entity_id, id)",
    """
    CREATE TABLE analysis.llm_usage (
        id uuid PRIMARY KEY,
        provider_id uuid NOT NULL,
        model text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('chat', 'embedding')),
        task text NOT NULL,
        service text NOT NULL,
        run_id uuid,
        agent_id uuid,
        input_tokens bigint NOT NULL,
        output_tokens bigint NOT NULL,
        cost double precision NOT NULL,
        duration_ms double precision NOT NULL,
        attempts bigint NOT NULL,
        cached boolean NOT NULL,
        error text,
        called_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX llm_usage_by_run ON analysis.llm_usage (run_id, called_at, id) WHERE run_id IS NOT NULL",
    "CREATE INDEX llm_usage_by_time ON analysis.llm_usage (called_at)",
    *(statement.format(schema="analysis") for statement in OUTBOX_DDL),
)

DEFAULTS = (
    f"""
    INSERT INTO analysis.llm_providers (id, name, type, document_model, query_model)
    VALUES ('{LOCAL_PROVIDER}', 'local', 'local', 'e5-passage', 'e5-query')
    """,  # noqa: S608 - our own constants, here and below
    f"""
    INSERT INTO analysis.agent_configs (id, name, kind, provider_id, active) VALUES
        ('{LOCAL_EXTRACTOR}', 'Local extractor', 'knowledge_extractor', '{LOCAL_PROVIDER}', true),
        ('{LOCAL_EMBEDDER}', 'Local embedder', 'embedder', '{LOCAL_PROVIDER}', true)
    """,  # noqa: S608
)


def upgrade() -> None:
    """Apply."""
    for statement in (*STATEMENTS, *DEFAULTS):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in ("outbox", "llm_usage", "configuration_changes", "agent_configs", "llm_providers"):
        op.execute(f"DROP TABLE analysis.{table}")
