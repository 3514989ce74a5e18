"""The HTTP client below: goes nowhere but where it was sent, and reads no answer without end."""

from typing import Any

import httpx2
from openai import DefaultAsyncHttpxClient

LONGEST_ANSWER = 32_000_000
"""Bytes, unpacked. A hundred long vectors, written as numbers, are some eight million."""

_OF_THE_BODY = ("content-encoding", "content-length", "transfer-encoding")


class EndlessAnswerError(Exception):
    """An answer that is longer than any that makes sense; says so."""


class BoundedClient(DefaultAsyncHttpxClient):
    """What the providers' clients send with.

    A redirect is not followed: what was sent holds what people wrote, and is for the provider's own address,
    which was looked at when the provider was made.

    Args:
        trust_env: Whether the environment's proxies are used.
    """

    def __init__(self, *, trust_env: bool) -> None:
        super().__init__(trust_env=trust_env, follow_redirects=False)

    async def send(self, request: httpx2.Request, *, stream: bool = False, **options: Any) -> httpx2.Response:
        """Send a request and read the whole answer.

        Raises:
            EndlessAnswerError: It is longer than `LONGEST_ANSWER`; the rest is left unread.
        """
        del stream  # nobody here asks for an answer in pieces
        response = await super().send(request, stream=True, **options)
        try:
            body = await _whole(response)
        finally:
            await response.aclose()
        headers = [each for each in response.headers.multi_items() if each[0].lower() not in _OF_THE_BODY]
        return httpx2.Response(response.status_code, headers=headers, content=body, request=request)


async def _whole(response: httpx2.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > LONGEST_ANSWER:
            raise EndlessAnswerError(f"its answer is longer than {LONGEST_ANSWER} bytes")
    return bytes(body)
