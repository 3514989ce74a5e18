"""A rare thread of a large chat is read without reading the whole chat."""

from alembic import op

revision = "0002_threads"
down_revision = "0001_knowledge"


def upgrade() -> None:
    """Apply."""
    op.execute(
        """
        CREATE INDEX IF NOT EXISTS pending_messages_by_thread ON knowledge.pending_messages
            (chat_id, coalesce(thread_id, 0), sent_at, message_id)
        """
    )


def downgrade() -> None:
    """Take back."""
    op.execute("DROP INDEX knowledge.pending_messages_by_thread")
