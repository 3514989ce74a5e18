"""Listing the chats that the account is in."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from telethon import errors, utils

from services.ingestion.history.client import connected
from services.ingestion.history.failures import AWAY, as_refusal, is_session_gone
from services.ingestion.history.sessions import need_account, note_revoked
from services.ingestion.history.turns import AccountBusyError, account_turn
from services.ingestion.repository.accounts import change_account
from services.ingestion.repository.telegram_chats import ListedChat, keep_listed
from services.ingestion.telegram.fields import channel_id
from services.ingestion.telegram.history_messages import history_chat
from shared.contracts.errors import QueryError, unavailable
from shared.messaging.transaction import transaction

_TURN_PATIENCE = 2.0
_LONGEST = 120.0
"""Seconds that Telegram may take; an account can be in thousands of chats."""


async def list_chats(no_older_than: timedelta) -> datetime:
    """Have the list of chats no older than this, as far as the account is free to ask Telegram.

    Returns:
        When Telegram listed them.

    Raises:
        QueryError: `conflict` without account, or when it was signed out meanwhile; `unavailable` while
            Telegram cannot be asked.
    """
    account, session = await need_account()
    listed_at = account.chats_listed_at
    if listed_at is not None and datetime.now(UTC) - listed_at < no_older_than:
        return listed_at
    try:
        async with account_turn(_TURN_PATIENCE), asyncio.timeout(_LONGEST), connected(session) as client:
            chats = [listed(dialog) async for dialog in client.iter_dialogs()]
    except AccountBusyError as error:
        if listed_at is None:
            raise unavailable(f"{error} Its chats can be listed when it is free.") from error
        return listed_at
    except (errors.RPCError, errors.AuthKeyNotFound, *AWAY) as error:
        if is_session_gone(error):
            raise QueryError("conflict", await note_revoked(account.login_id, error)) from error
        raise as_refusal(error) from error
    now = datetime.now(UTC)
    async with transaction() as tx:
        # First, as it has whoever else keeps a list wait for this one.
        if not await change_account(tx, account.login_id, chats_listed_at=now):
            raise QueryError("conflict", "The account was signed out while its chats were listed.")
        await keep_listed(tx, list({chat.telegram_id: chat for chat in chats}.values()))
    return now


def listed(dialog: Any) -> ListedChat:
    """What one of Telethon's dialogs says of its chat."""
    entity = dialog.entity
    telegram_id = utils.get_peer_id(entity)
    chat = history_chat(telegram_id, entity)
    migrated_to = getattr(entity, "migrated_to", None)
    return ListedChat(
        telegram_id=telegram_id,
        access_hash=getattr(entity, "access_hash", None),
        type=chat.type,  # type: ignore[arg-type]  # one of the four
        title=chat.title,
        username=chat.username,
        is_forum=bool(getattr(entity, "forum", None)),
        migrated_to=channel_id(migrated_to.channel_id) if migrated_to is not None else None,
        last_message_at=dialog.date,
    )
