"""Which topic messages are of, as people say."""

from alembic import op

revision = "0003_labels"
down_revision = "0002_threads"


def upgrade() -> None:
    """Apply."""
    op.execute(
        """
        CREATE TABLE knowledge.message_labels (
            message_id bigint PRIMARY KEY,
            topic_id bigint NOT NULL REFERENCES knowledge.topics,
            labelled_by text NOT NULL,
            labelled_at timestamptz NOT NULL DEFAULT now()
        )
        """
    )
    op.execute("CREATE INDEX message_labels_by_topic ON knowledge.message_labels (topic_id)")


def downgrade() -> None:
    """Take back."""
    op.execute("DROP TABLE knowledge.message_labels")
