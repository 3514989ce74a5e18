"""The bot whose updates are saved, and pictures of the people who write."""

from alembic import op

revision = "0002_bot"
down_revision = "0001_ingestion"

STATEMENTS = (
    """
    CREATE TABLE ingestion.bots (
        id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
        telegram_id bigint NOT NULL,
        username text NOT NULL,
        name text NOT NULL,
        can_join_groups boolean NOT NULL,
        can_read_all_group_messages boolean NOT NULL,
        sealed_token text NOT NULL,
        polling boolean NOT NULL DEFAULT false,
        next_update_id bigint,
        webhook_url text,
        last_update_at timestamptz,
        last_error text,
        last_error_at timestamptz,
        set_by text NOT NULL,
        set_at timestamptz NOT NULL DEFAULT now(),
        CHECK (NOT polling OR webhook_url IS NULL)
    )
    """,
    """
    CREATE TABLE ingestion.avatars (
        user_id bigint PRIMARY KEY REFERENCES ingestion.users ON DELETE CASCADE,
        status text NOT NULL CHECK (status IN ('asked', 'none', 'kept', 'failed')),
        next_try_at timestamptz NOT NULL,
        attempts smallint NOT NULL DEFAULT 0,
        object_name text,
        photo_id text,
        content_type text,
        size bigint,
        failure text,
        fetched_at timestamptz,
        CHECK ((object_name IS NULL) = (content_type IS NULL)),
        CHECK ((object_name IS NULL) = (size IS NULL)),
        CHECK (status <> 'kept' OR object_name IS NOT NULL)
    )
    """,
)


def upgrade() -> None:
    """Apply."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    op.execute("DROP TABLE ingestion.avatars")
    op.execute("DROP TABLE ingestion.bots")
