"""Messages that kill their workers: told from those that were delivered often for other reasons.

The server counts deliveries, and a message is delivered, too, when a worker that had only prefetched it stops
or is killed. So of every delivery but the first, which nearly always ends well and is to cost nothing, the
beginning of the actor is noted in a cell of ``<ns>_LIM``.
"""

import json
import logging
from typing import Final

from dramatiq.errors import BrokerError
from nats.errors import Error as NatsError

from dramatiq_nats.cells import Cell, CellChange, Cells
from dramatiq_nats.connection import Connection
from dramatiq_nats.ledger import Delivery

log = logging.getLogger(__name__)

_KEPT: Final = 24 * 3600
_PATIENCE = 5.0


class Poison:
    """How often redelivered messages began to run and did not end.

    Args:
      connection: Where the notes are.
      cells: The namespace's cells.
      max_deliveries: How often a message may begin without an end.
    """

    def __init__(self, connection: Connection, cells: Cells, max_deliveries: int) -> None:
        self._connection = connection
        self._cells = cells
        self._max_deliveries = max_deliveries

    def note_beginning(self, delivery: Delivery) -> None:
        """Note that a delivery begins to run. Waits up to 5 seconds, and lets it run all the same."""
        if delivery.place.attempt == 1:
            return
        try:
            self._connection.call(lambda: self._cells.change(_cell(delivery), _counting(1)), _PATIENCE)
        except (BrokerError, NatsError) as error:
            log.warning("That message %d begins again could not be noted: %r", delivery.place.sequence, error)

    def take_back(self, delivery: Delivery) -> None:
        """Take a note back: the actor has ended, its message comes again for another reason. Never waits."""
        if delivery.place.attempt > 1:
            self._connection.post(lambda: self._connection.spawn(self._take_back(delivery)))

    def is_poison(self, delivery: Delivery) -> bool:
        """Return whether a message began as often as it may; the beginning of the first delivery counts.

        Raises:
          dramatiq.errors.BrokerConnectionError: When the notes could not be read.
        """
        if delivery.place.attempt <= self._max_deliveries:
            return False
        data = self._connection.call(lambda: self._cells.read(_cell(delivery)), _PATIENCE)
        return _count(data) + 1 >= self._max_deliveries

    async def _take_back(self, delivery: Delivery) -> None:
        await self._cells.change(_cell(delivery), _counting(-1))


def _cell(delivery: Delivery) -> str:
    return f"begun/{delivery.place.sequence}-{delivery.place.stored}"


def _count(data: bytes | None) -> int:
    return int(json.loads(data)) if data else 0


def _counting(amount: int) -> CellChange:
    return lambda data: Cell(json.dumps(max(0, _count(data) + amount)).encode(), _KEPT)
