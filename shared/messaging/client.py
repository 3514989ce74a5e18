"""nats-py's client, which stays able to hear."""

from nats.aio.client import Client
from nats.errors import UnexpectedEOF


class EnduringClient(Client):
    """A client whose reading does not end while it says that it is connected.

    In nats-py 2.15 the answer to a ping that was given up, as a flush past its time, ends the reading with an
    error that is only logged: the client then hears nothing any more, and does not reconnect.

    It also reads its NKEY again each time that it connects. nats-py reads the public half once, so that a
    client whose key was replaced would be refused for ever.
    """

    async def _process_pong(self) -> None:
        if self._pongs and self._pongs[0].done():
            self._pongs.pop(0)
            self._pings_outstanding = 0
        else:
            await super()._process_pong()

    def _connect_command(self) -> bytes:
        if self._nkeys_seed is not None:
            self._setup_nkeys_seed_connect()
        return super()._connect_command()

    async def _read_loop(self) -> None:
        await super()._read_loop()
        # Whatever else ended it: a closed connection and one that is being made anew are not connected.
        if self.is_connected:
            await self._process_op_err(UnexpectedEOF())
