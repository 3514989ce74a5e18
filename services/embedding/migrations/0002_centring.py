"""What all queries to a space have in common, so that it can be taken from each."""

from alembic import op

revision = "0002_centring"
down_revision = "0001_embedding"


def upgrade() -> None:
    """Apply. Spaces from before have none until they are built anew."""
    op.execute("ALTER TABLE embedding.vector_spaces ADD COLUMN common_to_queries real[]")


def downgrade() -> None:
    """Take back."""
    op.execute("ALTER TABLE embedding.vector_spaces DROP COLUMN common_to_queries")
