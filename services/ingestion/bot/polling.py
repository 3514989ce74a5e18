"""Polling: fetching a bot's updates, for machines that Telegram cannot reach.

What was fetched and how far it went are kept in one transaction, so that nothing is lost over a restart; what
is fetched twice is saved once.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from loguru import logger
from prometheus_client import Counter

from services.ingestion.bot.api import BotApi
from services.ingestion.bot.calling import api_of
from services.ingestion.bot.errors import BotApiError, TooManyRequestsError, UnreachableError
from services.ingestion.repository.bots import BotRow, find_bot, note_polled, note_polling_error
from shared.contracts.ingestion import SaveTelegramMessage
from shared.messaging.transaction import transaction
from shared.sealing import SealedKeyError
from shared.telemetry import start_run

WAIT_SECONDS = 25
"""How long Telegram holds a request while there is nothing to tell."""

_LOOK_EVERY = 1.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_OFFSET_MEANS = timedelta(days=1)
"""Telegram keeps updates for a day, and after a quiet week begins to count at random: an offset older than a
day confirms nothing any more, and may stand beyond the updates to come."""

_POLLED = Counter(
    "tt_telegram_polled_total", "Updates that polling fetched, by what became of them.", ["outcome"]
)


async def poll_updates() -> None:
    """Fetch updates whenever polling is on, for ever; to be run by one replica at a time."""
    while True:
        bot = await _polled_bot()
        if bot is None:
            await asyncio.sleep(_LOOK_EVERY)
            continue
        await _poll(bot)


async def _poll(bot: BotRow) -> None:
    """Fetch a bot's updates until it is another one, or polling is off."""
    pause = _FIRST_PAUSE
    while True:
        try:
            async with api_of(bot) as api:
                while True:
                    if not await _fetch_once(api, bot):
                        return
                    pause = _FIRST_PAUSE
        except (BotApiError, SealedKeyError) as error:
            await _note(bot, error)
            seconds = float(error.retry_after) if isinstance(error, TooManyRequestsError) else pause
        if await _is_other_within(bot, seconds):
            return
        pause = min(pause * 2, _LONGEST_PAUSE)


async def _fetch_once(api: BotApi, bot: BotRow) -> bool:
    """Wait for updates and keep them; returns whether the bot is still to be polled."""
    present = await _polled_bot()
    if present is None or present.sealed_token != bot.sealed_token:
        return False
    asking = asyncio.create_task(api.get_updates(offset=offset_of(present), seconds=WAIT_SECONDS))
    try:
        while not (await asyncio.wait([asking], timeout=_LOOK_EVERY))[0]:
            if await _is_other(bot):
                return False
        return await _keep(bot, asking.result())
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


def offset_of(bot: BotRow, now: datetime | None = None) -> int | None:
    """What to ask for: after the last update that was kept, while that still means anything."""
    if bot.last_update_at is None or (now or datetime.now(UTC)) - bot.last_update_at > _OFFSET_MEANS:
        return None
    return bot.next_update_id


async def _keep(bot: BotRow, updates: Sequence[dict[str, Any]]) -> bool:
    """Have updates saved, and note how far they go; not when the bot is another one meanwhile."""
    async with transaction() as tx:
        present = await find_bot(tx, lock=True)
        if present is None or not present.polling or present.sealed_token != bot.sealed_token:
            return False
        numbers = [number for each in updates if isinstance(number := each.get("update_id"), int)]
        too_large = 0
        for update in updates:
            with start_run("getUpdates"):
                try:
                    tx.send(SaveTelegramMessage(update=update))
                except (ValueError, OverflowError) as error:
                    # It will never fit, however often it is fetched.
                    logger.warning("an update was thrown away: {}", error)
                    too_large += 1
        await note_polled(tx, max(numbers) + 1 if numbers else None)
    _POLLED.labels("too_large").inc(too_large)
    _POLLED.labels("kept").inc(len(updates) - too_large)
    return True


async def _note(bot: BotRow, error: Exception) -> None:
    level = "INFO" if isinstance(error, UnreachableError | TooManyRequestsError) else "WARNING"
    if bot.last_error != str(error):
        logger.log(level, "polling @{} does not work: {}", bot.username, error)
    async with transaction() as tx:
        await note_polling_error(tx, bot, str(error))


async def _polled_bot() -> BotRow | None:
    async with transaction() as tx:
        bot = await find_bot(tx)
    return bot if bot is not None and bot.polling else None


async def _is_other(bot: BotRow) -> bool:
    present = await _polled_bot()
    return present is None or present.sealed_token != bot.sealed_token


async def _is_other_within(bot: BotRow, seconds: float) -> bool:
    """Wait; returns at once when the bot is another one, or polling is off."""
    until = asyncio.get_running_loop().time() + seconds
    while (left := until - asyncio.get_running_loop().time()) > 0:
        await asyncio.sleep(min(left, _LOOK_EVERY))
        if await _is_other(bot):
            return True
    return False
