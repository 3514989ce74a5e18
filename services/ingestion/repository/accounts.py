"""The Telegram account by which history is read: one row at the most."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from services.ingestion.tables import TelegramAccount
from shared.messaging.transaction import Transaction

_FORGET_CHATS = text("DELETE FROM ingestion.telegram_chats")


class Account(msgspec.Struct, frozen=True):
    """The account as it stands; the fields are the table's."""

    login_id: UUID
    state: str
    phone: str | None
    sealed_login: str | None
    sealed_session: str | None
    code_via: str | None
    code_sent_at: datetime | None
    telegram_id: int | None
    name: str | None
    username: str | None
    signed_in_at: datetime | None
    chats_listed_at: datetime | None
    problem: str | None


async def find_account(tx: Transaction, *, lock: bool = False) -> Account | None:
    """The account, if there is one. With `lock`, nobody else changes it before this transaction ends."""
    statement = select(*TelegramAccount.__table__.columns)
    row = (await tx.execute(statement.with_for_update() if lock else statement)).mappings().first()
    return None if row is None else Account(**{name: row[name] for name in Account.__struct_fields__})


async def begin_login(
    tx: Transaction, login_id: UUID, changed_by: str, *, instead_of: UUID | None, **values: Any
) -> bool:
    """Put an account that begins to sign in into the place of the one that was seen there.

    Args:
        tx: The transaction.
        login_id: Of the new account.
        changed_by: Who signs it in.
        instead_of: The sign-in that was seen; None when there was none.
        values: The account's fields.

    Returns:
        False when another sign-in was begun meanwhile, or the one that was seen has been completed.
    """
    fresh = dict.fromkeys(Account.__struct_fields__) | values
    fresh |= {"login_id": login_id, "changed_by": changed_by, "changed_at": func.now()}
    is_as_seen = (TelegramAccount.login_id == instead_of) & (TelegramAccount.state != "signed_in")
    statement = insert(TelegramAccount).values(id=1, **fresh)
    statement = statement.on_conflict_do_update(index_elements=["id"], set_=fresh, where=is_as_seen)
    return (await tx.execute(statement.returning(TelegramAccount.id))).first() is not None


async def change_account(tx: Transaction, login_id: UUID, **values: Any) -> bool:
    """Change the account, if it still is the one of this sign-in; returns whether it was."""
    statement = update(TelegramAccount).where(TelegramAccount.login_id == login_id)
    return (await tx.execute(statement.values(changed_at=func.now(), **values))).rowcount == 1


async def forget_account(tx: Transaction, login_id: UUID) -> bool:
    """Forget the account, its session and its chats, if it still is the one of this sign-in.

    Returns:
        Whether it was.
    """
    statement = delete(TelegramAccount).where(TelegramAccount.login_id == login_id)
    if (await tx.execute(statement)).rowcount == 0:
        return False
    await tx.execute(_FORGET_CHATS)
    return True
