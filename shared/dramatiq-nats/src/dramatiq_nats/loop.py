"""The one event loop of a process, in a daemon thread, on which every connection lives."""

import asyncio
import atexit
import os
import threading
from collections.abc import Callable
from typing import Any

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_thread: threading.Thread | None = None
_forget: list[Callable[[], None]] = []
#: What a fork inherited and must never be collected: its destructors would close someone else's descriptors.
_inherited: list[Any] = []


def event_loop() -> asyncio.AbstractEventLoop:
    """Return the process's loop, started on first use; uvloop where it is installed."""
    global _loop, _thread  # noqa: PLW0603 - one loop a process is the point of this module
    if _loop is not None:
        return _loop
    with _lock:
        if _loop is None:
            loop = _new_loop()
            started = threading.Event()
            loop.call_soon(started.set)
            _thread = threading.Thread(target=_run, args=(loop,), name="dramatiq-nats", daemon=True)
            _thread.start()
            started.wait()
            _loop = loop
        return _loop


def on_fork(forget: Callable[[], None]) -> None:
    """Call `forget` in the child of every fork, where the loop's thread does not exist."""
    _forget.append(forget)


def keep_for_ever(thing: Any) -> None:
    """Keep what a fork inherited from being collected in the child."""
    _inherited.append(thing)


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        # A broker that was not closed: its tasks end here, rather than complain when they are collected.
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.wait(tasks, timeout=1))
    finally:
        loop.close()


def _after_fork() -> None:
    global _loop, _thread, _lock
    keep_for_ever((_loop, _thread))
    _loop, _thread, _lock = None, None, threading.Lock()
    for forget in _forget:
        forget()


def _stop() -> None:
    """Stop the loop before the interpreter takes its thread away in the middle of something."""
    if _loop is not None and _thread is not None and _thread.is_alive():
        _loop.call_soon_threadsafe(_loop.stop)
        _thread.join(timeout=2)


atexit.register(_stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
