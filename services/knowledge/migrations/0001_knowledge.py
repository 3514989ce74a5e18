"""Topics, atoms, what proves and links them, their versions, what waits, extractions and the outbox."""

from alembic import op

from shared.llm.cache import ANSWERS_DDL
from shared.messaging.outbox import OUTBOX_DDL

revision = "0001_knowledge"
down_revision = None

_TYPES = "('problem', 'solution', 'decision', 'question', 'insight', 'pattern', 'requirement')"
_LINKS = "('solves', 'supports', 'contradicts', 'continues', 'refines', 'relates_to', 'depends_on')"
_REVIEW = "('needs_review', 'approved', 'rejected')"
_SHARE = "double precision NOT NULL CHECK ({0} BETWEEN 0 AND 1)"

_VERSION_COLUMNS = """
        id bigint PRIMARY KEY DEFAULT nextval('knowledge.version_ids'),
        {entity}_id bigint NOT NULL REFERENCES knowledge.{entity}s,
        number bigint NOT NULL,
        status text NOT NULL CHECK (status IN ('draft', 'approved', 'rejected')),
        changes jsonb NOT NULL,
        reason text NOT NULL DEFAULT '',
        confidence double precision,
        similarity double precision,
        run_id uuid,
        created_by text,
        created_at timestamptz NOT NULL DEFAULT now(),
        reviewed_by text,
        reviewed_at timestamptz,
        rule_id uuid,
        UNIQUE ({entity}_id, number)
"""

