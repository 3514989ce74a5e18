"""The bot's row: there is one at the most."""

from datetime import datetime

import msgspec
from sqlalchemy import case, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from services.ingestion.tables import Bot
from shared.contracts.errors import QueryError
from shared.messaging.transaction import Transaction

_SAW_UPDATE = text(
    """
    UPDATE ingestion.bots SET last_update_at = now() WHERE id = (
        SELECT id FROM ingestion.bots
        WHERE last_update_at IS NULL OR last_update_at < now() - interval '10 seconds'
        FOR UPDATE SKIP LOCKED
    )
    """
)


class BotRow(msgspec.Struct, frozen=True, kw_only=True):
    """The bot as it is kept; see `tables.Bot`."""

    telegram_id: int
    username: str
    name: str
    can_join_groups: bool
    can_read_all_group_messages: bool
    sealed_token: str
    polling: bool
    next_update_id: int | None
    webhook_url: str | None
    last_update_at: datetime | None
    last_error: str | None
    last_error_at: datetime | None
    set_by: str
    set_at: datetime


class BotIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """What Telegram says of a bot, and its token, sealed."""

    telegram_id: int
    username: str
    name: str
    can_join_groups: bool
    can_read_all_group_messages: bool
    sealed_token: str


async def find_bot(tx: Transaction, *, lock: bool = False) -> BotRow | None:
    """The bot; None while there is none. With `lock`, nobody else changes it before this transaction ends."""
    columns = [getattr(Bot, name) for name in BotRow.__struct_fields__]
    statement = select(*columns).with_for_update() if lock else select(*columns)
    row = (await tx.execute(statement)).mappings().one_or_none()
    return None if row is None else BotRow(**row)


async def get_bot(tx: Transaction) -> BotRow:
    """The bot.

    Raises:
        QueryError: `conflict` while there is none.
    """
    bot = await find_bot(tx)
    if bot is None:
        raise QueryError("conflict", "No bot is connected: set one with PUT /api/v1/telegram/bot first.")
    return bot


async def put_bot(tx: Transaction, identity: BotIdentity, set_by: str) -> None:
    """Keep a bot. The same one goes on as before; another one begins without polling and webhook."""
    given = msgspec.structs.asdict(identity) | {"set_by": set_by}
    made = insert(Bot).values(id=1, **given)
    same = Bot.telegram_id == made.excluded.telegram_id
    await tx.execute(
        made.on_conflict_do_update(
            index_elements=[Bot.id],
            set_={
                **given,
                "set_at": func.now(),
                "last_error": None,
                "last_error_at": None,
                "polling": case((same, Bot.polling), else_=False),
                "next_update_id": case((same, Bot.next_update_id)),
                "webhook_url": case((same, Bot.webhook_url)),
                "last_update_at": case((same, Bot.last_update_at)),
            },
        )
    )


async def delete_bot(tx: Transaction, telegram_id: int) -> None:
    """Forget the bot, unless another one was set meanwhile."""
    await tx.execute(delete(Bot).where(Bot.telegram_id == telegram_id))


async def set_road(tx: Transaction, bot: BotRow, *, polling: bool, webhook_url: str | None) -> None:
    """Note how the bot's updates come, unless another bot was set meanwhile.

    Polling then begins at what Telegram has not forgotten: while updates came otherwise it may have begun to
    count anew, below where polling stood.
    """
    await tx.execute(
        update(Bot)
        .where(Bot.telegram_id == bot.telegram_id)
        .values(
            polling=polling,
            next_update_id=None,
            webhook_url=webhook_url,
            last_error=None,
            last_error_at=None,
        )
    )


async def note_polling_error(tx: Transaction, bot: BotRow, error: str) -> None:
    """Note what goes wrong with polling, while that is what the bot does."""
    await tx.execute(
        update(Bot)
        .where(Bot.sealed_token == bot.sealed_token, Bot.polling)
        .values(last_error=error[:1000], last_error_at=func.now())
    )


async def note_polled(tx: Transaction, next_update_id: int | None) -> None:
    """Note that polling went well, and, unless there were none, which updates are dealt with."""
    values = {"last_error": None, "last_error_at": None}
    if next_update_id is None:
        await tx.execute(update(Bot).where(Bot.last_error.is_not(None)).values(**values))
    else:
        await tx.execute(
            update(Bot).values(next_update_id=next_update_id, last_update_at=func.now(), **values)
        )


async def note_update(tx: Transaction) -> None:
    """Note that an update came, within ten seconds; never waits for anybody."""
    await tx.execute(_SAW_UPDATE)


async def keep_resealed_token(tx: Transaction, earlier: str, resealed: str) -> None:
    """Keep the token as it is sealed now, unless another one was set meanwhile."""
    await tx.execute(update(Bot).where(Bot.sealed_token == earlier).values(sealed_token=resealed))
