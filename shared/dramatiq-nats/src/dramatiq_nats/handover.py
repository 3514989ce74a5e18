"""Work that threads hand to the event loop: in order, and many hand-overs share one wake-up."""

import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from dramatiq_nats.loop import event_loop

log = logging.getLogger(__name__)


class HandOver:
    """What was handed over and not yet done.

    Args:
      then: Called on the loop after each time that all of it was done.
    """

    def __init__(self, then: Callable[[], None]) -> None:
        self._waiting: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
        self._woken = False
        self._then = then

    def post(self, work: Callable[..., None], *args: Any) -> None:
        """Have `work` called on the loop soon. Called from any thread; never blocks."""
        self._waiting.append((work, args))
        if not self._woken:
            self._woken = True
            event_loop().call_soon_threadsafe(self.work_off)

    def work_off(self) -> None:
        """Do all of it. Called on the loop."""
        self._woken = False
        waiting = self._waiting
        while waiting:
            work, args = waiting.popleft()
            try:
                work(*args)
            except Exception:
                log.exception("Unexpected failure on the loop in %r.", work)
        self._then()
