"""History by a person's account: the account, the chats it is in, and how far a job is in each of its own."""

from alembic import op

revision = "0003_history"
down_revision = "0002_bot"

STATEMENTS = (
    """
    CREATE TABLE ingestion.telegram_accounts (
        id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
        login_id uuid NOT NULL,
        state text NOT NULL CHECK (state IN ('code_sent', 'password_needed', 'signed_in', 'revoked')),
        phone text,
        sealed_login text,
        sealed_session text,
        code_via text,
        code_sent_at timestamptz,
        telegram_id bigint,
        name text,
        username text,
        signed_in_at timestamptz,
        chats_listed_at timestamptz,
        problem text,
        changed_by text NOT NULL,
        changed_at timestamptz NOT NULL DEFAULT now(),
        CHECK (state <> 'signed_in' OR (sealed_session IS NOT NULL AND telegram_id IS NOT NULL)),
        CHECK (state NOT IN ('code_sent', 'password_needed') OR sealed_login IS NOT NULL)
    )
    """,
    """
    CREATE TABLE ingestion.telegram_chats (
        telegram_id bigint PRIMARY KEY,
        access_hash bigint,
        type text NOT NULL CHECK (type IN ('private', 'group', 'supergroup', 'channel')),
        title text,
        username text,
        is_forum boolean NOT NULL DEFAULT false,
        migrated_to bigint,
        last_message_at timestamptz
    )
    """,
    """
    CREATE TABLE ingestion.history_chats (
        job_id uuid NOT NULL REFERENCES ingestion.ingestion_jobs ON DELETE CASCADE,
        place int NOT NULL,
        telegram_id bigint NOT NULL,
        access_hash bigint,
        type text NOT NULL,
        title text,
        migrated_to bigint,
        status text NOT NULL DEFAULT 'pending'
            CHECK (status IN ('pending', 'running', 'completed', 'failed')),
        oldest_id bigint NOT NULL DEFAULT 0,
        messages_fetched bigint NOT NULL DEFAULT 0,
        messages_total bigint,
        PRIMARY KEY (job_id, place),
        UNIQUE (job_id, telegram_id)
    )
    """,
    """
    ALTER TABLE ingestion.ingestion_jobs
        ADD COLUMN since timestamptz,
        ADD COLUMN until timestamptz,
        ADD COLUMN include_private boolean NOT NULL DEFAULT false,
        ADD COLUMN waiting_until timestamptz,
        ADD COLUMN waiting_for text
    """,
)


def upgrade() -> None:
    """Apply."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    op.execute(
        "ALTER TABLE ingestion.ingestion_jobs DROP COLUMN since, DROP COLUMN until,"
        " DROP COLUMN include_private, DROP COLUMN waiting_until, DROP COLUMN waiting_for"
    )
    for table in ("history_chats", "telegram_chats", "telegram_accounts"):
        op.execute(f"DROP TABLE ingestion.{table}")
