"""A TCP proxy on this machine whose line can be cut, without a word to either end."""

import contextlib
import socket
import threading
import time


class Proxy:
    """Passes on what clients and one server say.

    Args:
      target: The server's port.
      lost: Whether what is said during a cut is lost for good, as when an end gives up before the line is
        whole again; otherwise it arrives then.

    Attributes:
      cut: While true nothing passes and no connection is made, but none is closed either.
    """

    def __init__(self, target: int, *, lost: bool = False) -> None:
        self.cut = False
        self._lost = lost
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []

    def url(self, url: str) -> str:
        """Return a server's URL by way of the proxy."""
        return url.replace(str(self._target), str(self._listener.getsockname()[1]))

    def start(self) -> None:
        """Begin to accept."""
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Close everything."""
        for each in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
                self._wait_while_cut()
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                if self._listener.fileno() < 0:
                    return
                continue
            self._sockets += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                if self.cut and self._lost:
                    _swallow(one)
                self._wait_while_cut()
                other.sendall(data)
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)

    def _wait_while_cut(self) -> None:
        while self.cut:
            time.sleep(0.05)


def _swallow(one: socket.socket) -> None:
    """Read and drop until the end, and never say that it ended."""
    while one.recv(65536):
        pass
    raise OSError
