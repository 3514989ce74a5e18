"""What others may know of ingestion: messages, chats, users and import jobs."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.contracts.base import Command, Event, Query

JobStatus = Literal["pending", "running", "completed", "failed", "cancelled"]
PageSize = Annotated[int, Meta(ge=1, le=200)]


class ChatRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A chat. A group that became a supergroup is one chat, under the id that it has now.

    `ids` are all the ids that the chat has had here, its present one included.
    """

    id: int
    ids: list[int]
    telegram_id: int
    type: str
    title: str | None
    username: str | None = None


class AuthorRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote a message: a user, or a chat that posts in its own name.

    `has_avatar` says that a picture of the user is kept: `GET /api/v1/users/{user_id}/avatar`.
    """

    user_id: int | None
    chat_id: int | None
    name: str
    username: str | None = None
    is_bot: bool = False
    has_avatar: bool = False


class MessageRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One saved message as it stands now.

    Attributes:
        id: Our id; `telegram_message_id` is Telegram's and unique only within its chat.
        kind: `text`, or the kind of media, or `service`.
        text: Text or caption; media without either has its kind in brackets, and `has_text` is false.
        content_hash: Hex digest of the text; two versions with the same hash say the same.
        versions: How many earlier versions are kept.
    """

    id: int
    chat: ChatRecord
    telegram_message_id: int
    author: AuthorRecord | None
    kind: str
    text: str
    has_text: bool
    content_hash: str
    sent_at: datetime
    edited_at: datetime | None = None
    reply_to_message_id: int | None = None
    thread_id: int | None = None
    media_group_id: str | None = None
    is_forward: bool = False
    entities: list[dict[str, Any]] = []
    versions: int = 0


class MessageText(msgspec.Struct, frozen=True, kw_only=True):
    """What a scorer or an embedder needs of a message, and no more.

    Attributes:
        id: The message's id.
        chat_id: The chat's id.
        author_id: The author's user id; None when a chat posts in its own name.
        sent_at: When it was sent.
        written_at: When the text was written: sent, or edited into this.
        kind: `text`, or the kind of media, or `service`.
        text: Text or caption.
        has_text: False where `text` only names the media.
        content_hash: Hex digest of the text.
        is_reply: It answers another message.
        is_forward: It was written elsewhere.
        thread_id: The topic of a forum, where the chat has such.
        reply_to_message_id: Telegram's id, within the chat, of the message that it answers.
    """

    id: int
    chat_id: int
    author_id: int | None
    sent_at: datetime
    written_at: datetime
    kind: str
    text: str
    has_text: bool
    content_hash: str
    is_reply: bool = False
    is_forward: bool = False
    thread_id: int | None = None
    reply_to_message_id: int | None = None


class MessagePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of messages, newest first; `next_cursor` is None on the last page."""

    items: list[MessageRecord]
    next_cursor: str | None = None


class MessageVersionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a message's text, numbered from 1 in the order in which they were written."""

    version: int
    text: str
    content_hash: str
    written_at: datetime
    is_current: bool


class JobErrorRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One message that could not be read, where it stood and why."""

    position: str
    reason: str


class HistoryChatRecord(msgspec.Struct, frozen=True, kw_only=True):
    """How far a job is in one of its chats.

    Attributes:
        telegram_id: In Bot API form; the old half of a migrated group stands by itself.
        messages_total: About how many there are, by Telegram's count; None before the chat was begun, and for
            a part of its history.
    """

    telegram_id: int
    title: str | None
    status: Literal["pending", "running", "completed", "failed"]
    messages_fetched: int = 0
    messages_total: int | None = None


class JobRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An ingestion job and its counters.

    Attributes:
        id: The job's id, which is also the run_id and the trace id of its chain.
        kind: `export` is a file, `history` is chats that a Telegram account reads.
        source_name: The file's name, or the chats' titles, for a person.
        messages_fetched: Messages read so far, unreadable ones included.
        messages_stored: New messages among them.
        messages_skipped: Messages that were known already.
        errors_count: Messages that could not be read; `error_log` has the first hundred of them.
        total_batches: None until the whole file was read.
        failure: For a failed job: what happened and what to do, in a sentence or two.
        waiting_until: When the job goes on, while it waits for Telegram; `waiting_for` says why.
        since: Of a history: only messages sent at or after this time; `until`: before that time.
        chats: Of a history: how far each of its chats is. Lists of jobs leave it out.
    """

    id: UUID
    kind: str
    status: JobStatus
    source_name: str
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    messages_fetched: int = 0
    messages_stored: int = 0
    messages_skipped: int = 0
    errors_count: int = 0
    current_batch: int = 0
    total_batches: int | None = None
    error_log: list[JobErrorRecord] = []
    failure: str | None = None
    waiting_until: datetime | None = None
    waiting_for: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    chats: list[HistoryChatRecord] = []


class JobPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of jobs, newest first; `next_cursor` is None on the last page."""

    items: list[JobRecord]
    next_cursor: str | None = None


class TextPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of texts in id order; `next_after_id` is None when there are no more."""

    items: list[MessageText]
    next_after_id: int | None = None


