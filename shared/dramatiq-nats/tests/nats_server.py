"""A real nats-server for tests, and waiting for what must come true."""

import signal
import socket
import subprocess
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path

SERVER = Path(sysconfig.get_path("scripts")) / "nats-server"

CONFIG = """
host: 127.0.0.1
port: {port}
server_name: test
{security}
jetstream {{ store_dir: "{store}", sync_interval: always, {limits} }}
"""


def _password(password: str) -> str:
    return f"authorization {{ user: test, password: {password} }}"


class Server:
    """One nats-server on a free port, that can be killed and started again with its data.

    It asks for a password, or for what `security`, a piece of its configuration, says.
    """

    def __init__(self, directory: Path, limits: str = "", security: str = "", template: str = CONFIG) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"nats://test:secret@127.0.0.1:{self.port}"
        self._directory = directory
        self._config = directory / "nats.conf"
        self._limits, self._template = limits, template
        self._configure(security or _password("secret"))
        self._process: subprocess.Popen[bytes] | None = None

    def _configure(self, security: str) -> None:
        store = self._directory / "js"
        self._config.write_text(
            self._template.format(port=self.port, store=store, security=security, limits=self._limits)
        )

    def set_password(self, password: str) -> None:
        """Let in only who knows this password, from now on; others are thrown out."""
        assert self._process is not None
        self._configure(_password(password))
        self._process.send_signal(signal.SIGHUP)

    def start(self) -> None:
        with (self._directory / "nats.log").open("ab") as log:
            self._process = subprocess.Popen([str(SERVER), "-c", str(self._config)], stdout=log, stderr=log)
        eventually(self._answers, 20)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 0.2) as sock:
                return sock.recv(4) == b"INFO"
        except OSError:
            return False

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(10)


def eventually(condition: Callable[[], object], seconds: float = 10) -> None:
    """Wait until a condition holds; fail when it does not within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{condition} did not come true in {seconds} s"
        time.sleep(0.01)
