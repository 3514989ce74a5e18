"""The first agents are named for what they do: which provider they use can change."""

from alembic import op

from services.analysis.tables import LOCAL_EMBEDDER, LOCAL_EXTRACTOR

revision = "0002_agent_names"
down_revision = "0001_providers"

_NAMES = (
    (LOCAL_EXTRACTOR, "Local extractor", "Knowledge extractor"),
    (LOCAL_EMBEDDER, "Local embedder", "Embedder"),
)
# A name that a person gave it, or gave to another agent, stays.
RENAMES = tuple(
    f"""
    UPDATE analysis.agent_configs SET name = '{later}'
    WHERE id = '{agent_id}' AND name = '{earlier}'
        AND NOT EXISTS (SELECT FROM analysis.agent_configs WHERE lower(name) = lower('{later}'))
    """  # noqa: S608 - our own words
    for agent_id, earlier, later in _NAMES
)


def upgrade() -> None:
    """Apply."""
    for statement in RENAMES:
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for agent_id, earlier, later in _NAMES:
        op.execute(
            f"""
            UPDATE analysis.agent_configs SET name = '{earlier}'
            WHERE id = '{agent_id}' AND name = '{later}'
            """  # noqa: S608 - our own words
        )
