"""Named values in ``<ns>_LIM`` that processes share, changed by compare-and-set.

Rate limits, barriers and unique jobs are such cells. The server compares by
``Nats-Expected-Last-Subject-Sequence``; it knows a change again by its ``Nats-Msg-Id`` when the answer was
lost.
"""

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.errors import APIError, NoStreamResponseError, NotFoundError

from dramatiq_nats.connection import Connection
from dramatiq_nats.naming import limit_stream, limit_subject
from dramatiq_nats.wire import EXPECTED, MSG_ID, NOT_AS_EXPECTED, TTL

_STREAM_NOT_FOUND = 10059
_ASK_TIMEOUT = 2.0
_LONGEST_PAUSE = 0.05


class Cell(NamedTuple):
    """What a cell is to hold.

    Attributes:
      data: The value.
      seconds: How long it is kept; for ever when None.
    """

    data: bytes
    seconds: int | None = None


#: Given a cell's value, None for none, returns what it is to hold; None to leave it as it is.
CellChange = Callable[[bytes | None], Cell | None]


class Cells:
    """The cells of a namespace. Awaited on the loop; they try for as long as the server does not answer.

    Args:
      connection: Where they are.
      namespace: The broker's namespace.
      make_streams: Makes the streams when they are missing.
    """

    def __init__(
        self, connection: Connection, namespace: str, make_streams: Callable[[], Awaitable[None]]
    ) -> None:
        self._connection = connection
        self._namespace = namespace
        self._make_streams = make_streams

    async def change(self, key: str, change: CellChange) -> bool:
        """Apply a change, again whenever somebody else was quicker; tell whether it was made."""
        pause = 0.001
        while True:
            sequence, data = await self._read(key)
            changed = change(data)
            if changed is None:
                return False
            if await self._write(key, changed, sequence):
                return True
            # Not all who were too late should try again at the same moment.
            await asyncio.sleep(random.uniform(0, pause))  # noqa: S311 - no secret
            pause = min(_LONGEST_PAUSE, pause * 2)

    async def read(self, key: str) -> bytes | None:
        """Return a cell's value, None for none."""
        return (await self._read(key))[1]

    async def _read(self, key: str) -> tuple[int, bytes | None]:
        """Return a cell's sequence, 0 for none, and value."""
        subject = limit_subject(self._namespace, key)
        while True:
            try:
                # From the leader: a replica may not know yet what was changed a moment ago.
                raw = await self._connection.js.get_msg(limit_stream(self._namespace), subject=subject)
            except NotFoundError as error:
                if error.err_code != _STREAM_NOT_FOUND:
                    return 0, None
                await self._make_streams()
            except (NatsTimeoutError, NoRespondersError):
                await asyncio.sleep(_LONGEST_PAUSE)
            else:
                return raw.seq or 0, raw.data

    async def _write(self, key: str, cell: Cell, sequence: int) -> bool:
        """Store a cell if it still has this sequence; tell whether it had."""
        headers = {EXPECTED: str(sequence), MSG_ID: uuid.uuid4().hex}
        if cell.seconds is not None:
            headers[TTL] = f"{max(1, cell.seconds)}s"
        subject = limit_subject(self._namespace, key)
        while True:
            try:
                await self._connection.js.publish(subject, cell.data, headers=headers, timeout=_ASK_TIMEOUT)
            except APIError as error:
                if error.err_code in NOT_AS_EXPECTED:
                    return False
                raise
            except NatsTimeoutError:
                continue
            except (NoStreamResponseError, NoRespondersError):
                await self._make_streams()
            else:
                return True
