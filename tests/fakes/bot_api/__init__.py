"""Telegram's Bot API for tests: real HTTP, its wire format, its rules for updates, and what a test scripts.

with running_bot_api() as telegram:
    telegram.write(a_message(1, "Привіт"))            # waits for getUpdates, or is sent to the webhook
    telegram.pictures[501] = a_jpeg(b"face")          # what getUserProfilePhotos shows of user 501
    telegram.fail("getMe", too_many_requests(3))      # the next call of a method
    ...                                               # TT_TELEGRAM_API_URL=telegram.url, telegram.token
    assert telegram.called("setWebhook")
"""

from tests.fakes.bot_api.failures import Failure, garbage, server_error, too_many_requests, unknown_token
from tests.fakes.bot_api.messages import CHAT, a_jpeg, a_message
from tests.fakes.bot_api.server import BotApiServer, running_bot_api

__all__ = [
    "CHAT",
    "BotApiServer",
    "Failure",
    "a_jpeg",
    "a_message",
    "garbage",
    "running_bot_api",
    "server_error",
    "too_many_requests",
    "unknown_token",
]
