"""A rare thread of a large chat is read without reading the whole chat."""

from shared.database.online import create_index, drop_index

revision = "0002_threads"
down_revision = "0001_knowledge"


def upgrade() -> None:
    """Apply."""
    create_index(
        "pending_messages_by_thread",
        "knowledge.pending_messages",
        "(chat_id, coalesce(thread_id, 0), sent_at, message_id)",
    )


def downgrade() -> None:
    """Take back."""
    drop_index("pending_messages_by_thread", "knowledge")
