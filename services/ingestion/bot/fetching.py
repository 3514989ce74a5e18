"""Fetching a person's picture: three calls of the Bot API, then the object store, then the row."""

import hashlib
from datetime import UTC, datetime

from loguru import logger

from services.ingestion.bot.api import BotApi
from services.ingestion.bot.calling import api_of
from services.ingestion.bot.errors import BotApiError, RefusedError, TooManyRequestsError
from services.ingestion.bot.pictures import AGAIN, LARGEST, best_size, type_of, wait_after
from services.ingestion.repository.avatars import (
    Picture,
    attempts_of,
    keep_failure,
    keep_no_picture,
    keep_picture,
    picture_of,
    telegram_id_of,
)
from services.ingestion.repository.bots import find_bot
from shared.messaging.avatars import delete_avatar, store_avatar
from shared.messaging.transaction import transaction
from shared.sealing import SealedKeyError
from shared.service import FinalFailure, NotNow


async def fetch_picture(user_id: int) -> str:
    """Fetch a user's picture and keep it.

    Returns:
        What became of it: `kept`, `none` or `failed`.

    Raises:
        FinalFailure: There is no bot, or no such user.
        NotNow: Telegram wants a pause.
    """
    async with transaction() as tx:
        bot = await find_bot(tx)
        telegram_id = await telegram_id_of(tx, user_id)
        if bot is None:
            raise FinalFailure("No bot is connected, and pictures are fetched by it.")
        if telegram_id is None:
            raise FinalFailure(f"There is no user {user_id} with a Telegram account.")
        attempts = await attempts_of(tx, user_id)
        earlier = await picture_of(tx, user_id)
    try:
        async with api_of(bot) as api:
            picture = await _fetch(api, user_id, telegram_id, earlier)
    except TooManyRequestsError as error:
        raise NotNow(str(error), delay=error.retry_after * 1000) from error
    except (BotApiError, SealedKeyError) as error:
        # Who never wrote to the bot may be unknown to it: another try in an hour would change nothing.
        again = AGAIN if isinstance(error, RefusedError) else wait_after(attempts)
        logger.info("no picture of user {}: {}", user_id, error)
        async with transaction() as tx:
            await keep_failure(tx, user_id, str(error), attempts + 1, again)
        return "failed"
    async with transaction() as tx:
        if picture is None:
            await keep_no_picture(tx, user_id, AGAIN)
        else:
            await keep_picture(tx, user_id, picture, AGAIN)
    if earlier is not None and (picture is None or picture.object_name != earlier.object_name):
        await delete_avatar(earlier.object_name)
    return "none" if picture is None else "kept"


async def _fetch(api: BotApi, user_id: int, telegram_id: int, earlier: Picture | None) -> Picture | None:
    """The user's present picture, put into the store unless it is there already; None when there is none."""
    found = await api.get_user_profile_photos(telegram_id)
    size = best_size(found.photos[0]) if found.photos else None
    if size is None:
        return None
    if earlier is not None and earlier.photo_id == size.file_unique_id:
        return earlier
    content = await api.download(await api.get_file(size.file_id), largest=LARGEST)
    content_type = type_of(content)
    if content_type is None:
        raise RefusedError("What Telegram has as the picture is none.")
    name = f"{user_id}-{hashlib.sha256(content).hexdigest()[:32]}"
    await store_avatar(name, content)
    return Picture(
        object_name=name,
        photo_id=size.file_unique_id,
        content_type=content_type,
        size=len(content),
        fetched_at=datetime.now(UTC),
    )
