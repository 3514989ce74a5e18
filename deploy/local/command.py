"""A program that can be started: by the supervisor, or directly by a test."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.errors import LocalError


@dataclass(frozen=True)
class Account:
    """A Unix account that a server runs under."""

    name: str
    uid: int
    gid: int
    home: str


@dataclass(frozen=True)
class Command:
    """How to start a program: absolute argv, its whole environment, whom to run it as (None: as we are)."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None
    cwd: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM


def spawn(command: Command, log: Path) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, with what it prints appended to `log`.

    The caller ends it, e.g. with `stop`. Raises OSError when the program cannot be executed.
    """
    account = command.account
    with log.open("ab") as output:
        return subprocess.Popen(
            command.argv,
            env=dict(command.env),
            cwd=command.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )


def stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals, *, seconds: float = 10) -> int:
    """Ask a program to end, insist after `seconds`, and return its exit code."""
    if process.poll() is None:
        process.send_signal(stop_signal)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def wait_until(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, *, name: str, seconds: float = 30
) -> None:
    """Wait until `ready()` holds while the program lives.

    Raises:
        LocalError: it ended, or was not ready in time; with the last lines of its log.
    """
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise LocalError(f"{name} ended with code {process.returncode}:\n{last_lines(log)}")
        if time.monotonic() > deadline:
            raise LocalError(f"{name} was not ready after {seconds:.0f} s:\n{last_lines(log)}")
        time.sleep(0.02)


def last_lines(log: Path, count: int = 15) -> str:
    """The last lines of a log file; empty when there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 32_768))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-count:])
