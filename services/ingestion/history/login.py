"""Signing the account in. What an unfinished sign-in needs is kept, so that any process can go on."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from telethon import TelegramClient, errors, utils
from telethon.tl import types

from services.ingestion.history.client import connected, need_credentials, read_session
from services.ingestion.history.failures import AWAY, as_refusal
from services.ingestion.history.sessions import NOT_SIGNED_IN, open_secret
from services.ingestion.history.turns import AccountBusyError, account_turn
from services.ingestion.repository.accounts import (
    Account,
    begin_login,
    change_account,
    find_account,
    forget_account,
)
from shared.contracts.errors import QueryError, unavailable
from shared.messaging.transaction import transaction
from shared.sealing import SealedKeyError, seal

_PATIENCE = 5.0
_LONGEST = 30.0
_WORD_BEGINS = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Login(msgspec.Struct, frozen=True):
    """An unfinished sign-in, as it is sealed."""

    phone: str
    phone_code_hash: str
    session: str


async def send_code(phone: str, changed_by: str) -> None:
    """Have Telegram send a code, and keep what is needed to go on.

    Raises:
        QueryError: What is wrong with the number, the credentials or Telegram.
    """
    need_credentials()
    seen = await _need_nobody()
    digits = utils.parse_phone(phone)
    if not digits:
        raise as_refusal(errors.PhoneNumberInvalidError(None))
    async with _asking("") as client:
        # Another code would be worth nothing once this one is sent.
        if await _need_nobody() != seen:
            raise _overtaken()
        sent = await client.send_code_request(digits)
        login = Login(digits, sent.phone_code_hash, client.session.save())
        await _begin(
            seen,
            changed_by,
            state="code_sent",
            phone=f"+{'•' * max(0, len(digits) - 2)}{digits[-2:]}",
            sealed_login=_sealed(login),
            code_via=_WORD_BEGINS.sub("_", type(sent.type).__name__.removeprefix("SentCodeType")).lower(),
            code_sent_at=datetime.now(UTC),
        )


async def sign_in(code: str | None, password: str | None) -> None:
    """Go on with a sign-in: to its end, or to where the password is needed.

    Raises:
        QueryError: What is missing or wrong; what was reached before is kept.
    """
    need_credentials()
    async with transaction() as tx:
        account = await find_account(tx)
    if account is None or account.sealed_login is None:
        raise QueryError("conflict", f"No sign-in has begun. {NOT_SIGNED_IN}")
    if account.state == "code_sent" and not code:
        raise QueryError("invalid", "The code that Telegram sent is needed.", field="code")
    if account.state == "password_needed" and not password:
        raise QueryError("invalid", "The password of two-step verification is needed.", field="password")
    login = msgspec.json.decode(open_secret(account.sealed_login, "The unfinished sign-in"), type=Login)
    async with _asking(login.session) as client:
        me = await _answer(client, account, login, code, password)
        if me is not None:
            await _finish(client, account.login_id, me)


async def use_session(session: str, changed_by: str) -> None:
    """Sign in with a session that was made elsewhere.

    Raises:
        QueryError: `invalid` when it is none, or not signed in; `conflict` when somebody else was faster.
    """
    need_credentials()
    seen = await _need_nobody()
    session = read_session(session)
    async with _asking(session) as client:
        me = await client.get_me()
        if me is None:
            message = "Telegram does not know this session: it was ended, or never signed in. Make another."
            raise QueryError("invalid", message, field="session")
        if me.bot:
            message = "This is a bot's session, and bots see no history. Use one of a person's account."
            raise QueryError("invalid", message, field="session")
        await _begin(seen, changed_by, **_signed_in(session, me))


@asynccontextmanager
async def _asking(session: str) -> AsyncIterator[TelegramClient]:
    """A client for a few calls, whose failures are answered to whoever asks."""
    try:
        async with account_turn(_PATIENCE), asyncio.timeout(_LONGEST), connected(session) as client:
            yield client
    except AccountBusyError as error:
        raise unavailable(f"{error} Try again in a moment.") from error
    except (errors.RPCError, errors.AuthKeyNotFound, ValueError, *AWAY) as error:
        raise as_refusal(error) from error


async def _answer(
    client: TelegramClient, account: Account, login: Login, code: str | None, password: str | None
) -> "types.User | None":
    """Send what was given; the user, or None where the password is still needed."""
    if account.state == "code_sent":
        try:
            return await client.sign_in(login.phone, code, phone_code_hash=login.phone_code_hash)
        except errors.SessionPasswordNeededError:
            kept = msgspec.structs.replace(login, session=client.session.save())
            async with transaction() as tx:
                changed = await change_account(
                    tx, account.login_id, state="password_needed", sealed_login=_sealed(kept)
                )
            if not changed:
                raise _overtaken() from None
        except errors.PhoneCodeExpiredError as error:
            async with transaction() as tx:
                forgotten = await forget_account(tx, account.login_id)
            if not forgotten:
                raise _overtaken() from error
            message = "The code has expired. Have another one sent: POST /api/v1/telegram/account/code."
            raise QueryError("conflict", message) from error
    return await client.sign_in(password=password) if password else None


async def _begin(seen: UUID | None, changed_by: str, **values: Any) -> None:
    async with transaction() as tx:
        begun = await begin_login(tx, uuid4(), changed_by, instead_of=seen, **values)
    if not begun:
        raise _overtaken()


async def _finish(client: TelegramClient, login_id: UUID, me: "types.User") -> None:
    async with transaction() as tx:
        changed = await change_account(tx, login_id, **_signed_in(client.session.save(), me))
    if not changed:
        # Nobody will use this session, and nobody else knows it.
        await client.log_out()
        raise _overtaken()


def _overtaken() -> QueryError:
    return QueryError(
        "conflict",
        "Another sign-in was begun or completed meanwhile, and stands. Look at the account: "
        "GET /api/v1/telegram/account.",
    )


def _signed_in(session: str, me: "types.User") -> dict[str, Any]:
    return {
        "state": "signed_in",
        "sealed_login": None,
        "sealed_session": _sealed(session),
        "telegram_id": me.id,
        "name": utils.get_display_name(me) or None,
        "username": me.username,
        "signed_in_at": datetime.now(UTC),
        "problem": None,
    }


async def _need_nobody() -> UUID | None:
    """Which unfinished sign-in stands, if one does.

    Raises:
        QueryError: `conflict`, when an account is signed in.
    """
    async with transaction() as tx:
        account = await find_account(tx)
    if account is not None and account.state == "signed_in":
        who = account.name or account.phone or account.telegram_id
        raise QueryError(
            "conflict",
            f"{who} is signed in already. Sign that account out first: DELETE /api/v1/telegram/account.",
        )
    return None if account is None else account.login_id


def _sealed(secret: Login | str) -> str:
    try:
        return seal(secret if isinstance(secret, str) else msgspec.json.encode(secret).decode())
    except SealedKeyError as error:
        raise QueryError("conflict", str(error)) from error
