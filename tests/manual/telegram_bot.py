"""Try the bot with Telegram itself: `make try-telegram`, or `python -m tests.manual.telegram_bot`.

Beside the account of `history`, this is the only thing that needs real credentials; no test does. Have a bot
of your own made by @BotFather, write it something, and give its token when asked: it goes to Telegram alone,
and is kept nowhere. No webhook is set or deleted and no update confirmed; all that Telegram remembers is
which kinds of updates were asked for.
"""

import asyncio
import sys
from getpass import getpass

from services.ingestion.bot.api import TOKEN, BotApi, open_api
from services.ingestion.bot.errors import BotApiError
from services.ingestion.bot.pictures import LARGEST, best_size, type_of
from services.ingestion.telegram.updates import MessageUpdate, parse_update

API = "https://api.telegram.org"
_WAIT_SECONDS = 10


def main() -> int:
    """Ask for the token, and say what Telegram answers; 1 when it says no."""
    token = (getpass("The bot's token (not shown): ") if sys.stdin.isatty() else sys.stdin.readline()).strip()
    if not TOKEN.fullmatch(token):
        print("That is no token: it reads like 123456789:AAE...")
        return 1
    try:
        asyncio.run(_try_out(token))
    except BotApiError as error:
        print(f"FAILED  {error}")
        return 1
    return 0


async def _try_out(token: str) -> None:
    async with open_api(API, token) as api:
        me = await api.get_me()
        privacy = "off" if me.can_read_all_group_messages else "on"
        print(f"ok      getMe: @{me.username}, privacy mode {privacy}")
        info = await api.get_webhook_info()
        print(f"ok      getWebhookInfo: {info.url or 'none set'}, {info.pending_update_count} updates wait")
        if info.last_error_message:
            print(f"        its last error: {info.last_error_message}")
        if info.url:
            print("skipped getUpdates: Telegram sends updates to the webhook")
            return
        await _look_at_updates(api)


async def _look_at_updates(api: BotApi) -> None:
    """What waits, and the picture of whoever wrote first. Without an offset nothing is confirmed."""
    updates = await api.get_updates(offset=None, seconds=_WAIT_SECONDS)
    print(f"ok      getUpdates: {len(updates)} updates")
    read = [parse_update(update) for update in updates]
    messages = [update.message for update in read if isinstance(update, MessageUpdate)]
    for message in messages[:5]:
        print(f"        {message.kind}: {message.text[:70]!r}")
    sender = next((message.sender for message in messages if message.sender), None)
    if sender is None:
        print("        write the bot something to see messages and a picture")
        return
    found = await api.get_user_profile_photos(sender.telegram_id)
    size = best_size(found.photos[0]) if found.photos else None
    if size is None:
        print(f"ok      getUserProfilePhotos: {sender.display_name} shows the bot no picture")
        return
    picture = await api.download(await api.get_file(size.file_id), largest=LARGEST)
    print(f"ok      getFile: a picture of {len(picture)} bytes, {type_of(picture) or 'of no known type'}")


if __name__ == "__main__":
    raise SystemExit(main())
