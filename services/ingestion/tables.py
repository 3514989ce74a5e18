"""The tables of the schema `ingestion`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, MetaData, SmallInteger
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = "ingestion"


class Base(DeclarativeBase):
    """Typed mappings of the schema."""

    metadata = MetaData(schema=SCHEMA)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it off the class
        datetime: TIMESTAMP(timezone=True),
        int: BigInteger,
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
    }


class Source(Base):
    """Where chats come from."""

    __tablename__ = "sources"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]


class Chat(Base):
    """A chat as Telegram numbers it; a group that became a supergroup points at what it became."""

    __tablename__ = "chats"

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(SmallInteger, ForeignKey(Source.id))
    telegram_id: Mapped[int]
    type: Mapped[str]
    title: Mapped[str | None]
    username: Mapped[str | None]
    migrated_to_id: Mapped[int | None] = mapped_column(ForeignKey("ingestion.chats.id"))
    created_at: Mapped[datetime]


class User(Base):
    """A person or a bot, whatever accounts they have. `display_name` is set when a person named them here."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    display_name: Mapped[str | None]
    created_at: Mapped[datetime]


class TelegramProfile(Base):
    """A Telegram account, linked to a user at first sight."""

    __tablename__ = "telegram_profiles"

    telegram_id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    display_name: Mapped[str | None]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    username: Mapped[str | None]
    language_code: Mapped[str | None]
    is_bot: Mapped[bool | None]
    created_at: Mapped[datetime]


class Message(Base):
    """A message as it stands now. `roads` has a bit a road by which it came: see `merge.Road`."""

    __tablename__ = "messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey(Chat.id))
    telegram_message_id: Mapped[int]
    author_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    sender_chat_id: Mapped[int | None] = mapped_column(ForeignKey(Chat.id))
    sent_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    kind: Mapped[str]
    text: Mapped[str]
    has_text: Mapped[bool]
    content_hash: Mapped[bytes]
    entities: Mapped[list[Any]]
    reply_to_message_id: Mapped[int | None]
    thread_id: Mapped[int | None]
    media_group_id: Mapped[str | None]
    forward: Mapped[dict[str, Any] | None]
    service_action: Mapped[str | None]
    roads: Mapped[int] = mapped_column(SmallInteger)
    created_at: Mapped[datetime]


class MessageVersion(Base):
    """An earlier version of a message; the present one is in `messages`."""

    __tablename__ = "message_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey(Message.id))
    written_at: Mapped[datetime]
    kind: Mapped[str]
    text: Mapped[str]
    has_text: Mapped[bool]
    content_hash: Mapped[bytes]
    entities: Mapped[list[Any]]


class IngestionJob(Base):
    """An import and how far it is.

    `checkpoint` counts the items of the file that are dealt with, or the steps of a history that were kept.
    """

    __tablename__ = "ingestion_jobs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    status: Mapped[str]
    source_name: Mapped[str]
    size: Mapped[int]
    checkpoint: Mapped[int]
    cancel_requested: Mapped[bool]
    messages_fetched: Mapped[int]
    messages_stored: Mapped[int]
    messages_skipped: Mapped[int]
    errors_count: Mapped[int]
    current_batch: Mapped[int]
    total_batches: Mapped[int | None]
    failure: Mapped[str | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    since: Mapped[datetime | None]
    until: Mapped[datetime | None]
    include_private: Mapped[bool]
    waiting_until: Mapped[datetime | None]
    waiting_for: Mapped[str | None]


class IngestionError(Base):
    """One message that could not be read."""

    __tablename__ = "ingestion_errors"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[UUID] = mapped_column(ForeignKey(IngestionJob.id))
    position: Mapped[str]
    reason: Mapped[str]


class Bot(Base):
    """The installation's bot; there is one row at the most.

    `next_update_id` goes back to Telegram as the offset of `getUpdates`, and is nothing else: Telegram
    numbers updates anew after a quiet week.
    """

    __tablename__ = "bots"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    telegram_id: Mapped[int]
    username: Mapped[str]
    name: Mapped[str]
    can_join_groups: Mapped[bool]
    can_read_all_group_messages: Mapped[bool]
    sealed_token: Mapped[str]
    polling: Mapped[bool]
    next_update_id: Mapped[int | None]
    webhook_url: Mapped[str | None]
    last_update_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    last_error_at: Mapped[datetime | None]
    set_by: Mapped[str]
    set_at: Mapped[datetime]


class Avatar(Base):
    """What is known of a user's picture; the bytes lie in the object store `avatars`.

    `asked` until the first answer. A picture that is kept stays while a later try fails.
    """

    __tablename__ = "avatars"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    status: Mapped[str]
    next_try_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(SmallInteger)
    object_name: Mapped[str | None]
    photo_id: Mapped[str | None]
    content_type: Mapped[str | None]
    size: Mapped[int | None]
    failure: Mapped[str | None]
    fetched_at: Mapped[datetime | None]


class TelegramAccount(Base):
    """The account by which history is read; there is one row at the most.

    `login_id` is another for each sign-in that was begun. `sealed_login` has what an unfinished one needs to
    go on, in whichever process: see `history.login.Login`.
    """

    __tablename__ = "telegram_accounts"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    login_id: Mapped[UUID]
    state: Mapped[str]
    phone: Mapped[str | None]
    sealed_login: Mapped[str | None]
    sealed_session: Mapped[str | None]
    code_via: Mapped[str | None]
    code_sent_at: Mapped[datetime | None]
    telegram_id: Mapped[int | None]
    name: Mapped[str | None]
    username: Mapped[str | None]
    signed_in_at: Mapped[datetime | None]
    chats_listed_at: Mapped[datetime | None]
    problem: Mapped[str | None]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class TelegramChat(Base):
    """A chat that the account is in, as Telegram listed it last; `access_hash` opens it to this account."""

    __tablename__ = "telegram_chats"

    telegram_id: Mapped[int] = mapped_column(primary_key=True)
    access_hash: Mapped[int | None]
    type: Mapped[str]
    title: Mapped[str | None]
    username: Mapped[str | None]
    is_forum: Mapped[bool]
    migrated_to: Mapped[int | None]
    last_message_at: Mapped[datetime | None]


class HistoryChat(Base):
    """How far a job is in one of its chats: `oldest_id` is the oldest message that was dealt with, or 0."""

    __tablename__ = "history_chats"

    job_id: Mapped[UUID] = mapped_column(ForeignKey(IngestionJob.id), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    telegram_id: Mapped[int]
    access_hash: Mapped[int | None]
    type: Mapped[str]
    title: Mapped[str | None]
    migrated_to: Mapped[int | None]
    status: Mapped[str]
    oldest_id: Mapped[int]
    messages_fetched: Mapped[int]
    messages_total: Mapped[int | None]
