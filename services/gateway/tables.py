"""The tables of the schema `gateway`."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = "gateway"


class Base(DeclarativeBase):
    """What all tables of the schema share."""

    metadata = MetaData(schema=SCHEMA)


class ApiKeyRow(Base):
    """A key that may come in. The key itself is not kept, only its SHA-256.

    A revoked one stays, for the names in the audit log; its name is free again. `previous_hash` is of the
    text from before the last rotation, which is good until `previous_until`.
    """

    __tablename__ = "api_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    key_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{read}'"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    prefix: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(Text, server_default="")
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    rotated_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    previous_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    previous_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        Index("api_keys_name", func.lower(name), unique=True, postgresql_where=revoked_at.is_(None)),
        Index("api_keys_by_time", "created_at", "id"),
    )


class SessionRow(Base):
    """Somebody who signed in to the page with a key. The session's id is not kept, only its SHA-256.

    `key_hash` is the key's at that time: the session ends where that text of the key ends.
    """

    __tablename__ = "sessions"

    id_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    key_id: Mapped[UUID] = mapped_column(ForeignKey(f"{SCHEMA}.api_keys.id", ondelete="CASCADE"))
    key_hash: Mapped[bytes] = mapped_column(LargeBinary)
    address: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    last_seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        Index("sessions_by_key", "key_id", "created_at"),
        Index("sessions_by_end", "expires_at"),
    )


class AuditRow(Base):
    """What somebody changed, or tried to: written before it is done, and how it ended added once.

    `status` is null until then, and stays so when the gateway died in between: it may have been done or not.
    A trigger refuses every other change, and forgets nothing younger than 7 days.
    """

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    kind: Mapped[str] = mapped_column(Text)
    key_id: Mapped[UUID | None]
    key_name: Mapped[str] = mapped_column(Text, server_default="")
    method: Mapped[str] = mapped_column(Text, server_default="")
    route: Mapped[str] = mapped_column(Text, server_default="")
    path: Mapped[str] = mapped_column(Text, server_default="")
    address: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(BigInteger, server_default="1")
    status: Mapped[int | None] = mapped_column(SmallInteger)
    run_id: Mapped[UUID | None]
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        Index("audit_log_by_time", "at", "id"),
        Index("audit_log_by_key", "key_id", "at", "id"),
        Index("audit_log_by_route", "route", "at", "id"),
    )


class IdempotentRequestRow(Base):
    """What a POST with an `Idempotency-Key` was and how it was answered, kept for 24 hours.

    `status` is null until it was answered; until `locked_until` somebody is at work on it. `run_id` is made
    once, so that a second try after a crash names the same job.
    """

    __tablename__ = "idempotent_requests"

    api_key_id: Mapped[UUID] = mapped_column(
        ForeignKey(f"{SCHEMA}.api_keys.id", ondelete="CASCADE"), primary_key=True
    )
    idempotency_key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    run_id: Mapped[UUID]
    locked_until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    status: Mapped[int | None] = mapped_column(SmallInteger)
    location: Mapped[str | None] = mapped_column(Text)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    __table_args__ = (Index("ix_idempotent_requests_created_at", "created_at"),)
