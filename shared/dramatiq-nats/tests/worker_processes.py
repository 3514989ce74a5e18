"""Worker processes of Dramatiq's command line, for tests."""

import os
import signal
import subprocess
import sysconfig
from pathlib import Path

DRAMATIQ = Path(sysconfig.get_path("scripts")) / "dramatiq"


class Workers:
    """Starts ``dramatiq worker_app`` against a server and namespace, and reads what its actors say."""

    def __init__(self, url: str, namespace: str, directory: Path) -> None:
        self._log = directory / "log"
        self._log.touch()
        self._output = directory / "output"
        self._environment = {
            **os.environ,
            "NATS_URL": url,
            "NATS_NAMESPACE": namespace,
            "LOG": str(self._log),
            "PYTHONPATH": str(Path(__file__).parent),
        }
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, *, threads: int = 2, **environment: str) -> "subprocess.Popen[bytes]":
        """Start one process group: Dramatiq's main process and one worker process."""
        with self._output.open("ab") as output:
            process = subprocess.Popen(
                [
                    str(DRAMATIQ),
                    "worker_app",
                    "-p",
                    "1",
                    "-t",
                    str(threads),
                    "--worker-shutdown-timeout",
                    "5000",
                ],
                env=self._environment | environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._running.append(process)
        return process

    def said(self) -> list[str]:
        """Return the lines that actors have said so far, in all processes."""
        return self._log.read_text(encoding="utf-8").splitlines()

    def output(self) -> str:
        """Return what the processes logged."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    @staticmethod
    def signal(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
        """Send a signal to a process group."""
        os.killpg(process.pid, number)

    @staticmethod
    def kill(process: "subprocess.Popen[bytes]") -> None:
        """Kill a process group as `kill -9` does."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """Kill whatever still runs."""
        for process in self._running:
            if process.poll() is None:
                self.kill(process)
