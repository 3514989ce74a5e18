"""How requests are sent: the key, time limits, and a second try where it is safe."""

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from uuid import uuid4

import httpx

from tasktracker.errors import Conflict, Problem, TooManyRequests, Unavailable, Unreachable
from tasktracker.reading import problem_of

IDEMPOTENCY_KEY = "Idempotency-Key"
LONGEST_PAUSE = 30.0
"""Seconds that a server may ask to wait before another try; when it asks for more, its problem is raised."""
_FIRST_PAUSE = 0.25
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_REPEATABLE = frozenset({"GET", "PUT", "DELETE"})
_NOT_FOUND = 404

Content = bytes | Iterable[bytes] | None


@dataclass(frozen=True)
class Call:
    """One request.

    Attributes:
        method: The HTTP method.
        path: The path, its parts quoted already.
        query: Parameters; those that are None are left out, sequences are repeated.
        content: Makes the body anew for each try; None sends none.
        headers: Headers beside those of every request.
        once: Whether the server does it once however often it is sent: it gets an `Idempotency-Key`.
        also: Statuses that are answers and no problems, beside those of success.
        until_gone: Whether a 404 is a good answer to another try: the one before did it, its answer was lost.
        timeout: Seconds for each step of it, where it differs from the client's.
    """

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    content: Callable[[], Content] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    once: bool = False
    also: Sequence[int] = ()
    until_gone: bool = False
    timeout: float | None = None

    @property
    def may_be_repeated(self) -> bool:
        """Whether it is harmless to send it again when nobody knows if it was done."""
        return self.once or (self.method in _REPEATABLE and "If-Match" not in self.headers)

    @property
    def may_be_done_twice(self) -> bool:
        """Whether a second time would leave all as the first did: also of a change that names no version."""
        return self.may_be_repeated or (self.method == "PATCH" and "If-Match" not in self.headers)


class Transport:
    """Sends requests to one server.

    Args:
        url: The server's address, without a path.
        key: The API key.
        timeout: Seconds for each step of a request: to connect, to send, to receive.
        retries: How often a request is sent again: when the connection failed and that is safe, and after
            429 and 503, as the server says when.
        pause: Waits that many seconds between tries.
        inner: What sends, for tests; None is the network.
    """

    def __init__(  # noqa: PLR0913 - all but two have defaults
        self,
        url: str,
        key: str,
        *,
        timeout: float = 30.0,
        retries: int = 4,
        pause: Callable[[float], None] = time.sleep,
        inner: httpx.BaseTransport | None = None,
    ) -> None:
        self.url = checked_url(url)
        self._retries = retries
        self._pause = pause
        self._http = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {checked_key(key)}", "Accept": "application/json"},
            timeout=timeout,
            # A proxy of the environment is for the world outside, not for this machine.
            trust_env=not is_loopback(self.url),
            transport=inner,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(self, call: Call, *, stream: bool = False) -> httpx.Response:
        """Send a request, again where that is safe and helps, and return the good answer.

        Args:
            call: The request.
            stream: Leave the body of a good answer unread; whoever called closes the answer.

        Raises:
            Problem: The server refused.
            Unreachable: It did not answer.
        """
        headers = {IDEMPOTENCY_KEY: str(uuid4()), **call.headers} if call.once else dict(call.headers)
        tried = 0
        while True:
            try:
                return self._once(call, headers, stream=stream, repeated=tried > 0)
            except Unreachable as error:
                safe = call.may_be_repeated or isinstance(error.__cause__, _UNSENT)
                wait = _FIRST_PAUSE * 2**tried * random.uniform(0.75, 1.25) if safe else None  # noqa: S311 - no secret
                if wait is None or tried >= self._retries:
                    raise
            except (TooManyRequests, Unavailable, Conflict) as problem:
                wait = self._wait_after(problem, tried, call)
                if wait is None or tried >= self._retries:
                    raise
            tried += 1
            self._pause(wait)

    def _once(
        self, call: Call, headers: Mapping[str, str], *, stream: bool, repeated: bool
    ) -> httpx.Response:
        request = self._http.build_request(
            call.method,
            call.path,
            params=query_of(call.query),
            content=call.content() if call.content else None,
            headers=headers,
            timeout=httpx.USE_CLIENT_DEFAULT if call.timeout is None else call.timeout,
        )
        try:
            answer = self._http.send(request, stream=True)
            good = answer.is_success or answer.status_code in call.also
            good = good or (repeated and call.until_gone and answer.status_code == _NOT_FOUND)
            if not (stream and good):
                answer.read()
                answer.close()
        except httpx.HTTPError as error:
            raise Unreachable(self.url, _reason(error)) from error
        if not good:
            raise problem_of(answer)
        return answer

    def _wait_after(self, problem: Problem, tried: int, call: Call) -> float | None:
        """Seconds until another try; None when there is to be none."""
        if isinstance(problem, Conflict) and not (call.once and tried and problem.retry_after):
            return None
        if isinstance(problem, Unavailable) and not call.may_be_done_twice:
            return None
        wait = problem.retry_after if problem.retry_after is not None else _FIRST_PAUSE * 2**tried
        return wait if wait <= LONGEST_PAUSE else None


def query_of(query: Mapping[str, Any]) -> list[tuple[str, str | int | float | bool | None]]:
    """Parameters as they stand in an address; those that are None are left out."""
    return [
        (name, _text_of(each))
        for name, value in query.items()
        if value is not None
        for each in (value if isinstance(value, list | tuple | set | frozenset) else [value])
    ]


def checked_url(url: str) -> str:
    """The address of a server, without a slash at its end.

    Raises:
        ValueError: When it is no http or https address.
    """
    try:
        parsed = httpx.URL(url.strip())
    except httpx.InvalidURL:
        parsed = httpx.URL()
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise ValueError(f"{url!r} is no address of a server; it looks like http://127.0.0.1:8000")
    if parsed.userinfo or parsed.query or parsed.fragment:
        raise ValueError(
            "The address of the server has no user, no query and no fragment; the key is given apart"
        )
    return str(parsed).rstrip("/")


def checked_key(key: str) -> str:
    """An API key as it may stand in a header.

    Raises:
        ValueError: When it is empty or has characters that no key has; the key itself is not told.
    """
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("The API key is empty, or has characters that no key has; copy it again")
    return key


def is_loopback(url: str) -> bool:
    """Whether an address is of this machine."""
    host = httpx.URL(url).host
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _text_of(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _reason(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.ConnectTimeout | httpx.ConnectError):
        return f"no connection ({error})" if str(error) else "no connection"
    if isinstance(error, httpx.TimeoutException):
        return "not within the time limit"
    return str(error) or type(error).__name__
