"""The watchdog of a worker process: ends it when its event loop hangs or its parent is gone.

A hung loop holds its messages for ever, as heartbeats to the broker go on; so it is better dead, with the
stacks of all threads in the log to say where it hung.
"""

import asyncio
import faulthandler
import os
import signal
import sys
import threading
import time
from pathlib import Path

from loguru import logger

from shared.service.heartbeats import BEAT_EVERY, beat, forget

HANGS_AFTER = 60.0
_HUNG_EXIT_CODE = 70


class Watchdog(threading.Thread):
    """Beats from within a loop, and watches from outside that it does."""

    def __init__(self, loop: asyncio.AbstractEventLoop, folder: Path) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._loop = loop
        self._folder = folder
        self._parent = os.getppid()
        self._ended = threading.Event()
        self._last_beat = time.monotonic()

    def run(self) -> None:
        """Watch until `stop`."""
        while not self._ended.wait(BEAT_EVERY):
            if os.getppid() != self._parent:
                logger.warning("the parent process is gone; stopping")
                os.kill(os.getpid(), signal.SIGTERM)
                return
            try:
                self._loop.call_soon_threadsafe(self._beat)
            except RuntimeError:
                return
            if time.monotonic() - self._last_beat > HANGS_AFTER:
                logger.critical("the event loop has hung for {:.0f} s; ending this process", HANGS_AFTER)
                faulthandler.dump_traceback(file=sys.__stderr__ or 2, all_threads=True)
                os._exit(_HUNG_EXIT_CODE)

    def stop(self) -> None:
        """End in good order."""
        self._ended.set()
        forget(self._folder)

    def _beat(self) -> None:
        self._last_beat = time.monotonic()
        if not self._ended.is_set():
            beat(self._folder)
