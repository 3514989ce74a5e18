"""nats-py's client with a short way in and out for the messages that come by the thousand.

This is the one place that touches what nats-py keeps private (`_process_msg`, `_transport`, `_sid`,
`_connect_command`); the tests hold it to the versions that are supported.
"""

import asyncio
import dataclasses
import logging
from collections.abc import Callable
from typing import Any

from nats.aio.client import Client
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

log = logging.getLogger(__name__)

#: Seconds for which messages that were sent before an unsubscription are still handled.
_LINGER = 10.0
_CLOSING_TIME = 2.0

#: Called on the loop with subject, reply, payload and raw header block of a message.
TapHandler = Callable[[bytes, bytes, bytes, bytes | None], None]


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class Tap:
    """One subscription: its subject and who is called. Two of one subject are two subscriptions."""

    subject: str
    handler: TapHandler


class TapClient(Client):
    """A client that hands the messages of tapped subjects over raw, without a task, queue or future each."""

    def __init__(self) -> None:
        super().__init__()
        self._taps: dict[int, TapHandler] = {}
        self._tapped: dict[Tap, Subscription] = {}

    async def tap(self, tap: Tap) -> None:
        """Subscribe; when this returns, what is written next reaches the server after the subscription."""
        if tap not in self._tapped:
            # Before the subscription is made, so that not even the first message goes the long way.
            self._taps[self._sid + 1] = tap.handler
            self._tapped[tap] = await self.subscribe(tap.subject)
        await self._flush_pending(force_flush=True)

    async def untap(self, tap: Tap) -> None:
        """Unsubscribe, in the same order; messages already on their way still reach the handler."""
        subscription = self._tapped.pop(tap, None)
        if subscription is not None:
            asyncio.get_running_loop().call_later(_LINGER, self._taps.pop, subscription._id, None)  # noqa: SLF001
            await subscription.unsubscribe()
            await self._flush_pending(force_flush=True)

    async def end(self) -> None:
        """Close, within 2 seconds whatever nats-py waits for; it may wait for ever when TLS failed."""
        closing = asyncio.get_running_loop().create_task(self.close())
        await asyncio.wait({closing}, timeout=_CLOSING_TIME)
        if not closing.done():
            closing.cancel()
        elif not closing.cancelled() and (error := closing.exception()) is not None:
            log.debug("Closing a connection failed: %r", error)
        writer = self._writer
        if writer is not None:
            writer.transport.abort()

    def write(self, frames: bytes) -> None:
        """Send protocol bytes at once."""
        try:
            self._transport.write(frames)  # type: ignore[union-attr]  # there is one while connected
        except (OSError, RuntimeError) as error:
            # The reader sees the same loss and reconnects; every part then says again what matters.
            log.debug("Writing to NATS failed: %r", error)

    @property
    def is_congested(self) -> bool:
        """Whether bytes that were written have not left this process yet."""
        writer = self._writer
        return writer is not None and writer.transport.get_write_buffer_size() > 0

    @property
    def _writer(self) -> asyncio.StreamWriter | None:
        transport = self._transport
        return getattr(transport, "_io_writer", None) or getattr(transport, "_bare_io_writer", None)

    def descriptor(self) -> int | None:
        """Return the socket's descriptor, if there is one."""
        writer = getattr(self._transport, "_bare_io_writer", None)
        connected = writer.get_extra_info("socket") if writer is not None else None
        return connected.fileno() if connected is not None else None

    def _connect_command(self) -> bytes:
        # nats-py reads the public key once, and would be refused for ever once the seed's file was replaced.
        if self._nkeys_seed is not None:
            self._setup_nkeys_seed_connect()
        return super()._connect_command()

    async def _process_info(self, info: dict[str, Any], initial_connection: bool = False) -> None:  # noqa: FBT001, FBT002 - nats-py's own
        # nats-py would go on without encryption, and send the password so.
        secure = info.get("tls_required") or self.options.get("tls_handshake_first")
        if initial_connection and not secure and self._wants_tls:
            raise NatsError("TLS is asked for and this server does not do it; nothing was sent")
        await super()._process_info(info, initial_connection)

    @property
    def _wants_tls(self) -> bool:
        return bool(self.options.get("tls")) or any(
            server.uri.scheme in {"tls", "wss"} for server in self._server_pool
        )

    async def _process_pong(self) -> None:
        # nats-py fails, and goes deaf, when the flush that waits for this one was given up.
        if self._pongs and self._pongs[0].done():
            self._pongs.pop(0)
        else:
            await super()._process_pong()

    async def _process_msg(self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes) -> None:
        handler = self._taps.get(sid)
        if handler is None:
            await super()._process_msg(sid, subject, reply, data, headers)
            return
        try:
            handler(subject, reply, data, headers)
        except Exception:
            log.exception("Unexpected failure in handling a message on %r.", subject)
