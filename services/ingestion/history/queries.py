"""What ingestion answers about the Telegram account, its chats, and jobs that read them."""

from datetime import timedelta

import msgspec

from services.ingestion.history import login, sessions
from services.ingestion.history.client import is_configured
from services.ingestion.history.listing import list_chats
from services.ingestion.history.making import make_job
from services.ingestion.history.sessions import open_secret
from services.ingestion.repository.accounts import find_account
from services.ingestion.repository.telegram_chats import NEVER, listed_page
from shared.contracts.history import (
    AccountRecord,
    AccountState,
    CreateHistoryJob,
    GetAccount,
    ListTelegramChats,
    SendLoginCode,
    SetSession,
    SignIn,
    SignOut,
    TelegramChatPage,
)
from shared.contracts.ingestion import JobRecord
from shared.database.cursors import TimeAndId, read_cursor, write_cursor
from shared.messaging.transaction import transaction

_FRESH = timedelta(minutes=1)
_ANY_AGE = timedelta(days=10_000)


async def show_account(_query: GetAccount) -> AccountRecord:
    """The account, whatever its state."""
    async with transaction() as tx:
        account = await find_account(tx)
    if account is None:
        return AccountRecord(state="none", is_configured=is_configured())
    return AccountRecord(
        state=msgspec.convert(account.state, AccountState),
        is_configured=is_configured(),
        phone=account.phone,
        telegram_id=account.telegram_id,
        name=account.name,
        username=account.username,
        code_via=account.code_via,
        code_sent_at=account.code_sent_at,
        signed_in_at=account.signed_in_at,
        problem=account.problem,
    )


async def send_login_code(query: SendLoginCode) -> AccountRecord:
    """Have Telegram send a code."""
    await login.send_code(open_secret(query.sealed_phone, "The phone number"), query.changed_by)
    return await show_account(GetAccount())


async def sign_in(query: SignIn) -> AccountRecord:
    """Go on with a sign-in."""
    code = query.sealed_code and open_secret(query.sealed_code, "The code")
    password = query.sealed_password and open_secret(query.sealed_password, "The password")
    await login.sign_in(code, password)
    return await show_account(GetAccount())


async def set_session(query: SetSession) -> AccountRecord:
    """Sign in with a session that was made elsewhere."""
    await login.use_session(open_secret(query.sealed_session, "The session"), query.changed_by)
    return await show_account(GetAccount())


async def sign_out(_query: SignOut) -> AccountRecord:
    """End the session and forget the account."""
    left = await sessions.sign_out()
    return msgspec.structs.replace(await show_account(GetAccount()), problem=left)


async def page_of_telegram_chats(query: ListTelegramChats) -> TelegramChatPage:
    """Chats that the account is in."""
    after = read_cursor(query.cursor, TimeAndId)
    listed_at = await list_chats(_FRESH if after is None else _ANY_AGE)
    async with transaction() as tx:
        chats = await listed_page(tx, search=query.search, after=after, limit=query.limit + 1)
    page = chats[: query.limit]
    more = len(chats) > query.limit
    last = TimeAndId(page[-1].last_message_at or NEVER, page[-1].telegram_id) if more else None
    return TelegramChatPage(
        items=page, listed_at=listed_at, next_cursor=write_cursor(last) if last is not None else None
    )


async def create_history_job(query: CreateHistoryJob) -> JobRecord:
    """Make and enqueue a job that reads chats."""
    return await make_job(query)
