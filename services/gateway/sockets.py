"""uvicorn's WebSocket protocol: a short way for ready frames, an end for connections that nobody reads from.

A frame is the same bytes for every client. Through ASGI each would be a message of its own for each of them,
encoded anew; here they are written to the transport as they are. Whatever else is said on a connection
(pings, pongs, closing) is written by uvicorn whole and at once, so that neither gets into the middle of the
other.
"""

import asyncio
import logging
import socket
from asyncio.transports import BaseTransport
from collections.abc import Callable
from typing import Any, Final, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

STUCK_SECONDS: Final = 30.0
"""How long a client may take nothing of what was written for it."""

EXTENSION: Final = "tasktracker.socket"
"""Where an application finds the protocol of its connection, in the ASGI scope's `extensions`."""

_KERNEL_BYTES = 128 * 1024
_FAREWELL_SECONDS = 2.0
_LOGGER = logging.getLogger("uvicorn.sockets")
# Below, there would be lines for every client, with its ticket.
_LOGGER.setLevel(logging.WARNING)


class SocketProtocol(WebSocketsSansIOProtocol):
    """Writes ready frames, and aborts a connection that stays full: closing would wait for its reader."""

    stuck_seconds = STUCK_SECONDS
    on_writable: Callable[[], None] | None = None
    _stuck: asyncio.TimerHandle | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = self.conn.logger = _LOGGER

    def connection_made(self, transport: BaseTransport) -> None:
        """Bound what the kernel keeps for a client that does not read, which else grows to megabytes."""
        super().connection_made(transport)
        connection = transport.get_extra_info("socket")
        if connection is not None and connection.family in {socket.AF_INET, socket.AF_INET6}:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _KERNEL_BYTES)

    def handle_connect(self, event: Request) -> None:
        """Let the application find this object."""
        super().handle_connect(event)
        if hasattr(self, "scope"):  # the application runs only after this
            cast("dict[str, Any]", self.scope["extensions"])[EXTENSION] = self

    @property
    def is_writable(self) -> bool:
        """Whether the client takes more at this moment."""
        return self.writable.is_set()

    def write(self, wire: bytes) -> None:
        """Write whole messages as they are; nothing when the connection is closing."""
        if self._is_open():
            self.transport.write(wire)

    async def until_writable(self) -> None:
        """Wait until the client takes more, or is gone."""
        await self.writable.wait()

    def end(self, code: int, reason: str) -> None:
        """Close with a code, also while the client reads nothing; the application is told of it.

        Args:
            code: Of RFC 6455 §7.4, or from 4000 on.
            reason: For a person; at most 123 bytes of UTF-8.
        """
        if not self._is_open():
            return
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.close)

    def shutdown(self) -> None:
        """The server stops: say so, but wait only shortly for a client that does not read."""
        super().shutdown()
        if not self.is_writable:
            self.loop.call_later(_FAREWELL_SECONDS, self.transport.abort)

    def pause_writing(self) -> None:
        """The buffer is full: the client has to begin to read."""
        super().pause_writing()
        self._stuck = self.loop.call_later(self.stuck_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """The client reads again."""
        self._forget()
        super().resume_writing()
        if self.on_writable is not None:
            self.on_writable()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._forget()
        super().connection_lost(exc)

    def _is_open(self) -> bool:
        return (
            self.handshake_complete
            and not self.close_sent
            and not self.disconnected
            and not self.transport.is_closing()
            and self.conn.state is State.OPEN
        )

    def _forget(self) -> None:
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None