STATEMENTS = (
    f"""
    CREATE TABLE knowledge.topics (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text NOT NULL,
        description text NOT NULL DEFAULT '',
        icon text NOT NULL,
        colour text NOT NULL,
        status text NOT NULL CHECK (status IN {_REVIEW}),
        confidence {_SHARE.format("confidence")},
        version bigint NOT NULL DEFAULT 1,
        merged_into bigint REFERENCES knowledge.topics,
        run_id uuid,
        reviewed_by text,
        reviewed_at timestamptz,
        rule_id uuid,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CHECK (merged_into <> id)
    )
    """,
    "CREATE UNIQUE INDEX topics_by_name ON knowledge.topics (lower(name)) WHERE merged_into IS NULL",
    "CREATE INDEX topics_by_change ON knowledge.topics (updated_at DESC, id DESC)",
    """
    CREATE INDEX topics_waiting ON knowledge.topics (id)
        WHERE status = 'needs_review' AND merged_into IS NULL
    """,
    "CREATE INDEX topics_by_rule ON knowledge.topics (rule_id) WHERE rule_id IS NOT NULL",
    "CREATE INDEX topics_merged ON knowledge.topics (merged_into) WHERE merged_into IS NOT NULL",
    f"""
    CREATE TABLE knowledge.atoms (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        type text NOT NULL CHECK (type IN {_TYPES}),
        title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
        content text NOT NULL,
        confidence {_SHARE.format("confidence")},
        status text NOT NULL CHECK (status IN {_REVIEW}),
        meta jsonb NOT NULL DEFAULT '{{}}',
        version bigint NOT NULL DEFAULT 1,
        valid_from timestamptz,
        valid_to timestamptz,
        superseded_by bigint REFERENCES knowledge.atoms,
        merged_into bigint REFERENCES knowledge.atoms,
        run_id uuid,
        place bigint,
        reviewed_by text,
        reviewed_at timestamptz,
        rule_id uuid,
        basic_mode boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (run_id, place),
        CHECK (merged_into <> id),
        CHECK (superseded_by <> id)
    )
    """,
    "CREATE INDEX atoms_by_time ON knowledge.atoms (created_at DESC, id DESC)",
    "CREATE INDEX atoms_by_type ON knowledge.atoms (type, status, created_at DESC, id DESC)",
    "CREATE INDEX atoms_by_status ON knowledge.atoms (status, created_at DESC, id DESC)",
    """
    CREATE INDEX atoms_waiting ON knowledge.atoms (id)
        WHERE status = 'needs_review' AND merged_into IS NULL
    """,
    """
    CREATE INDEX atoms_hidden ON knowledge.atoms (id)
        WHERE status = 'rejected' OR merged_into IS NOT NULL
    """,
    "CREATE INDEX atoms_superseded ON knowledge.atoms (superseded_by) WHERE superseded_by IS NOT NULL",
    "CREATE INDEX atoms_by_rule ON knowledge.atoms (rule_id) WHERE rule_id IS NOT NULL",
    "CREATE INDEX atoms_merged ON knowledge.atoms (merged_into) WHERE merged_into IS NOT NULL",
    """
    CREATE TABLE knowledge.topic_atoms (
        topic_id bigint NOT NULL REFERENCES knowledge.topics,
        atom_id bigint NOT NULL REFERENCES knowledge.atoms,
        PRIMARY KEY (topic_id, atom_id)
    )
    """,
    "CREATE INDEX topic_atoms_by_atom ON knowledge.topic_atoms (atom_id)",
    f"""
    CREATE TABLE knowledge.atom_links (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        from_atom bigint NOT NULL REFERENCES knowledge.atoms,
        to_atom bigint NOT NULL REFERENCES knowledge.atoms,
        type text NOT NULL CHECK (type IN {_LINKS}),
        strength {_SHARE.format("strength")},
        run_id uuid,
        created_by text,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (from_atom, to_atom, type),
        CHECK (from_atom <> to_atom)
    )
    """,
    "CREATE INDEX atom_links_by_target ON knowledge.atom_links (to_atom)",
    """
    CREATE TABLE knowledge.atom_sources (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        atom_id bigint NOT NULL REFERENCES knowledge.atoms,
        message_id bigint NOT NULL,
        quote text NOT NULL CHECK (quote <> ''),
        chat_id bigint NOT NULL,
        author_id bigint,
        author text,
        sent_at timestamptz NOT NULL,
        content_hash text NOT NULL,
        stale boolean NOT NULL DEFAULT false
    )
    """,
    "CREATE UNIQUE INDEX atom_sources_once ON knowledge.atom_sources (atom_id, message_id, md5(quote))",
    "CREATE INDEX atom_sources_by_message ON knowledge.atom_sources (message_id)",
    "CREATE INDEX atom_sources_by_chat ON knowledge.atom_sources (chat_id, sent_at DESC)",
    """
    CREATE TABLE knowledge.message_topics (
        message_id bigint NOT NULL,
        topic_id bigint NOT NULL REFERENCES knowledge.topics,
        PRIMARY KEY (message_id, topic_id)
    )
    """,
    "CREATE INDEX message_topics_by_topic ON knowledge.message_topics (topic_id)",
    """
    CREATE TABLE knowledge.extraction_runs (
        id uuid PRIMARY KEY,
        status text NOT NULL CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
        trigger text NOT NULL CHECK (trigger IN ('threshold', 'manual', 'schedule')),
        agent_id uuid,
        agent_name text,
        provider_id uuid,
        provider_name text,
        model text,
        basic_mode boolean NOT NULL DEFAULT false,
        prompt text,
        messages bigint NOT NULL DEFAULT 0,
        topics_created bigint NOT NULL DEFAULT 0,
        topics_matched bigint NOT NULL DEFAULT 0,
        atoms_created bigint NOT NULL DEFAULT 0,
        atoms_merged bigint NOT NULL DEFAULT 0,
        links_created bigint NOT NULL DEFAULT 0,
        versions_created bigint NOT NULL DEFAULT 0,
        quotes_dropped bigint NOT NULL DEFAULT 0,
        atoms_dropped bigint NOT NULL DEFAULT 0,
        atoms_refused bigint NOT NULL DEFAULT 0,
        calls bigint NOT NULL DEFAULT 0,
        cached_calls bigint NOT NULL DEFAULT 0,
        input_tokens bigint NOT NULL DEFAULT 0,
        output_tokens bigint NOT NULL DEFAULT 0,
        cost double precision NOT NULL DEFAULT 0,
        stopped_by text,
        failure text,
        started_by text,
        request_id uuid,
        runner uuid,
        paused_until timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        alive_at timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz
    )
    """,
    "CREATE INDEX extraction_runs_by_time ON knowledge.extraction_runs (created_at DESC, id DESC)",
    """
    CREATE INDEX extraction_runs_by_request ON knowledge.extraction_runs (request_id)
        WHERE request_id IS NOT NULL
    """,
    "CREATE INDEX extraction_runs_by_end ON knowledge.extraction_runs (finished_at DESC)",
    """
    CREATE INDEX extraction_runs_open ON knowledge.extraction_runs (alive_at)
        WHERE status IN ('pending', 'running')
    """,
    """
    CREATE TABLE knowledge.pending_messages (
        message_id bigint PRIMARY KEY,
        chat_id bigint NOT NULL,
        thread_id bigint,
        author_id bigint,
        sent_at timestamptz NOT NULL,
        written_at timestamptz NOT NULL,
        content_hash text NOT NULL,
        message_class text NOT NULL,
        trace text,
        state text NOT NULL CHECK (state IN ('waiting', 'claimed', 'done', 'set_aside', 'ignored')),
        extraction_id uuid REFERENCES knowledge.extraction_runs,
        failures bigint NOT NULL DEFAULT 0,
        reason text,
        extracted_hash text,
        arrived_at timestamptz NOT NULL DEFAULT now(),
        CHECK ((state = 'claimed') <= (extraction_id IS NOT NULL))
    )
    """,
    """
    CREATE INDEX pending_messages_waiting ON knowledge.pending_messages (chat_id, sent_at, message_id)
        WHERE state = 'waiting'
    """,
    """
    CREATE INDEX pending_messages_waiting_by_time ON knowledge.pending_messages (sent_at, message_id)
        WHERE state = 'waiting'
    """,
    """
    CREATE INDEX pending_messages_claimed ON knowledge.pending_messages (extraction_id, sent_at, message_id)
        WHERE state = 'claimed'
    """,
    """
    CREATE INDEX pending_messages_set_aside ON knowledge.pending_messages (message_id)
        WHERE state = 'set_aside'
    """,
    """
    CREATE INDEX pending_messages_by_extraction ON knowledge.pending_messages (extraction_id)
        WHERE extraction_id IS NOT NULL
    """,
    "CREATE INDEX pending_messages_by_chat ON knowledge.pending_messages (chat_id, sent_at, message_id)",
    """
    CREATE TABLE knowledge.asked_conversations (
        key text PRIMARY KEY,
        known_topics text[] NOT NULL,
        context_ids bigint[] NOT NULL,
        answer_hash text,
        asked_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE SEQUENCE knowledge.version_ids",
    f"CREATE TABLE knowledge.topic_versions ({_VERSION_COLUMNS.format(entity='topic')})",
    f"CREATE TABLE knowledge.atom_versions ({_VERSION_COLUMNS.format(entity='atom')})",
    "CREATE INDEX topic_versions_by_status ON knowledge.topic_versions (status, id DESC)",
    "CREATE INDEX atom_versions_by_status ON knowledge.atom_versions (status, id DESC)",
    "CREATE INDEX topic_versions_by_rule ON knowledge.topic_versions (rule_id) WHERE rule_id IS NOT NULL",
    "CREATE INDEX atom_versions_by_rule ON knowledge.atom_versions (rule_id) WHERE rule_id IS NOT NULL",
    """
    CREATE TABLE knowledge.merges (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        entity text NOT NULL CHECK (entity IN ('topic', 'atom')),
        kept_id bigint NOT NULL,
        merged_id bigint NOT NULL,
        similarity double precision,
        moved jsonb NOT NULL,
        run_id uuid,
        merged_by text,
        merged_at timestamptz NOT NULL DEFAULT now(),
        undone_by text,
        undone_at timestamptz,
        CHECK (kept_id <> merged_id)
    )
    """,
    "CREATE INDEX merges_by_kept ON knowledge.merges (entity, kept_id)",
    "CREATE INDEX merges_by_merged ON knowledge.merges (entity, merged_id)",
    f"""
    CREATE TABLE knowledge.automation_rules (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        enabled boolean NOT NULL,
        applies_to text NOT NULL CHECK (applies_to IN ('topic', 'atom', 'topic_version', 'atom_version')),
        min_confidence {_SHARE.format("min_confidence")},
        min_similarity {_SHARE.format("min_similarity")},
        atom_types text[] NOT NULL DEFAULT '{{}}',
        created_by text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE UNIQUE INDEX automation_rules_by_name ON knowledge.automation_rules (lower(name))",
    """
    CREATE TABLE knowledge.changes (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        entity text NOT NULL CHECK (entity IN ('topic', 'atom', 'rule')),
        entity_id bigint,
        change text NOT NULL,
        changed_by text,
        rule_id uuid,
        details jsonb NOT NULL DEFAULT '{}',
        changed_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX changes_by_entity ON knowledge.changes (entity, entity_id, id DESC)",
    *(statement.format(schema="knowledge") for statement in (*ANSWERS_DDL, *OUTBOX_DDL)),
)

_TABLES = (
    "outbox",
    "llm_answers",
    "changes",
    "automation_rules",
    "merges",
    "atom_versions",
    "topic_versions",
    "asked_conversations",
    "pending_messages",
    "extraction_runs",
    "message_topics",
    "atom_sources",
    "atom_links",
    "topic_atoms",
    "atoms",
    "topics",
)


def upgrade() -> None:
    """Apply."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in _TABLES:
        op.execute(f"DROP TABLE knowledge.{table}")
    op.execute("DROP SEQUENCE knowledge.version_ids")
