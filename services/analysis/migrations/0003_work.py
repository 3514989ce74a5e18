"""Projects and what runs are told, analysis runs with their batches and proposals, experiments, answers."""

from alembic import op

from services.analysis.tables import LOCAL_PROPOSER, LOCAL_PROVIDER
from shared.llm.cache import ANSWERS_DDL

revision = "0003_work"
down_revision = "0002_agent_names"
_FEW_ROWS = "Agents, and changes of what is set up, are few: checked within a moment."
accepted = {
    "ban-drop-constraint": "It is added again in the same transaction and takes all that it took before.",
    "constraint-missing-not-valid": _FEW_ROWS,
}

_CATEGORIES = "('bug', 'feature', 'improvement', 'question', 'docs', 'chore')"
_PRIORITIES = "('low', 'medium', 'high', 'critical')"
_DECISIONS = "('pending', 'approved', 'rejected', 'merged')"
_UNCLOSED = "('pending', 'running', 'completed', 'reviewed', 'failed')"

_DROP_CHECKS = (
    "ALTER TABLE analysis.agent_configs DROP CONSTRAINT agent_configs_kind_check",
    "ALTER TABLE analysis.configuration_changes DROP CONSTRAINT configuration_changes_entity_check",
)
_ADD_CHECK = "ALTER TABLE analysis.{0} ADD CONSTRAINT {0}_{1}_check CHECK ({1} IN {2})"
_KINDS = (
    *_DROP_CHECKS,
    _ADD_CHECK.format("agent_configs", "kind", "('knowledge_extractor', 'embedder', 'task_proposer')"),
    _ADD_CHECK.format(
        "configuration_changes", "entity", "('provider', 'agent', 'project', 'task_config', 'assignment')"
    ),
)
_KINDS_BEFORE = (
    "DELETE FROM analysis.agent_configs WHERE kind = 'task_proposer'",
    "DELETE FROM analysis.configuration_changes WHERE entity IN ('project', 'task_config', 'assignment')",
    *_DROP_CHECKS,
    _ADD_CHECK.format("agent_configs", "kind", "('knowledge_extractor', 'embedder')"),
    _ADD_CHECK.format("configuration_changes", "entity", "('provider', 'agent')"),
)

