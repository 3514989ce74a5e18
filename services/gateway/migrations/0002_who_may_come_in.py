"""Keys that end and change, sessions of the page, and the log of what people changed."""

from alembic import op

revision = "0002"
down_revision = "0001"
_FEW_KEYS = "There are some dozens of keys at the most: checked, and indexed, within a moment."
accepted = {
    "constraint-missing-not-valid": _FEW_KEYS,
    "disallowed-unique-constraint": _FEW_KEYS,
    "require-concurrent-index-creation": _FEW_KEYS,
}

_KEYS = (
    """
    ALTER TABLE gateway.api_keys
        ADD COLUMN prefix text,
        ADD COLUMN created_by text NOT NULL DEFAULT '',
        ADD COLUMN expires_at timestamptz,
        ADD COLUMN last_used_at timestamptz,
        ADD COLUMN revoked_at timestamptz,
        ADD COLUMN rotated_at timestamptz,
        ADD COLUMN previous_hash bytea UNIQUE,
        ADD COLUMN previous_until timestamptz,
        ADD CHECK ((previous_hash IS NULL) = (previous_until IS NULL)),
        ADD CHECK (scopes <@ ARRAY['read', 'write', 'admin'] AND cardinality(scopes) > 0)
    """,
    # Names were free until now: of those that are the same, the oldest keeps its own.
    """
    UPDATE gateway.api_keys SET name = api_keys.name || ' ' || left(api_keys.id::text, 8)
    FROM (
        SELECT id, row_number() OVER (PARTITION BY lower(name) ORDER BY created_at, id) AS place
        FROM gateway.api_keys
    ) AS placed
    WHERE placed.id = api_keys.id AND placed.place > 1
    """,
    "CREATE UNIQUE INDEX api_keys_name ON gateway.api_keys (lower(name)) WHERE revoked_at IS NULL",
    "CREATE INDEX api_keys_by_time ON gateway.api_keys (created_at, id)",
)

_COLUMNS = (
    "prefix",
    "created_by",
    "expires_at",
    "last_used_at",
    "revoked_at",
    "rotated_at",
    "previous_hash",
    "previous_until",
)

_SESSIONS = (
    """
    CREATE TABLE gateway.sessions (
        id_hash bytea PRIMARY KEY,
        key_id uuid NOT NULL REFERENCES gateway.api_keys ON DELETE CASCADE,
        key_hash bytea NOT NULL,
        address text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        last_seen_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        ended_at timestamptz
    )
    """,
    "CREATE INDEX sessions_by_key ON gateway.sessions (key_id, created_at)",
    "CREATE INDEX sessions_by_end ON gateway.sessions (expires_at)",
)

_AUDIT = (
    """
    CREATE TABLE gateway.audit_log (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT now(),
        kind text NOT NULL CHECK (kind IN ('change', 'sign_in', 'guesses')),
        key_id uuid,
        key_name text NOT NULL DEFAULT '',
        method text NOT NULL DEFAULT '',
        route text NOT NULL DEFAULT '',
        path text NOT NULL DEFAULT '',
        address text NOT NULL,
        attempts bigint NOT NULL DEFAULT 1 CHECK (attempts > 0),
        status smallint,
        run_id uuid,
        ended_at timestamptz,
        CHECK ((status IS NULL) = (ended_at IS NULL)),
        CHECK ((kind = 'guesses') = (key_id IS NULL))
    )
    """,
    "CREATE INDEX audit_log_by_time ON gateway.audit_log (at, id)",
    "CREATE INDEX audit_log_by_key ON gateway.audit_log (key_id, at, id)",
    "CREATE INDEX audit_log_by_route ON gateway.audit_log (route, at, id)",
    """
    CREATE FUNCTION gateway.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            -- How it ended is written once; all else stays as it was.
            IF OLD.status IS NULL AND NEW.status IS NOT NULL
                AND (to_jsonb(NEW) - '{status,run_id,ended_at}'::text[])
                    = (to_jsonb(OLD) - '{status,run_id,ended_at}'::text[])
            THEN
                RETURN NEW;
            END IF;
        ELSIF TG_OP = 'DELETE' THEN
            IF OLD.at < now() - interval '7 days' THEN
                RETURN OLD;
            END IF;
        END IF;
        RAISE EXCEPTION 'audit_log is only ever added to, and forgotten after 7 days at the soonest'
            USING ERRCODE = 'insufficient_privilege';
    END $$
    """,
    """
    CREATE TRIGGER audit_log_stays BEFORE UPDATE OR DELETE ON gateway.audit_log
        FOR EACH ROW EXECUTE FUNCTION gateway.refuse_audit_change()
    """,
    """
    CREATE TRIGGER audit_log_is_not_emptied BEFORE TRUNCATE ON gateway.audit_log
        FOR EACH STATEMENT EXECUTE FUNCTION gateway.refuse_audit_change()
    """,
)


def upgrade() -> None:
    """Apply."""
    for statement in (*_KEYS, *_SESSIONS, *_AUDIT):
        op.execute(statement)


def downgrade() -> None:
    """Take back; revoked keys go, as before there was no way to have one."""
    for statement in (
        "DROP TABLE gateway.audit_log, gateway.sessions",
        "DROP FUNCTION gateway.refuse_audit_change()",
        "DELETE FROM gateway.api_keys WHERE revoked_at IS NOT NULL OR expires_at < now()",
        "DROP INDEX gateway.api_keys_name",
        "DROP INDEX gateway.api_keys_by_time",
        "ALTER TABLE gateway.api_keys DROP CONSTRAINT api_keys_check",
        "ALTER TABLE gateway.api_keys DROP CONSTRAINT api_keys_scopes_check",
        *(f"ALTER TABLE gateway.api_keys DROP COLUMN {column}" for column in _COLUMNS),
    ):
        op.execute(statement)
