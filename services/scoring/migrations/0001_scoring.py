"""Scores, what is derived from them, feedback and the outbox."""

from alembic import op

from shared.messaging.outbox import OUTBOX_DDL

revision = "0001_scoring"
down_revision = None

_CLASSES = "('noise', 'weak_signal', 'signal')"

STATEMENTS = (
    f"""
    CREATE TABLE scoring.scores (
        message_id bigint PRIMARY KEY,
        chat_id bigint NOT NULL,
        author_id bigint,
        sent_at timestamptz NOT NULL,
        written_at timestamptz NOT NULL,
        content_hash text NOT NULL,
        importance_score double precision NOT NULL CHECK (importance_score BETWEEN 0 AND 1),
        scored_class text NOT NULL CHECK (scored_class IN {_CLASSES}),
        corrected_class text CHECK (corrected_class IN {_CLASSES}),
        corrected_by text,
        message_class text NOT NULL GENERATED ALWAYS AS (coalesce(corrected_class, scored_class)) STORED,
        noise_factors jsonb NOT NULL,
        scorer_version text NOT NULL,
        scored_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX scores_by_class ON scoring.scores (message_class, sent_at DESC, message_id DESC)",
    "CREATE INDEX scores_by_time ON scoring.scores (sent_at DESC, message_id DESC)",
    "CREATE INDEX scores_by_chat ON scoring.scores (chat_id, message_class, sent_at DESC, message_id DESC)",
    "CREATE INDEX scores_by_author ON scoring.scores (author_id, sent_at DESC) INCLUDE (message_class)",
    """
    CREATE TABLE scoring.author_activity (
        author_id bigint PRIMARY KEY,
        messages bigint NOT NULL,
        signals bigint NOT NULL,
        noise bigint NOT NULL,
        derived_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    f"""
    CREATE TABLE scoring.score_feedback (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        message_id bigint NOT NULL,
        message_class text CHECK (message_class IN {_CLASSES}),
        given_by text NOT NULL,
        comment text,
        given_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX score_feedback_by_message ON scoring.score_feedback (message_id, id)",
    """
    CREATE TABLE scoring.scoring_runs (
        id uuid PRIMARY KEY,
        started_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE scoring.catch_up (
        scorer_version text PRIMARY KEY,
        through bigint NOT NULL
    )
    """,
    *(statement.format(schema="scoring") for statement in OUTBOX_DDL),
)


def upgrade() -> None:
    """Apply."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in ("outbox", "catch_up", "scoring_runs", "score_feedback", "author_activity", "scores"):
        op.execute(f"DROP TABLE scoring.{table}")
