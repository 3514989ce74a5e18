"""The tables of the schema `gateway`."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, LargeBinary, MetaData, SmallInteger, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = "gateway"


class Base(DeclarativeBase):
    """What all tables of the schema share."""

    metadata = MetaData(schema=SCHEMA)


class ApiKeyRow(Base):
    """A key that may come in. The key itself is not kept, only its SHA-256."""

    __tablename__ = "api_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    key_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{read}'"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


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
