"""What a process closes as it ends, said by those who opened it.

A service that calls no language model does not load what calls them, so the frame cannot name it.
"""

from collections.abc import Awaitable, Callable

_closers: list[Callable[[], Awaitable[None]]] = []


def close_at_end(close: Callable[[], Awaitable[None]]) -> None:
    """Have `close` called on the event loop, as the process ends; once, however often it is asked for."""
    if close not in _closers:
        _closers.append(close)


async def close_what_was_opened() -> None:
    """Close all of it, the latest first."""
    for close in reversed(_closers):
        await close()
