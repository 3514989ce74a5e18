"""A small part of ingestion that answers for the Telegram account and its history from memory."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from shared.contracts.errors import QueryError
from shared.contracts.history import (
    AccountRecord,
    CreateHistoryJob,
    GetAccount,
    ListTelegramChats,
    SendLoginCode,
    SetSession,
    SignIn,
    SignOut,
    TelegramChatPage,
    TelegramChatRecord,
)
from shared.contracts.ingestion import JobRecord
from shared.messaging.queries import Handler

_AT = datetime(2026, 3, 12, 9, 41, 7, tzinfo=UTC)
_NOBODY = AccountRecord(state="none", is_configured=True)
CHATS = [
    TelegramChatRecord(telegram_id=-1001, type="supergroup", title="Backend", chat_id=1, messages=7),
    TelegramChatRecord(telegram_id=77, type="private", title="Олена", is_private=True),
]


@dataclass
class History:
    """The account, and what is refused."""

    jobs: dict[UUID, JobRecord] = field(default_factory=dict)
    account: AccountRecord = _NOBODY
    refusal: QueryError | None = None
    secrets: list[str] = field(default_factory=list)

    def clear(self) -> None:
        """Know nothing again."""
        self.account, self.refusal = _NOBODY, None
        self.secrets.clear()

    def handlers(self) -> dict[type, Handler]:
        return {
            GetAccount: self.get_account,
            SendLoginCode: self.send_code,
            SignIn: self.sign_in,
            SetSession: self.set_session,
            SignOut: self.sign_out,
            ListTelegramChats: self.list_chats,
            CreateHistoryJob: self.create_job,
        }

    async def get_account(self, _: GetAccount) -> AccountRecord:
        return self.account

    async def send_code(self, query: SendLoginCode) -> AccountRecord:
        self._check()
        self.secrets.append(query.sealed_phone)
        self.account = AccountRecord(state="code_sent", is_configured=True, phone="+••67", code_via="app")
        return self.account

    async def sign_in(self, query: SignIn) -> AccountRecord:
        self._check()
        self.secrets.extend(filter(None, (query.sealed_code, query.sealed_password)))
        self.account = msgspec.structs.replace(self.account, state="signed_in", name="Олена")
        return self.account

    async def set_session(self, query: SetSession) -> AccountRecord:
        self._check()
        self.secrets.append(query.sealed_session)
        self.account = AccountRecord(state="signed_in", is_configured=True, name="Олена")
        return self.account

    async def sign_out(self, _: SignOut) -> AccountRecord:
        self.account = _NOBODY
        return self.account

    async def list_chats(self, query: ListTelegramChats) -> TelegramChatPage:
        self._check()
        found = [chat for chat in CHATS if (query.search or "").lower() in (chat.title or "").lower()]
        return TelegramChatPage(items=found[: query.limit], listed_at=_AT)

    async def create_job(self, query: CreateHistoryJob) -> JobRecord:
        self._check()
        job = JobRecord(
            id=query.job_id, kind="history", status="pending", source_name="Backend", created_at=_AT
        )
        return self.jobs.setdefault(query.job_id, job)

    def _check(self) -> None:
        if self.refusal is not None:
            raise self.refusal
