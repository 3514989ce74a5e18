"""Chats, people, messages with their versions, jobs and the outbox."""

from alembic import op

from shared.messaging.outbox import OUTBOX_DDL

revision = "0001_ingestion"
down_revision = None

STATEMENTS = (
    """
    CREATE TABLE ingestion.sources (
        id smallint PRIMARY KEY,
        kind text NOT NULL UNIQUE,
        name text NOT NULL
    )
    """,
    "INSERT INTO ingestion.sources (id, kind, name) VALUES (1, 'telegram', 'Telegram')",
    """
    CREATE TABLE ingestion.chats (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        source_id smallint NOT NULL DEFAULT 1 REFERENCES ingestion.sources,
        telegram_id bigint NOT NULL UNIQUE,
        type text NOT NULL CHECK (type IN ('private', 'group', 'supergroup', 'channel')),
        title text,
        username text,
        migrated_to_id bigint REFERENCES ingestion.chats CHECK (migrated_to_id <> id),
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX chats_migrated_to ON ingestion.chats (migrated_to_id) WHERE migrated_to_id IS NOT NULL",
    """
    CREATE TABLE ingestion.users (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        display_name text,
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE ingestion.telegram_profiles (
        telegram_id bigint PRIMARY KEY,
        user_id bigint NOT NULL REFERENCES ingestion.users,
        display_name text,
        first_name text,
        last_name text,
        username text,
        language_code text,
        is_bot boolean,
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX telegram_profiles_user ON ingestion.telegram_profiles (user_id)",
    """
    CREATE TABLE ingestion.messages (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        chat_id bigint NOT NULL REFERENCES ingestion.chats,
        telegram_message_id bigint NOT NULL,
        author_id bigint REFERENCES ingestion.users,
        sender_chat_id bigint REFERENCES ingestion.chats,
        sent_at timestamptz NOT NULL,
        edited_at timestamptz,
        kind text NOT NULL,
        text text NOT NULL,
        has_text boolean NOT NULL,
        content_hash bytea NOT NULL,
        entities jsonb NOT NULL,
        reply_to_message_id bigint,
        thread_id bigint,
        media_group_id text,
        forward jsonb,
        service_action text,
        roads smallint NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (chat_id, telegram_message_id)
    )
    """,
    "CREATE INDEX messages_by_time ON ingestion.messages (sent_at DESC, id DESC)",
    "CREATE INDEX messages_by_chat ON ingestion.messages (chat_id, sent_at DESC, id DESC)",
    """
    CREATE INDEX messages_by_sender_chat ON ingestion.messages (sender_chat_id, sent_at DESC)
        WHERE sender_chat_id IS NOT NULL
    """,
    "CREATE INDEX messages_by_author ON ingestion.messages (author_id, sent_at DESC, id DESC)",
    """
    CREATE TABLE ingestion.message_versions (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        message_id bigint NOT NULL REFERENCES ingestion.messages ON DELETE CASCADE,
        written_at timestamptz NOT NULL,
        kind text NOT NULL,
        text text NOT NULL,
        has_text boolean NOT NULL,
        content_hash bytea NOT NULL,
        entities jsonb NOT NULL,
        UNIQUE (message_id, written_at, content_hash)
    )
    """,
    """
    CREATE TABLE ingestion.ingestion_jobs (
        id uuid PRIMARY KEY,
        kind text NOT NULL,
        status text NOT NULL CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled')),
        source_name text NOT NULL,
        size bigint NOT NULL,
        checkpoint bigint NOT NULL DEFAULT 0,
        cancel_requested boolean NOT NULL DEFAULT false,
        messages_fetched bigint NOT NULL DEFAULT 0,
        messages_stored bigint NOT NULL DEFAULT 0,
        messages_skipped bigint NOT NULL DEFAULT 0,
        errors_count bigint NOT NULL DEFAULT 0,
        current_batch bigint NOT NULL DEFAULT 0,
        total_batches bigint,
        failure text,
        created_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        finished_at timestamptz
    )
    """,
    "CREATE INDEX ingestion_jobs_by_time ON ingestion.ingestion_jobs (created_at DESC, id DESC)",
    """
    CREATE TABLE ingestion.ingestion_errors (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        job_id uuid NOT NULL REFERENCES ingestion.ingestion_jobs ON DELETE CASCADE,
        position text NOT NULL,
        reason text NOT NULL,
        UNIQUE (job_id, position)
    )
    """,
    *(statement.format(schema="ingestion") for statement in OUTBOX_DDL),
)


def upgrade() -> None:
    """Apply."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in (
        "outbox",
        "ingestion_errors",
        "ingestion_jobs",
        "message_versions",
        "messages",
        "telegram_profiles",
        "users",
        "chats",
        "sources",
    ):
        op.execute(f"DROP TABLE ingestion.{table}")
