"""Atoms of few chats, by few authors or of a short time are found without reading all of them."""

from alembic import op

revision = "0003_narrowing"
down_revision = "0002_centring"

INDEXES = {
    "knowledge_texts_by_chat": "gin (chat_ids)",
    "knowledge_texts_by_author": "gin (author_ids)",
    "knowledge_texts_by_time": "btree (at)",
}


def upgrade() -> None:
    """Apply."""
    for name, columns in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON embedding.knowledge_texts USING {columns} WHERE kind = 'atom'")


def downgrade() -> None:
    """Take back."""
    for name in INDEXES:
        op.execute(f"DROP INDEX embedding.{name}")
