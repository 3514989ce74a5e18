"""uvicorn's WebSocket protocol, with an end for connections that nobody reads from."""

import asyncio
from typing import Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

STUCK_SECONDS: Final = 30.0
"""How long a client may take nothing of what was written for it."""


class SocketProtocol(WebSocketsSansIOProtocol):
    """Aborts a connection that stays full; closing would wait for ever for the client to read the rest."""

    stuck_seconds = STUCK_SECONDS
    _stuck: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """The buffer is full: the client has to begin to read."""
        super().pause_writing()
        self._stuck = self.loop.call_later(self.stuck_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """The client reads again."""
        self._forget()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._forget()
        super().connection_lost(exc)

    def _forget(self) -> None:
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None
