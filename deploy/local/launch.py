"""Starts one program for the supervisor: `python -m deploy.local.launch STATE_FOLDER NAME`.

Before it becomes the program it ends what an earlier life of the program left behind (a killed parent's
children would hold its port), and records who it is, so that `make stop` finds it even when the supervisor is
gone.
"""

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from deploy.local import processes
from deploy.local.command import Command
from deploy.local.house import MARK


def mark(state: Path, name: str) -> str:
    """What the environment variable `MARK` holds in a program of this run."""
    return f"{state}:{name}"


def write_command(state: Path, name: str, command: Command) -> None:
    """Leave the command where `launch` finds it. It holds passwords: mode 0600."""
    path = state / f"{name}.command.json"
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.encode(command))


def launched_command(state: Path, name: str) -> list[str]:
    """The command line that starts the program by this module."""
    return [sys.executable, "-m", "deploy.local.launch", str(state), name]


def launch_environment(environment: Mapping[str, str], root: Path) -> dict[str, str]:
    """The environment in which `launch` itself runs: it must find this package, and needs no setting."""
    ours = {name: value for name, value in environment.items() if not name.startswith("TT_")}
    return {**ours, "PYTHONPATH": str(root)}


def read_record(state: Path, name: str) -> processes.Process | None:
    """Who the program was when it last started; None when it never did or the record is damaged."""
    try:
        return msgspec.json.decode((state / f"{name}.process.json").read_bytes(), type=processes.Process)
    except (OSError, msgspec.MsgspecError):
        return None


def launch(state: Path, name: str) -> None:
    """Become the program. Does not return."""
    command = msgspec.json.decode((state / f"{name}.command.json").read_bytes(), type=Command)
    marked = mark(state, name)
    leftovers = [process for process in processes.with_variable(MARK, marked) if process.pid != os.getpid()]
    processes.end(leftovers, signal.SIGKILL, seconds=5)
    ourselves = processes.process_of(os.getpid())
    (state / f"{name}.process.json").write_bytes(msgspec.json.encode(ourselves))
    if command.cwd is not None:
        os.chdir(command.cwd)
    if command.account is not None:
        os.setgroups([])
        os.setgid(command.account.gid)
        os.setuid(command.account.uid)
    os.execve(command.argv[0], command.argv, {**command.env, MARK: marked})  # noqa: S606


def main() -> None:
    """Entry point; a program that cannot be started is named in its own log."""
    state, name = Path(sys.argv[1]), sys.argv[2]
    try:
        launch(state, name)
    except (OSError, msgspec.MsgspecError) as error:
        sys.exit(f"{name} cannot be started: {error}")


if __name__ == "__main__":
    main()
