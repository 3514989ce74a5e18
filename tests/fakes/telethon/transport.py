"""The wire between Telethon's client and the far side, in the place of its encrypted connection."""

import asyncio
import os
from typing import TYPE_CHECKING, Any

from telethon import errors
from telethon.extensions import BinaryReader
from telethon.tl import functions

if TYPE_CHECKING:
    from tests.fakes.telethon.telegram import Telegram

_WRAPPING = (
    functions.InvokeWithLayerRequest,
    functions.InvokeWithoutUpdatesRequest,
    functions.InitConnectionRequest,
)
_REFUSALS = (errors.RPCError, errors.AuthKeyNotFound, errors.TypeNotFoundError, errors.BadMessageError)


class FakeSender:
    """What `telethon.network.MTProtoSender` is to a client: it connects, and sends what it is given."""

    def __init__(self, telegram: "Telegram", client: Any) -> None:
        self._telegram = telegram
        self._client = client
        self._is_connected = False
        self._ended: asyncio.Future[None] | None = None
        self._waiting: set[asyncio.Future[Any]] = set()
        self.auth_key = client.session.auth_key or _AuthKeyHolder()

    async def connect(self, connection: Any) -> bool:
        """Connect, and agree on a key where the session has none."""
        if self._is_connected:
            return False
        if self._telegram.is_down:
            raise ConnectionError("Connection to Telegram failed 3 time(s)")
        self.data_centre = connection._dc_id
        if not self.auth_key.key:
            self.auth_key = _new_key()
            await self._client._auth_key_callback(self.auth_key)
        self._is_connected = True
        self._ended = asyncio.get_running_loop().create_future()
        self._telegram.connections += 1
        self._telegram.most_connections = max(self._telegram.most_connections, self._telegram.connections)
        return True

    def is_connected(self) -> bool:
        """Until the client parts, or the connection is lost."""
        return self._is_connected

    def _transport_connected(self) -> bool:
        return self._is_connected

    @property
    def disconnected(self) -> "asyncio.Future[None]":
        """Done when the connection has ended."""
        ended = self._ended
        if ended is None:
            raise RuntimeError("was never connected")
        return asyncio.shield(ended)

    async def disconnect(self) -> None:
        """Part; what is still waited for is cancelled, as Telethon does it."""
        self._part()

    def give_up(self) -> None:
        """Part without being told to, once nothing else is to be done at this moment."""
        asyncio.get_running_loop().call_soon(self._part)

    def send(self, request: Any, ordered: bool = False) -> "asyncio.Future[Any]":  # noqa: FBT001, FBT002 - Telethon's
        """Send a request; its answer comes in the future."""
        del ordered
        if not self._is_connected:
            raise ConnectionError("Cannot send requests while disconnected")
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        future.add_done_callback(self._waiting.discard)
        received = _unwrapped(_through_the_wire(request))
        try:
            answer = self._telegram.answer(self, received)
        except _REFUSALS as refusal:
            future.set_exception(refusal)
        except ConnectionError as lost:
            self._end()
            future.set_exception(lost)
        else:
            if answer is not None:
                future.set_result(_through_the_wire(answer))
        return future

    def _part(self) -> None:
        for future in self._waiting:
            future.cancel()
        self._end()

    def _end(self) -> None:
        if self._is_connected:
            self._is_connected = False
            self._telegram.connections -= 1
            if self._ended is not None and not self._ended.done():
                self._ended.set_result(None)


class _AuthKeyHolder:
    """No key yet."""

    key: bytes | None = None


def _new_key() -> Any:
    from telethon.crypto import AuthKey

    return AuthKey(os.urandom(256))


def _through_the_wire(thing: Any) -> Any:
    """The object as the other side reads it."""
    return BinaryReader(bytes(thing)).tgread_object()


def _unwrapped(request: Any) -> Any:
    while isinstance(request, _WRAPPING):
        request = request.query
    return request
