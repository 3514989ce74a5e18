"""What others may know of history: the Telegram account that reads it, its chats, and the jobs it works on.

Secrets (phone numbers, codes, passwords, sessions) travel sealed: see `shared.sealing`.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from shared.contracts.base import Command, Query
from shared.contracts.ingestion import JobRecord, PageSize

AccountState = Literal["none", "code_sent", "password_needed", "signed_in", "revoked"]
ChatType = Literal["private", "group", "supergroup", "channel"]
Sealed = Annotated[str, Meta(min_length=1, max_length=20_000)]
Person = Annotated[str, Meta(max_length=200)]

MOST_CHATS = 100
"""Chats that one job reads at the most."""


class AccountRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The account by which history is read.

    Attributes:
        state: `none`; `code_sent`: Telegram sent a code, which `sign-in` takes; `password_needed`: it also
            wants the password of two-step verification; `signed_in`; `revoked`: Telegram no longer knows the
            session.
        is_configured: Whether the service has Telegram's `api_id` and `api_hash`.
        phone: All but its last two digits masked.
        code_via: How the code came: `app`, `sms`, `call` ...; a word of Telegram's.
        problem: What is wrong with the account, and what to do.
    """

    state: AccountState
    is_configured: bool
    phone: str | None = None
    telegram_id: int | None = None
    name: str | None = None
    username: str | None = None
    code_via: str | None = None
    code_sent_at: datetime | None = None
    signed_in_at: datetime | None = None
    problem: str | None = None


class TelegramChatRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A chat that the account is in.

    Attributes:
        telegram_id: As the Bot API writes it: what a job takes.
        title: Its title; of a private chat the other person's name.
        is_private: A talk between two; a job reads it only when `include_private` says so.
        migrated_to: For a group that became a supergroup, the Telegram id of that one.
        chat_id: Our id of the chat, where it is known here.
        messages: How many of its messages are here.
    """

    telegram_id: int
    type: ChatType
    title: str | None
    username: str | None = None
    is_private: bool = False
    is_forum: bool = False
    migrated_to: int | None = None
    last_message_at: datetime | None = None
    chat_id: int | None = None
    messages: int = 0


class TelegramChatPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of chats, those with the latest messages first.

    Attributes:
        items: The chats.
        listed_at: When Telegram listed them.
        next_cursor: None on the last page.
    """

    items: list[TelegramChatRecord]
    listed_at: datetime
    next_cursor: str | None = None


class ResealTelegramSession(Command, actor="reseal_telegram_session_task", queue="ingestion"):
    """Seal the session with the newest encryption key. Idempotent: it is the same session afterwards."""


class GetAccount(Query[AccountRecord], subject="ingestion.get_account"):
    """The account, whatever its state. Telegram is not asked."""


class SendLoginCode(Query[AccountRecord], subject="ingestion.send_login_code"):
    """Have Telegram send a code to the account with this number; one sent before is void.

    `conflict` while an account is signed in, or without Telegram's credentials; `unavailable` while Telegram
    cannot be reached or wants one to wait.

    Attributes:
        sealed_phone: The number in international form.
        changed_by: Who asks.
    """

    sealed_phone: Sealed
    changed_by: Person


class SignIn(Query[AccountRecord], subject="ingestion.sign_in"):
    """Go on with a sign-in: with the code, then with the password where `password_needed`, or with both."""

    sealed_code: Sealed | None = None
    sealed_password: Sealed | None = None


class SetSession(Query[AccountRecord], subject="ingestion.set_session"):
    """Sign in with a session string of Telethon's, made elsewhere; Telegram is asked whether it is good."""

    sealed_session: Sealed
    changed_by: Person


class SignOut(Query[AccountRecord], subject="ingestion.sign_out"):
    """End the session at Telegram and forget it. One that is gone already is no error.

    When Telegram cannot be told, it is forgotten all the same, and `problem` says how to end it by hand.
    """


class ListTelegramChats(Query[TelegramChatPage], subject="ingestion.list_telegram_chats"):
    """The chats that the account is in, those with the latest messages first.

    The first page asks Telegram when the list is more than a minute old, unless a job is using the account.

    Attributes:
        search: Only chats with this in their title or username, in any case.
    """

    search: Annotated[str, Meta(max_length=200)] | None = None
    cursor: str | None = None
    limit: PageSize = 50


class CreateHistoryJob(Query[JobRecord], subject="ingestion.create_history_job"):
    """Make and enqueue the job that reads the history of chats. Asking twice with one id changes nothing.

    `conflict` without credentials or account; `invalid` for private chats, unless they are asked for, and for
    chats that the account is not in.

    Attributes:
        job_id: Made by the caller.
        chat_ids: Telegram's ids in Bot API form.
        since: Only messages sent at or after this time.
        until: Only messages sent before this time.
        include_private: Whether talks between two may be read.
    """

    job_id: UUID
    chat_ids: Annotated[list[int], Meta(min_length=1, max_length=MOST_CHATS)]
    since: datetime | None = None
    until: datetime | None = None
    include_private: bool = False
