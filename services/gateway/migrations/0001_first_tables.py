"""API keys, answers to repeated requests, and the outbox."""

from alembic import op

from shared.messaging.outbox import OUTBOX_DDL

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Apply."""
    op.execute(
        """
        CREATE TABLE gateway.api_keys (
            id uuid PRIMARY KEY,
            name text NOT NULL,
            key_hash bytea NOT NULL UNIQUE,
            scopes text[] NOT NULL DEFAULT '{read}',
            created_at timestamptz NOT NULL DEFAULT now()
        )
        """
    )
    op.execute(
        """
        CREATE TABLE gateway.idempotent_requests (
            api_key_id uuid NOT NULL REFERENCES gateway.api_keys ON DELETE CASCADE,
            idempotency_key text NOT NULL,
            fingerprint bytea NOT NULL,
            run_id uuid NOT NULL,
            locked_until timestamptz NOT NULL,
            status smallint,
            location text,
            body bytea,
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (api_key_id, idempotency_key)
        )
        """
    )
    op.execute("CREATE INDEX ix_idempotent_requests_created_at ON gateway.idempotent_requests (created_at)")
    for statement in OUTBOX_DDL:
        op.execute(statement.format(schema="gateway"))


def downgrade() -> None:
    """Take back."""
    op.execute("DROP TABLE gateway.outbox, gateway.idempotent_requests, gateway.api_keys")
