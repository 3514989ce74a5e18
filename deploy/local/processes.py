"""Processes of this machine, told apart for certain: a process is its id and the moment it started."""

import signal
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec
import psutil  # type: ignore[import-untyped]  # its stubs are no dependency of ours; this module is its only user


class Process(msgspec.Struct, frozen=True):
    """A process: an id alone may belong to a stranger tomorrow."""

    pid: int
    started: float  # seconds since the epoch, as the system reports it


def process_of(pid: int) -> Process | None:
    """The process that has this id now; None when there is none, or only an unreaped one."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return Process(pid=pid, started=process.create_time())
    except psutil.Error:
        return None


def is_alive(process: Process) -> bool:
    """Whether this very process still runs."""
    now = process_of(process.pid)
    # create_time is derived from the clock: it may differ by a tick between readings.
    return now is not None and abs(now.started - process.started) < 1


def descendants(process: Process) -> list[Process]:
    """The process's children, their children and so on; empty when it is gone."""
    if not is_alive(process):
        return []
    try:
        children = psutil.Process(process.pid).children(recursive=True)
    except psutil.Error:
        return []
    return [found for child in children if (found := process_of(child.pid)) is not None]


def working_in(directory: Path, name: str) -> list[Process]:
    """Processes whose program has this name and whose working directory is this very one."""
    found = []
    for process in psutil.process_iter(["name"]):
        with suppress(psutil.Error):
            if process.info["name"] == name and process.cwd() == str(directory):
                found.append(Process(pid=process.pid, started=process.create_time()))
    return found


def with_variable(name: str, value: str) -> list[Process]:
    """Processes that were started with this environment variable set to this value.

    Those of other users are left out, and those that overwrite their environment, as Postgres does.
    """
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(name) == value and process.status() != psutil.STATUS_ZOMBIE:
                found.append(Process(pid=process.pid, started=process.create_time()))
    return found


def end(processes: Iterable[Process], stop_signal: signal.Signals, *, seconds: float) -> list[Process]:
    """Signal these processes, kill those that remain after `seconds`, and wait until none is left.

    Only the very processes given are touched. Returns those that were alive.
    """
    alive = [process for process in processes if is_alive(process)]
    handles = []
    for process in alive:
        with suppress(psutil.Error):
            handles.append(psutil.Process(process.pid))
    for handle in handles:
        with suppress(psutil.Error):
            handle.send_signal(stop_signal)
    _, stubborn = psutil.wait_procs(handles, timeout=seconds)
    for handle in stubborn:
        with suppress(psutil.Error):
            handle.kill()
    psutil.wait_procs(stubborn, timeout=5)
    return alive


def listener(port: int) -> str | None:
    """Who listens on this TCP port, as "name (pid n)"; None when nobody does or it cannot be known."""
    with suppress(psutil.Error):
        for connection in psutil.net_connections(kind="tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return None
