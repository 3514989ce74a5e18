"""What a run that was killed left behind, found for certain and ended in order."""

import asyncio
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec

from deploy.local import postgres, processes
from deploy.local.errors import LocalError
from deploy.local.house import MARK
from deploy.local.launch import mark, read_record
from deploy.local.supervision import shut_down
from deploy.local.waiting import until

SUPERVISOR = "supervisord"
SERVER_NAMES = ("postgres", "nats")
# Longer than all stages take to stop one after the other when each uses its whole time.
SHUTDOWN_SECONDS = 110


@contextmanager
def running_alone(directory: Path) -> Iterator[None]:
    """Hold the run's lock, which the system lets go of however we end.

    Raises:
        LocalError: another run of the same folder is alive.
    """
    path = directory / "run" / "lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b")
    except OSError as error:
        raise LocalError(
            f"{path} cannot be written ({error.strerror}): set TT_LOCAL_DIR to a folder of yours."
        ) from error
    with file:
        if not _locked(file):
            raise LocalError(
                "Task Tracker already runs from this folder: see 'make status', or stop it with 'make stop'."
            )
        file.truncate(0)
        file.write(msgspec.json.encode(processes.process_of(os.getpid())))
        file.flush()
        yield


def _locked(file: BinaryIO) -> bool:
    # More than once, as 'make status' holds the lock for a moment while it looks.
    for attempt in range(10):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02 * attempt)
        else:
            return True
    return False


def runner_of(directory: Path) -> processes.Process | None:
    """The process that runs this folder's system now; None when none does."""
    path = directory / "run" / "lock"
    try:
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return msgspec.json.decode(file.read(), type=processes.Process)
    except (OSError, msgspec.MsgspecError):
        return None
    return None


def write_order(directory: Path, names: list[str]) -> None:
    """Note the programs of a run, in the order in which they start, for whoever cleans up after it."""
    (directory / "run" / "order.json").write_bytes(msgspec.json.encode(names))


def read_order(directory: Path) -> list[str]:
    """The programs of the last run, in the order in which they start; empty when there was none."""
    try:
        return msgspec.json.decode((directory / "run" / "order.json").read_bytes(), type=list[str])
    except (OSError, msgspec.MsgspecError):
        return []


def remaining(directory: Path) -> dict[str, list[processes.Process]]:
    """Which processes of this folder's system are alive, by program."""
    found = {
        name: alive for name in [SUPERVISOR, *read_order(directory)] if (alive := _alive(directory, name))
    }
    # Postgres overwrites its environment; its working directory tells whose it is.
    servers = processes.working_in((directory / "postgres").resolve() / "data", "postgres")
    return {**found, "postgres": servers} if servers else found


def _alive(directory: Path, name: str) -> list[processes.Process]:
    state = directory / "run"
    alive = processes.with_variable(MARK, mark(state, name))
    recorded = read_record(state, name)
    if recorded and processes.is_alive(recorded) and recorded.pid not in {one.pid for one in alive}:
        alive.append(recorded)
    return alive


async def end_remaining(directory: Path) -> list[str]:
    """Stop what an earlier run left: by its supervisor in order, and then whatever is still there.

    Returns the names of the programs that were still alive.
    """
    found = remaining(directory)
    if not found:
        return []
    if SUPERVISOR in found and await shut_down(directory / "run"):
        await _supervisor_gone(directory)
    # Without a supervisor: the latest stage first, each given time to finish what it does.
    for name in [SUPERVISOR, *reversed(read_order(directory))]:
        if name == "postgres":
            await asyncio.to_thread(postgres.end_leftovers, directory / "postgres")
        elif alive := _alive(directory, name):
            await asyncio.to_thread(_end_family, read_record(directory / "run", name), alive)
    return list(found)


def _end_family(leader: processes.Process | None, family: list[processes.Process]) -> None:
    # A parent asked to stop asks its children; asked twice they would drop their work.
    if leader is not None:
        processes.end([leader], signal.SIGTERM, seconds=15)
    processes.end(family, signal.SIGTERM, seconds=15)


async def _supervisor_gone(directory: Path) -> None:
    record = read_record(directory / "run", SUPERVISOR)

    async def gone() -> bool:
        return record is None or not processes.is_alive(record)

    await until(gone, seconds=SHUTDOWN_SECONDS)


def kill_services(directory: Path) -> None:
    """Kill all but the servers at once (the supervisor, which is stopping, sees it and goes on).

    The servers stop fast, and killing them would only cost the next start a recovery.
    """
    for name in read_order(directory):
        if name not in SERVER_NAMES:
            alive = processes.with_variable(MARK, mark(directory / "run", name))
            processes.end(alive, signal.SIGKILL, seconds=2)
