"""The end of a worker process: what is nearly done ends by itself, what lasts is handed to another."""

import threading
from typing import Any, Final

from dramatiq.middleware import Middleware, Shutdown, raise_thread_exception
from loguru import logger

PATIENCE: Final = 3.0
"""Seconds: far longer than most tasks take, far shorter than a container is given to end."""


class Draining(Middleware):
    """Interrupts the tasks that still run some seconds after their process was told to end.

    Dramatiq's own `ShutdownNotifications` interrupts at once. Tasks that take milliseconds would be cut off
    by the dozen, a moment before their end; and where one shared a transaction that went on, its work was
    done, and would be done and told of once more when the task is tried again.

    Args:
        patience: Seconds that tasks have to end by themselves.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._running: set[int] = set()
        self._over = threading.Event()

    def before_process_message(self, broker: Any, message: Any) -> None:
        """Note that this thread runs a task."""
        del broker, message
        self._running.add(threading.get_ident())

    def after_process_message(
        self, broker: Any, message: Any, *, result: Any = None, exception: BaseException | None = None
    ) -> None:
        """Note that it runs none any more."""
        del broker, message, result, exception
        self._running.discard(threading.get_ident())

    after_skip_message = after_process_message

    def before_worker_shutdown(self, broker: Any, worker: Any) -> None:
        """Begin to wait. Dramatiq meanwhile waits for its threads, which begin nothing new."""
        del broker, worker
        threading.Thread(target=self._interrupt_in_time, name="draining", daemon=True).start()

    def after_worker_shutdown(self, broker: Any, worker: Any) -> None:
        """Stop waiting: all has ended."""
        del broker, worker
        self._over.set()

    def _interrupt_in_time(self) -> None:
        if self._over.wait(self._patience):
            return
        lasting = tuple(self._running)
        if lasting:
            logger.info("{} tasks that last are handed to another process", len(lasting))
        for thread in lasting:
            # One that has ended in the meantime is busy with its acknowledgement.
            if thread in self._running:
                raise_thread_exception(thread, Shutdown)
