"""Atoms of few chats, by few authors or of a short time are found without reading all of them."""

from shared.database.online import create_index, drop_index

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
        create_index(name, "embedding.knowledge_texts", f"USING {columns} WHERE kind = 'atom'")


def downgrade() -> None:
    """Take back."""
    for name in INDEXES:
        drop_index(name, "embedding")
