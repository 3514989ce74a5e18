"""The account that is signed in: its session, opened, sealed anew, ended."""

import asyncio
from uuid import UUID

from loguru import logger
from telethon import errors

from services.ingestion.history.client import connected, need_credentials
from services.ingestion.history.failures import AWAY, is_session_gone, why_session_is_gone
from services.ingestion.history.turns import AccountBusyError, account_turn
from services.ingestion.repository.accounts import Account, change_account, find_account, forget_account
from shared.contracts.errors import QueryError
from shared.messaging.transaction import transaction
from shared.sealing import SealedKeyError, reseal, unseal

NOT_SIGNED_IN = (
    "No Telegram account is signed in. Begin with POST /api/v1/telegram/account/code, or give a session with "
    "PUT /api/v1/telegram/account."
)
_BY_HAND = "End it in Telegram: Settings, Devices, Task Tracker."
_LOG_OUT_PATIENCE = 10.0
_LONGEST = 25.0
_WHAT = "The Telegram account's session"


def open_secret(sealed: str, what: str) -> str:
    """What the gateway sealed, or this service.

    Raises:
        QueryError: `conflict`, when the encryption key is missing or another.
    """
    try:
        return unseal(sealed, what=what)
    except SealedKeyError as error:
        raise QueryError("conflict", str(error)) from error


async def need_account() -> tuple[Account, str]:
    """The account that is signed in, and its session.

    Raises:
        QueryError: `conflict` without credentials or account, or when the session cannot be opened.
    """
    need_credentials()
    async with transaction() as tx:
        account = await find_account(tx)
    if account is None or account.state != "signed_in" or account.sealed_session is None:
        raise QueryError("conflict", (account and account.problem) or NOT_SIGNED_IN)
    return account, open_secret(account.sealed_session, _WHAT)


async def sign_out() -> str | None:
    """Forget the account and end its session at Telegram.

    Returns:
        What is left to do by hand, if Telegram could not be told.
    """
    async with transaction() as tx:
        account = await find_account(tx, lock=True)
        # First, so that a job that uses the account notices, and lets go of it.
        if account is not None:
            await forget_account(tx, account.login_id)
    if account is None or account.sealed_session is None:
        return None
    try:
        session = open_secret(account.sealed_session, _WHAT)
        async with (
            account_turn(_LOG_OUT_PATIENCE),
            asyncio.timeout(_LONGEST),
            connected(session) as client,
        ):
            ended = await client.log_out()
    except (QueryError, AccountBusyError, errors.RPCError, errors.AuthKeyNotFound, *AWAY) as error:
        if isinstance(error, QueryError | AccountBusyError) or not is_session_gone(error):
            logger.warning("the session is forgotten here, but Telegram was not told: {!r}", error)
            return f"The session is forgotten here, but Telegram could not be told. {_BY_HAND}"
        return None
    return (
        None if ended else f"The session is forgotten here, but Telegram did not confirm its end. {_BY_HAND}"
    )


async def reseal_session() -> str:
    """Seal the account's session with the newest encryption key; returns what became of it, for a person."""
    async with transaction() as tx:
        account = await find_account(tx, lock=True)
        if account is None or account.sealed_session is None:
            return "no account"
        try:
            resealed = reseal(account.sealed_session, what=_WHAT)
        except SealedKeyError as error:
            logger.warning("{}", error)
            return "lost"
        await change_account(tx, account.login_id, sealed_session=resealed)
    return "resealed"


async def note_revoked(login_id: UUID, error: Exception) -> str:
    """Keep that Telegram no longer knows the session; returns why, in a sentence."""
    problem = why_session_is_gone(error)
    async with transaction() as tx:
        await change_account(tx, login_id, state="revoked", sealed_session=None, problem=problem)
    return problem