class WindowPage(msgspec.Struct, frozen=True, kw_only=True):
    """Texts of a window in the order sent; `next_cursor` is None when there are no more."""

    items: list[MessageText]
    next_cursor: str | None = None


class WindowSize(msgspec.Struct, frozen=True, kw_only=True):
    """How much was said in a window.

    Attributes:
        messages: Those with text.
        bytes: Of their texts in UTF-8.
        chats: That they were sent in.
    """

    messages: int
    bytes: int
    chats: int = 1


# Commands


class SaveTelegramMessage(Command, actor="save_telegram_message", queue="ingestion"):
    """Save one webhook update, given as Telegram sent it. Idempotent: dedupes by chat and message id."""

    update: dict[str, Any]


class IngestTelegramMessages(Command, actor="ingest_telegram_messages_task", queue="ingestion"):
    """Run one ingestion job to its end. Idempotent: goes on after the last batch that the job kept."""

    job_id: UUID


class ProcessMessage(Command, actor="process_message", queue="ingestion"):
    """Echo, to try an installation out: its result is `Processed: <text>`."""

    text: Annotated[str, Meta(max_length=4096)]


# Queries


class CreateImportJob(Query[JobRecord], subject="ingestion.create_import_job"):
    """Make and enqueue the job that imports an uploaded export. Asking twice with one id changes nothing.

    Attributes:
        job_id: Made by the caller; the upload lies under this name in the object store `uploads`.
        source_name: The file's name, for a person.
        size: The upload's size in bytes.
    """

    job_id: UUID
    source_name: Annotated[str, Meta(max_length=255)]
    size: Annotated[int, Meta(ge=0)]


class GetJob(Query[JobRecord], subject="ingestion.get_job"):
    """One job; `not_found` when there is none with this id."""

    job_id: UUID


class ListJobs(Query[JobPage], subject="ingestion.list_jobs"):
    """Jobs, newest first."""

    status: JobStatus | None = None
    kind: str | None = None
    cursor: str | None = None
    limit: PageSize = 50


class CancelJob(Query[JobRecord], subject="ingestion.cancel_job"):
    """Cancel a job before its next batch; `conflict` when it has ended in another way."""

    job_id: UUID


class GetMessages(Query[list[MessageRecord]], subject="ingestion.get_messages"):
    """The messages with these ids, in id order; unknown ids are left out. At most 200 ids."""

    message_ids: Annotated[list[int], Meta(max_length=200)]


class ListMessages(Query[MessagePage], subject="ingestion.list_messages"):
    """Messages, newest first by the time they were sent. `since` is inclusive, `until` is not."""

    chat_id: int | None = None
    thread_id: int | None = None
    author_id: int | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    cursor: str | None = None
    limit: PageSize = 50


class GetMessageVersions(Query[list[MessageVersionRecord]], subject="ingestion.get_message_versions"):
    """Every version of a message, oldest first; `not_found` when there is no such message."""

    message_id: int


class ListChats(Query[list[ChatRecord]], subject="ingestion.list_chats"):
    """All chats, by title."""


class GetTexts(Query[TextPage], subject="ingestion.get_texts"):
    """Texts by id, in id order, for a service that works through many.

    Either `message_ids` (at most 500; unknown ids are left out), or all that come after `after_id`. A page
    ends before its texts exceed half a mebibyte.
    """

    message_ids: Annotated[list[int], Meta(max_length=500)] | None = None
    after_id: int = 0
    limit: Annotated[int, Meta(ge=1, le=500)] = 500


class ListWindow(Query[WindowPage], subject="ingestion.list_window"):
    """Texts that were sent in a window, oldest first, for a service that works through many.

    Messages without text are left out. A page ends before its texts exceed half a mebibyte.

    Attributes:
        since: Inclusive; `until` is not.
        chat_ids: Any ids that the chats have or have had; empty is every chat.
    """

    since: datetime
    until: datetime
    chat_ids: Annotated[list[int], Meta(max_length=1000)] = msgspec.field(default_factory=list)
    cursor: str | None = None
    limit: Annotated[int, Meta(ge=1, le=500)] = 500


class MeasureWindow(Query[WindowSize], subject="ingestion.measure_window"):
    """How much text was sent in a window, noise included; windows and chats as in `ListWindow`."""

    since: datetime
    until: datetime
    chat_ids: Annotated[list[int], Meta(max_length=1000)] = msgspec.field(default_factory=list)


# Events


class MessageUpdated(Event, event=("ingestion.message_updated", "messages", "message.updated")):
    """A message was saved for the first time, or its text changed."""

    message: MessageRecord
    is_new: bool


class IngestionStarted(Event, event=("ingestion.started", "ingestion", "ingestion.started")):
    """A job began to run."""

    job: JobRecord


class IngestionProgress(Event, event=("ingestion.progress", "ingestion", "ingestion.progress")):
    """A job kept another batch."""

    job: JobRecord


class IngestionCompleted(Event, event=("ingestion.completed", "ingestion", "ingestion.completed")):
    """A job ended well, though perhaps with unreadable messages in its log."""

    job: JobRecord


class IngestionFailed(Event, event=("ingestion.failed", "ingestion", "ingestion.failed")):
    """A job failed or was cancelled; what it had stored stays."""

    job: JobRecord
