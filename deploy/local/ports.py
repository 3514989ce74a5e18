"""Ports on 127.0.0.1."""

import random
import socket

# Below Linux's range for outgoing connections (32768 up): no client takes a port between choice and use.
_FIRST, _LAST = 20_000, 32_000

_given: set[int] = set()


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        # Servers set this too: connections of a stopped one that still linger are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on; another one each time, as the last may be about to be used.

    Raises:
        OSError: no free port among 1,000 tried.
    """
    if len(_given) > (_LAST - _FIRST) // 2:
        _given.clear()
    for _ in range(1_000):
        port = random.randint(_FIRST, _LAST)  # noqa: S311 - a port is no secret
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    raise OSError(f"no free port found between {_FIRST} and {_LAST} on 127.0.0.1")
