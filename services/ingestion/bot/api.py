"""A client of Telegram's Bot API (https://core.telegram.org/bots/api): the few methods that are needed.

The token stands in every address. So no address leaves this module: not in an error, whose cause is cut off,
nor in a log line of the HTTP client, nor in a span, which is called by the method alone.
"""

import logging
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from services.ingestion.bot.answers import (
    UPDATE_KINDS,
    BotUser,
    File,
    UserProfilePhotos,
    WebhookInfo,
    read_answer,
)
from services.ingestion.bot.errors import RefusedError, TooLargeError, UnreachableError
from services.ingestion.bot.spans import call_span, note_status

Result = TypeVar("Result")

TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{20,200}")
"""What a token looks like."""

_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 8.0
_LARGEST_ANSWER = 32 << 20
_OK = 200
_NOT_NOW = {429, *range(500, 600)}
_IN_ADDRESS = re.compile(r"/bot\d+:[A-Za-z0-9_-]+")


class _NoTokens(logging.Filter):
    """Takes tokens out of what the HTTP client logs, which are the addresses that it calls."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _IN_ADDRESS.sub("/bot***", record.getMessage()), None
        return True


class BotApi:
    """The Bot API, called with one token.

    Args:
        http: Sends.
        base_url: The server, without a slash at its end.
        token: As BotFather gave it.
    """

    def __init__(self, http: httpx.AsyncClient, base_url: str, token: str) -> None:
        self._http = http
        self._base_url = base_url
        self._token = token

    async def get_me(self) -> BotUser:
        """The bot itself."""
        return await self._call("getMe", BotUser)

    async def set_webhook(self, url: str, *, secret: str, max_connections: int) -> None:
        """Have updates sent to an address; those that wait are kept."""
        await self._call(
            "setWebhook",
            bool,
            url=url,
            secret_token=secret,
            max_connections=max_connections,
            allowed_updates=UPDATE_KINDS,
        )

    async def get_webhook_info(self) -> WebhookInfo:
        """The webhook that is set; its `url` is empty when none is."""
        return await self._call("getWebhookInfo", WebhookInfo)

    async def delete_webhook(self) -> None:
        """Have no more updates sent; those that wait are kept. Without a webhook it does nothing."""
        await self._call("deleteWebhook", bool)

    async def get_updates(self, *, offset: int | None, seconds: int) -> list[dict[str, Any]]:
        """Updates that were not fetched yet, at most 100; waits for the first of them.

        Args:
            offset: One more than the last update_id that is dealt with, which Telegram then forgets; None
                returns everything that it has not forgotten.
            seconds: To wait.
        """
        more = {} if offset is None else {"offset": offset}
        return await self._call(
            "getUpdates",
            list[dict[str, Any]],
            wait=seconds,
            timeout=seconds,
            allowed_updates=UPDATE_KINDS,
            **more,
        )

    async def get_user_profile_photos(self, user_id: int) -> UserProfilePhotos:
        """A user's present picture, in several sizes."""
        return await self._call("getUserProfilePhotos", UserProfilePhotos, user_id=user_id, limit=1)

    async def get_file(self, file_id: str) -> File:
        """Where a file lies."""
        return await self._call("getFile", File, file_id=file_id)

    async def download(self, file: File, *, largest: int) -> bytes:
        """A file's content.

        Args:
            file: As `get_file` answered it.
            largest: Bytes, at the most.

        Raises:
            TooLargeError: It has more.
            RefusedError: It is not there.
            BotApiError: Telegram wants a pause, or has troubles of its own.
        """
        path = (file.file_path or "").lstrip("/")
        if not path or ".." in path.split("/"):
            raise RefusedError("Telegram gave no path for the file.")
        status, body = await self._send(
            "the download", "GET", f"/file/bot{self._token}/{quote(path)}", largest=largest
        )
        if status in _NOT_NOW:
            read_answer("the download", status, body, object)
        if status != _OK:
            raise RefusedError(f"The file was answered with status {status}.")
        return body

    async def _call(self, method: str, kind: type[Result], *, wait: int = 0, **arguments: Any) -> Result:
        status, body = await self._send(
            method, "POST", f"/bot{self._token}/{method}", wait=wait, json=arguments
        )
        return read_answer(method, status, body, kind)

    async def _send(  # noqa: PLR0913 - what a request is made of
        self,
        what: str,
        verb: str,
        path: str,
        *,
        wait: int = 0,
        largest: int = _LARGEST_ANSWER,
        json: dict[str, Any] | None = None,
    ) -> tuple[int, bytes]:
        timeout = httpx.Timeout(_ANSWER_SECONDS + wait, connect=_CONNECT_SECONDS)
        with call_span(what, verb, self._base_url) as span:
            try:
                async with self._http.stream(
                    verb, self._base_url + path, json=json, timeout=timeout
                ) as response:
                    note_status(span, response.status_code)
                    return response.status_code, await _read(response, what, largest)
            except httpx.TimeoutException:
                raise UnreachableError(f"The Bot API did not answer {what} in time.") from None
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise UnreachableError(
                    f"The Bot API cannot be reached for {what} ({type(error).__name__}). Is "
                    "TT_TELEGRAM_API_URL right, and may this machine go there?"
                ) from None


async def _read(response: httpx.Response, what: str, largest: int) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > largest:
            raise TooLargeError(f"What {what} brings has more than {largest} bytes.")
    return bytes(body)


@cache
def _authorities() -> ssl.SSLContext:
    """Who may certify servers, read once a process: it takes longer than a call."""
    return httpx.create_ssl_context()


@asynccontextmanager
async def open_api(base_url: str, token: str) -> AsyncIterator[BotApi]:
    """The Bot API for some calls, over connections that are closed at the end.

    Args:
        base_url: The server.
        token: The bot's.
    """
    log = logging.getLogger("httpx")
    if not any(isinstance(each, _NoTokens) for each in log.filters):
        log.addFilter(_NoTokens())
    async with httpx.AsyncClient(follow_redirects=False, verify=_authorities()) as http:
        yield BotApi(http, base_url.rstrip("/"), token)
