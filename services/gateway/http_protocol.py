"""uvicorn's HTTP protocol, with an end for those who send slowly, too much, or two readings of one request.

uvicorn waits for ever for a request's head and body (slowloris), and h11 bounds a head only while it is
incomplete. Bounds as in Apache's mod_reqtimeout: https://httpd.apache.org/docs/2.4/mod/mod_reqtimeout.html.
"""

import asyncio
import sys
from http import HTTPStatus
from typing import Any, ClassVar, Final

import h11
import msgspec
from loguru import logger
from uvicorn.protocols.http.h11_impl import H11Protocol

from services.gateway.metrics import REQUESTS_CUT
from services.gateway.problems import ABOUT_BLANK, CODES, MEDIA_TYPE, Problem

LARGEST_HEAD: Final = 16 * 1024
"""Bytes of a request's line and headers."""

MOST_HEADERS: Final = 100
_DETAILS: Final = {
    400: "This is no HTTP request.",
    408: "The request did not arrive in time.",
    431: f"The headers of a request may have {LARGEST_HEAD} bytes, and there may be {MOST_HEADERS} of them.",
}


class HeadConnection(h11.Connection):
    """Refuses a head that is too large though it came at once, and a body that can end in two places."""

    def next_event(self) -> Any:
        """The next event.

        Raises:
            h11.RemoteProtocolError: 431 for a head that is too large, 400 for one that is ambiguous.
        """
        event = super().next_event()
        if isinstance(event, h11.Request):
            _check_head(event)
        return event


def _check_head(request: h11.Request) -> None:
    headers = request.headers
    size = len(request.target) + sum(len(name) + len(value) + 4 for name, value in headers)
    if size > LARGEST_HEAD or len(headers) > MOST_HEADERS:
        raise h11.RemoteProtocolError("the head is too large", error_status_hint=431)
    if {b"content-length", b"transfer-encoding"} <= {name for name, _ in headers}:
        # A proxy in front may believe the one, we the other: request smuggling (RFC 9112, 6.1).
        raise h11.RemoteProtocolError("both Content-Length and Transfer-Encoding", error_status_hint=400)


class HttpProtocol(H11Protocol):
    """Closes connections whose request does not arrive, or whose answer is not taken.

    Attributes:
        head_seconds: In which a request's head has to arrive, from the connection or from its first byte.
        body_seconds: Of which each, while a body arrives, has to bring `body_bytes` on average.
        body_bytes: In one second.
        stuck_seconds: In which a client has to take some of what was written for it.
    """

    head_seconds: ClassVar[float] = 10.0
    body_seconds: ClassVar[float] = 20.0
    body_bytes: ClassVar[int] = 500
    stuck_seconds: ClassVar[float] = 60.0

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.conn = HeadConnection(h11.SERVER, LARGEST_HEAD)
        self._head: asyncio.TimerHandle | None = None
        self._body: asyncio.TimerHandle | None = None
        self._stuck: asyncio.TimerHandle | None = None
        self._received = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there, and shall say what it wants."""
        super().connection_made(transport)
        self._head = self.loop.call_later(self.head_seconds, self._give_up_head)

    def data_received(self, data: bytes) -> None:
        """A piece of a request."""
        self._received += len(data)
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """A request is answered; the next one may be there already."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._forget()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """It becomes a WebSocket, which has bounds of its own."""
        self._forget()
        super().handle_websocket_upgrade(event)

    def pause_writing(self) -> None:
        """The buffer is full: the client has to begin to read."""
        super().pause_writing()
        self._stuck = self.loop.call_later(self.stuck_seconds, self._give_up, "answer_not_taken")

    def resume_writing(self) -> None:
        """The client reads again."""
        self._stuck = _cancelled(self._stuck)
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read, as a problem like any other; then nothing more can be understood."""
        error = sys.exc_info()[1]
        status = error.error_status_hint if isinstance(error, h11.RemoteProtocolError) else 400
        REQUESTS_CUT.labels("refused").inc()
        logger.debug("{} {}", msg, error)
        self._refuse(status)

    def _watch(self) -> None:
        """Set the clocks that the connection's state needs, and no others."""
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            self._forget()
            return
        state = self.conn.their_state
        waits = state is h11.IDLE and (self.cycle is None or bool(self.conn.trailing_data[0]))
        if not waits:
            self._head = _cancelled(self._head)
        elif self._head is None:
            self._head = self.loop.call_later(self.head_seconds, self._give_up_head)
        if state is not h11.SEND_BODY:
            self._body = _cancelled(self._body)
        elif self._body is None:
            self._look_later()

    def _look_later(self) -> None:
        self._body = self.loop.call_later(self.body_seconds, self._look_at_body, self._received)

    def _look_at_body(self, received: int) -> None:
        """Whether enough of a body has come since; while the application does not take it, nothing can."""
        if self.flow.read_paused or self._received - received >= self.body_bytes * self.body_seconds:
            self._look_later()
        else:
            self._give_up("slow_body")

    def _give_up_head(self) -> None:
        self._head = None
        REQUESTS_CUT.labels("slow_head").inc()
        if self._received and self.conn.our_state is h11.IDLE:
            self._refuse(408)
        else:
            self.transport.close()

    def _give_up(self, reason: str) -> None:
        REQUESTS_CUT.labels(reason).inc()
        # Closing would wait until the rest has been sent to somebody who does not read.
        self.transport.abort()

    def _refuse(self, status: int) -> None:
        self._forget()
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            title = HTTPStatus(status).phrase
            problem = Problem(
                type=ABOUT_BLANK,
                title=title,
                status=status,
                detail=_DETAILS.get(status, title),
                code=CODES.get(status, "error"),
            )
            body = msgspec.json.encode(problem)
            headers = [
                ("content-type", MEDIA_TYPE),
                ("content-length", str(len(body))),
                ("connection", "close"),
            ]
            answer = h11.Response(status_code=status, headers=headers, reason=title)
            for event in (answer, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _forget(self) -> None:
        self._head, self._body, self._stuck = map(_cancelled, (self._head, self._body, self._stuck))


def _cancelled(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
    """None, which a clock is that was stopped."""
    if timer is not None:
        timer.cancel()
    return None
