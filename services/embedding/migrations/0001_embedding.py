"""Texts, vector spaces, what could not be embedded, runs and the outbox."""

from alembic import op

from shared.messaging.outbox import OUTBOX_DDL

revision = "0001_embedding"
down_revision = None

STATEMENTS = (
    """
    CREATE TABLE embedding.message_texts (
        message_id bigint PRIMARY KEY,
        chat_id bigint NOT NULL,
        author_id bigint,
        sent_at timestamptz NOT NULL,
        written_at timestamptz NOT NULL,
        message_class text NOT NULL CHECK (message_class IN ('noise', 'weak_signal', 'signal')),
        has_text boolean NOT NULL,
        text text NOT NULL,
        folded text NOT NULL,
        content_hash text NOT NULL,
        wanted boolean NOT NULL GENERATED ALWAYS AS (has_text AND message_class <> 'noise') STORED,
        indexed_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    # Entries wait in a list, which makes an import four times as fast; a short one, as every search reads it.
    """
    CREATE INDEX message_texts_letters ON embedding.message_texts
        USING gin (folded gin_trgm_ops) WITH (gin_pending_list_limit = 512)
    """,
    "CREATE INDEX message_texts_by_chat ON embedding.message_texts (chat_id, sent_at)",
    "CREATE INDEX message_texts_by_author ON embedding.message_texts (author_id, sent_at)",
    "CREATE INDEX message_texts_by_time ON embedding.message_texts (sent_at)",
    """
    CREATE TABLE embedding.knowledge_texts (
        kind text NOT NULL CHECK (kind IN ('atom', 'topic')),
        item_id bigint NOT NULL,
        title text NOT NULL,
        text text NOT NULL,
        folded text NOT NULL,
        content_hash text NOT NULL,
        at timestamptz NOT NULL,
        atom_type text,
        status text NOT NULL,
        chat_ids bigint[] NOT NULL,
        author_ids bigint[] NOT NULL,
        hidden boolean NOT NULL,
        wanted boolean NOT NULL GENERATED ALWAYS AS (NOT hidden) STORED,
        indexed_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (kind, item_id)
    )
    """,
    """
    CREATE INDEX knowledge_texts_letters ON embedding.knowledge_texts
        USING gin (folded gin_trgm_ops) WITH (fastupdate = off) WHERE kind = 'atom'
    """,
    """
    CREATE TABLE embedding.vector_spaces (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        provider_id uuid NOT NULL,
        document_model text NOT NULL,
        query_model text NOT NULL,
        dimension bigint NOT NULL DEFAULT 0 CHECK (dimension >= 0),
        basic_mode boolean NOT NULL,
        status text NOT NULL CHECK (status IN ('building', 'active', 'retired', 'failed')),
        failure text,
        created_at timestamptz NOT NULL DEFAULT now(),
        activated_at timestamptz,
        ended_at timestamptz,
        moved_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE UNIQUE INDEX one_active_space ON embedding.vector_spaces (status) WHERE status = 'active'",
    "CREATE UNIQUE INDEX one_building_space ON embedding.vector_spaces (status) WHERE status = 'building'",
    """
    CREATE TABLE embedding.reindex_runs (
        run_id uuid PRIMARY KEY,
        space_id bigint NOT NULL REFERENCES embedding.vector_spaces ON DELETE CASCADE,
        status text NOT NULL CHECK (status IN ('pending', 'running', 'completed', 'failed')),
        had bigint,
        success bigint NOT NULL DEFAULT 0,
        failed bigint NOT NULL DEFAULT 0,
        skipped bigint NOT NULL DEFAULT 0,
        failure text,
        created_at timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz
    )
    """,
    "CREATE INDEX reindex_runs_by_space ON embedding.reindex_runs (space_id, created_at)",
    """
    CREATE TABLE embedding.embedding_failures (
        space_id bigint NOT NULL REFERENCES embedding.vector_spaces ON DELETE CASCADE,
        kind text NOT NULL,
        item_id bigint NOT NULL,
        reason text NOT NULL,
        attempts bigint NOT NULL DEFAULT 1,
        failed_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (space_id, kind, item_id)
    )
    """,
    """
    CREATE TABLE embedding.embedding_runs (
        run_id uuid PRIMARY KEY,
        started_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    *(statement.format(schema="embedding") for statement in OUTBOX_DDL),
)
TABLES = (
    "outbox",
    "embedding_runs",
    "embedding_failures",
    "reindex_runs",
    "vector_spaces",
    "knowledge_texts",
    "message_texts",
)


def upgrade() -> None:
    """Apply."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Take back, the tables of the spaces included."""
    op.execute(
        """
        DO $$ DECLARE vectors regclass; BEGIN
            FOR vectors IN SELECT oid FROM pg_class WHERE relnamespace = 'embedding'::regnamespace
                AND relkind = 'r' AND relname ~ '^(message|atom|topic)_vectors_[0-9]+$'
            LOOP EXECUTE format('DROP TABLE %s', vectors); END LOOP;
        END $$
        """
    )
    for table in TABLES:
        op.execute(f"DROP TABLE embedding.{table}")
