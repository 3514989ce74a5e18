"""Things of which each event loop has its own: clients, semaphores, what was resolved.

A loop's things go with it, and a forked child, whose loops are new, starts with none.
"""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")


class LoopLocal(Generic[T]):
    """One thing a loop, made when it is first asked for.

    Args:
        make: Makes the thing, on the running loop.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._things: WeakKeyDictionary[asyncio.AbstractEventLoop, T] = WeakKeyDictionary()

    def get(self) -> T:
        """The running loop's."""
        loop = asyncio.get_running_loop()
        found = self._things.get(loop)
        if found is None:
            found = self._things[loop] = self._make()
        return found

    def take(self) -> T | None:
        """The running loop's, if it has one, which it then no longer has."""
        return self._things.pop(asyncio.get_running_loop(), None)
