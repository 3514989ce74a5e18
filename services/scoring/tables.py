"""The tables of the schema `scoring`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, MetaData
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = "scoring"


class Base(DeclarativeBase):
    """Typed mappings of the schema."""

    metadata = MetaData(schema=SCHEMA)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it off the class
        datetime: TIMESTAMP(timezone=True),
        int: BigInteger,
        dict[str, Any]: JSONB,
    }


class Score(Base):
    """The score of one message, with what lists filter by.

    `scored_class` is the scorer's, `corrected_class` a person's, and `message_class` what holds.
    `written_at` and `content_hash` name the version of the text that was scored.
    """

    __tablename__ = "scores"

    message_id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int]
    author_id: Mapped[int | None]
    sent_at: Mapped[datetime]
    written_at: Mapped[datetime]
    content_hash: Mapped[str]
    importance_score: Mapped[float]
    scored_class: Mapped[str]
    corrected_class: Mapped[str | None]
    corrected_by: Mapped[str | None]
    message_class: Mapped[str]
    noise_factors: Mapped[dict[str, Any]]
    scorer_version: Mapped[str]
    scored_at: Mapped[datetime]


class AuthorActivity(Base):
    """What an author's most recent messages were, derived from their scores."""

    __tablename__ = "author_activity"

    author_id: Mapped[int] = mapped_column(primary_key=True)
    messages: Mapped[int]
    signals: Mapped[int]
    noise: Mapped[int]
    derived_at: Mapped[datetime]


class ScoreFeedback(Base):
    """A person's correction of a class; None takes earlier ones back. The last one of a message holds."""

    __tablename__ = "score_feedback"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int]
    message_class: Mapped[str | None]
    given_by: Mapped[str]
    comment: Mapped[str | None]
    given_at: Mapped[datetime]


class ScoringRun(Base):
    """A run that a person started, so that asking twice starts one."""

    __tablename__ = "scoring_runs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]


class CatchUp(Base):
    """Up to which message id a scorer version has scored everything."""

    __tablename__ = "catch_up"

    scorer_version: Mapped[str] = mapped_column(primary_key=True)
    through: Mapped[int]