_CONFIGURATION = (
    """
    CREATE TABLE analysis.project_configs (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        description text NOT NULL DEFAULT '',
        language text NOT NULL DEFAULT 'uk' CHECK (language IN ('uk', 'en')),
        chat_ids bigint[] NOT NULL DEFAULT '{}',
        keywords text[] NOT NULL DEFAULT '{}',
        mentions text[] NOT NULL DEFAULT '{}',
        min_length bigint NOT NULL DEFAULT 0 CHECK (min_length >= 0),
        glossary jsonb NOT NULL DEFAULT '{}',
        components jsonb NOT NULL DEFAULT '[]',
        priority_rules jsonb NOT NULL DEFAULT '[]',
        version bigint NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE UNIQUE INDEX project_configs_name ON analysis.project_configs (lower(name))",
    """
    CREATE TABLE analysis.task_configs (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        description text NOT NULL DEFAULT '',
        instructions text NOT NULL DEFAULT '',
        details_schema jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE UNIQUE INDEX task_configs_name ON analysis.task_configs (lower(name))",
    """
    CREATE TABLE analysis.agent_task_assignments (
        id uuid PRIMARY KEY,
        task_config_id uuid NOT NULL REFERENCES analysis.task_configs ON DELETE CASCADE,
        agent_id uuid NOT NULL REFERENCES analysis.agent_configs,
        project_id uuid REFERENCES analysis.project_configs ON DELETE CASCADE,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE NULLS NOT DISTINCT (task_config_id, project_id)
    )
    """,
    "CREATE INDEX agent_task_assignments_by_agent ON analysis.agent_task_assignments (agent_id)",
    "CREATE INDEX agent_task_assignments_by_project ON analysis.agent_task_assignments (project_id)",
)

_RUNS = (
    """
    CREATE TABLE analysis.analysis_runs (
        id uuid PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES analysis.project_configs,
        status text NOT NULL DEFAULT 'pending' CHECK (status IN
            ('pending', 'running', 'completed', 'reviewed', 'closed', 'failed', 'cancelled')),
        since timestamptz NOT NULL,
        until timestamptz NOT NULL CHECK (until > since),
        use_rag boolean NOT NULL,
        estimate jsonb,
        config_snapshot jsonb NOT NULL,
        messages_found bigint NOT NULL DEFAULT 0,
        messages_kept bigint NOT NULL DEFAULT 0,
        batches_total bigint,
        next_batch bigint NOT NULL DEFAULT 1,
        calls bigint NOT NULL DEFAULT 0,
        cached_calls bigint NOT NULL DEFAULT 0,
        input_tokens bigint NOT NULL DEFAULT 0,
        output_tokens bigint NOT NULL DEFAULT 0,
        cost double precision NOT NULL DEFAULT 0,
        quotes_dropped bigint NOT NULL DEFAULT 0,
        proposals_dropped bigint NOT NULL DEFAULT 0,
        stopped_by text CHECK (stopped_by IN ('cost', 'tokens')),
        failure text,
        error_log jsonb NOT NULL DEFAULT '[]',
        runner uuid,
        alive_at timestamptz NOT NULL DEFAULT now(),
        created_by text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        finished_at timestamptz,
        closed_at timestamptz,
        closed_by text,
        CHECK (batches_total IS NULL OR next_batch BETWEEN 1 AND batches_total + 1)
    )
    """,
    f"""
    CREATE UNIQUE INDEX analysis_runs_one_unclosed ON analysis.analysis_runs (project_id)
        WHERE status IN {_UNCLOSED}
    """,
    "CREATE INDEX analysis_runs_by_time ON analysis.analysis_runs (created_at, id)",
    "CREATE INDEX analysis_runs_by_project ON analysis.analysis_runs (project_id, created_at, id)",
    """
    CREATE TABLE analysis.run_batches (
        run_id uuid NOT NULL REFERENCES analysis.analysis_runs ON DELETE CASCADE,
        number bigint NOT NULL CHECK (number > 0),
        message_ids bigint[] NOT NULL CHECK (cardinality(message_ids) BETWEEN 1 AND 50),
        failure text,
        done_at timestamptz,
        PRIMARY KEY (run_id, number)
    )
    """,
    """
    CREATE TABLE analysis.asked_batches (
        run_id uuid PRIMARY KEY REFERENCES analysis.analysis_runs ON DELETE CASCADE,
        key text NOT NULL,
        known jsonb NOT NULL
    )
    """,
)

_PROPOSALS = (
    f"""
    CREATE TABLE analysis.task_proposals (
        id uuid PRIMARY KEY,
        run_id uuid NOT NULL REFERENCES analysis.analysis_runs,
        project_id uuid NOT NULL REFERENCES analysis.project_configs,
        batch bigint NOT NULL,
        place bigint NOT NULL,
        status text NOT NULL DEFAULT 'pending' CHECK (status IN {_DECISIONS}),
        title text NOT NULL,
        description text NOT NULL,
        category text NOT NULL CHECK (category IN {_CATEGORIES}),
        priority text NOT NULL CHECK (priority IN {_PRIORITIES}),
        tags text[] NOT NULL DEFAULT '{{}}',
        sub_tasks text[] NOT NULL DEFAULT '{{}}',
        component text,
        details jsonb,
        quotes jsonb NOT NULL CHECK (jsonb_array_length(quotes) > 0),
        message_ids bigint[] NOT NULL CHECK (cardinality(message_ids) > 0),
        atom_ids bigint[] NOT NULL DEFAULT '{{}}',
        confidence double precision NOT NULL CHECK (confidence BETWEEN 0 AND 1),
        reasoning text NOT NULL DEFAULT '',
        recommendation text NOT NULL CHECK (recommendation IN ('approve', 'review', 'reject')),
        novelty text NOT NULL DEFAULT 'new' CHECK (novelty IN ('new', 'duplicate_of', 'update_of')),
        similar_id uuid REFERENCES analysis.task_proposals,
        similarity double precision,
        basic_mode boolean NOT NULL DEFAULT false CHECK (NOT basic_mode OR confidence <= 0.6),
        edited boolean NOT NULL DEFAULT false,
        merged_into uuid REFERENCES analysis.task_proposals,
        version bigint NOT NULL DEFAULT 1,
        decided_by text,
        decided_at timestamptz,
        reason text NOT NULL DEFAULT '',
        space_id bigint,
        vector vector,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (run_id, batch, place),
        CHECK ((similar_id IS NULL) = (novelty = 'new')),
        CHECK ((merged_into IS NULL) = (status <> 'merged')),
        CHECK ((decided_by IS NULL) = (status = 'pending')),
        CHECK ((decided_at IS NULL) = (status = 'pending')),
        CHECK ((space_id IS NULL) = (vector IS NULL))
    )
    """,
    "CREATE INDEX task_proposals_by_time ON analysis.task_proposals (created_at, batch, place, id)",
    "CREATE INDEX task_proposals_by_run ON analysis.task_proposals (run_id, status)",
    "CREATE INDEX task_proposals_by_project ON analysis.task_proposals (project_id, status)",
    "CREATE INDEX task_proposals_by_message ON analysis.task_proposals USING gin (message_ids)",
    """
    CREATE INDEX task_proposals_by_decision ON analysis.task_proposals (decided_at, id)
        WHERE status <> 'pending'
    """,
    """
    CREATE INDEX task_proposals_merged ON analysis.task_proposals (merged_into)
        WHERE merged_into IS NOT NULL
    """,
    """
    CREATE TABLE analysis.bulk_reviews (
        id uuid PRIMARY KEY,
        decision text NOT NULL CHECK (decision IN ('approve', 'reject')),
        proposal_ids uuid[] NOT NULL CHECK (cardinality(proposal_ids) BETWEEN 1 AND 200),
        reason text NOT NULL,
        items jsonb NOT NULL DEFAULT '[]',
        reviewed_by text NOT NULL,
        reviewed_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE analysis.proposal_changes (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        proposal_id uuid NOT NULL REFERENCES analysis.task_proposals,
        change text NOT NULL
            CHECK (change IN ('created', 'edited', 'approved', 'rejected', 'merged', 'reverted')),
        before jsonb NOT NULL DEFAULT '{}',
        after jsonb NOT NULL DEFAULT '{}',
        reason text NOT NULL DEFAULT '',
        bulk_id uuid REFERENCES analysis.bulk_reviews,
        reverts bigint REFERENCES analysis.proposal_changes,
        changed_by text,
        changed_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX proposal_changes_by_proposal ON analysis.proposal_changes (proposal_id, id)",
    """
    CREATE UNIQUE INDEX proposal_changes_once_in_bulk ON analysis.proposal_changes (bulk_id, proposal_id)
        WHERE bulk_id IS NOT NULL
    """,
    """
    CREATE INDEX proposal_changes_into ON analysis.proposal_changes ((after ->> 'merged_into'), id)
        WHERE change = 'merged'
    """,
    """
    CREATE FUNCTION analysis.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END $$
    """,
    """
    CREATE TRIGGER proposal_changes_stay BEFORE UPDATE OR DELETE ON analysis.proposal_changes
        FOR EACH ROW EXECUTE FUNCTION analysis.refuse_change()
    """,
)

_EXPERIMENTS = (
    """
    CREATE TABLE analysis.experiment_snapshots (
        id uuid PRIMARY KEY,
        topics jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE analysis.experiment_labels (
        snapshot_id uuid NOT NULL REFERENCES analysis.experiment_snapshots ON DELETE CASCADE,
        message_id bigint NOT NULL,
        topic_id bigint NOT NULL,
        text text NOT NULL,
        PRIMARY KEY (snapshot_id, message_id)
    )
    """,
    """
    CREATE TABLE analysis.classification_experiments (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        status text NOT NULL DEFAULT 'pending'
            CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
        provider_id uuid NOT NULL,
        provider_name text NOT NULL,
        model text NOT NULL,
        basic_mode boolean NOT NULL,
        language text NOT NULL CHECK (language IN ('uk', 'en')),
        max_cost double precision NOT NULL,
        snapshot_id uuid NOT NULL REFERENCES analysis.experiment_snapshots,
        messages_total bigint NOT NULL CHECK (messages_total BETWEEN 1 AND 1000),
        metrics jsonb,
        calls bigint NOT NULL DEFAULT 0,
        cached_calls bigint NOT NULL DEFAULT 0,
        input_tokens bigint NOT NULL DEFAULT 0,
        output_tokens bigint NOT NULL DEFAULT 0,
        cost double precision NOT NULL DEFAULT 0,
        stopped_by text CHECK (stopped_by IN ('cost', 'tokens')),
        failure text,
        runner uuid,
        alive_at timestamptz NOT NULL DEFAULT now(),
        created_by text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        finished_at timestamptz
    )
    """,
    """
    CREATE INDEX classification_experiments_by_time
        ON analysis.classification_experiments (created_at, id)
    """,
    """
    CREATE INDEX classification_experiments_by_snapshot
        ON analysis.classification_experiments (snapshot_id)
    """,
    """
    CREATE TABLE analysis.experiment_results (
        experiment_id uuid NOT NULL REFERENCES analysis.classification_experiments ON DELETE CASCADE,
        message_id bigint NOT NULL,
        predicted_id bigint,
        confidence double precision NOT NULL DEFAULT 0 CHECK (confidence BETWEEN 0 AND 1),
        alternatives jsonb NOT NULL DEFAULT '[]',
        reasoning text NOT NULL DEFAULT '',
        duration_ms double precision NOT NULL DEFAULT 0,
        error text,
        PRIMARY KEY (experiment_id, message_id)
    )
    """,
)

_ANSWERS = tuple(statement.format(schema="analysis") for statement in ANSWERS_DDL)

# A team that has moved its extraction to a model wants its tasks from there, too.
DEFAULTS = (
    f"""
    INSERT INTO analysis.agent_configs (id, name, kind, provider_id, model, language, active)
    SELECT '{LOCAL_PROPOSER}', 'Task proposer', 'task_proposer',
        coalesce(
            (SELECT provider_id FROM analysis.agent_configs WHERE kind = 'knowledge_extractor' AND active),
            '{LOCAL_PROVIDER}'
        ),
        (SELECT model FROM analysis.agent_configs WHERE kind = 'knowledge_extractor' AND active),
        coalesce(
            (SELECT language FROM analysis.agent_configs WHERE kind = 'knowledge_extractor' AND active), 'uk'
        ),
        true
    WHERE NOT EXISTS (SELECT FROM analysis.agent_configs WHERE lower(name) = 'task proposer')
    """,  # noqa: S608 - our own constants
)

_TABLES = (
    "llm_answers",
    "experiment_results",
    "classification_experiments",
    "experiment_labels",
    "experiment_snapshots",
    "proposal_changes",
    "bulk_reviews",
    "task_proposals",
    "asked_batches",
    "run_batches",
    "analysis_runs",
    "agent_task_assignments",
    "task_configs",
    "project_configs",
)


def upgrade() -> None:
    """Apply."""
    for statement in (
        *_KINDS,
        *_CONFIGURATION,
        *_RUNS,
        *_PROPOSALS,
        *_EXPERIMENTS,
        *_ANSWERS,
        *DEFAULTS,
    ):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in _TABLES:
        op.execute(f"DROP TABLE analysis.{table}")
    op.execute("DROP FUNCTION analysis.refuse_change()")
    for statement in _KINDS_BEFORE:
        op.execute(statement)
