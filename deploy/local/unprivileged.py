"""Where and as whom Postgres runs when we are root, since it refuses to run as root.

The account is an existing one; none is added to the system. It must be able to reach the data and to execute
the binaries; a checkout under a home of mode 0700 forbids both. Then both live under `/var/lib/task-tracker`,
and a symbolic link stands where the data would have been.
"""

import hashlib
import os
import pwd
import shutil
import stat
from pathlib import Path

from deploy.local.command import Account
from deploy.local.errors import LocalError

RELOCATED = Path("/var/lib/task-tracker")


def server_account() -> Account | None:
    """Whom a server that refuses root runs as: None when we are not root ourselves.

    Raises:
        LocalError: we are root and there is neither an account `postgres` nor `nobody`.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, entry.pw_dir)
    raise LocalError(
        "Postgres refuses to run as root, and this system has neither an account 'postgres' nor 'nobody': "
        "run as an ordinary user, or add one of the two."
    )


def can_enter(directory: Path, account: Account) -> bool:
    """Whether the account may pass through this directory (and all above it)."""
    return all(_may_pass(step.stat(), account) for step in (directory, *directory.parents))


def _may_pass(status: os.stat_result, account: Account) -> bool:
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def reachable_place(directory: Path, account: Account | None) -> Path:
    """The real place for a server's data that are to stand at `directory`, reachable by the account.

    Returns `directory` itself where that is possible, else a place under `RELOCATED` that `directory` is made
    a symbolic link to. What was once chosen stays.

    Raises:
        LocalError: the place under `RELOCATED` cannot be made.
    """
    if directory.is_symlink():
        target = directory.readlink()
        if target.parent == RELOCATED:
            _make_relocated(target)
        return target
    directory.parent.mkdir(parents=True, exist_ok=True)
    parent = directory.parent.resolve()
    if account is None or directory.exists() or can_enter(parent, account):
        return parent / directory.name
    digest = hashlib.sha256(str(parent / directory.name).encode()).hexdigest()[:16]
    place = RELOCATED / f"data-{digest}"
    # The link first: a place without its link is what sweep_relocated removes.
    directory.symlink_to(place)
    _make_relocated(place)
    (place / "origin").write_text(str(parent / directory.name))
    return place


def _make_relocated(place: Path) -> None:
    try:
        place.mkdir(mode=0o755, parents=True, exist_ok=True)
        RELOCATED.chmod(0o755)
        place.chmod(0o755)
    except OSError as error:
        raise LocalError(
            f"Postgres runs as an unprivileged account, which cannot reach this folder, and {place} cannot "
            f"be made instead ({error.strerror}): "
            "put the checkout (or TT_LOCAL_DIR) where every user may enter."
        ) from error


def executable_copy(tree: Path, version: str, folders: tuple[str, ...], account: Account | None) -> Path:
    """A place from which the account can execute `folders` of `tree`: the tree itself, or a copy of them.

    Raises:
        LocalError: the copy cannot be made.
    """
    if account is None or can_enter(tree.resolve(), account):
        return tree
    copy = RELOCATED / f"programs-{version}"
    if copy.exists():
        return copy
    unfinished = RELOCATED / f"programs-{version}.{os.getpid()}"
    try:
        for folder in folders:
            shutil.copytree(tree / folder, unfinished / folder, symlinks=True)
        RELOCATED.chmod(0o755)
        unfinished.rename(copy)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        if copy.exists():  # another run was faster
            return copy
        raise LocalError(
            f"The account '{account.name}' cannot execute {tree}, and copying it to {copy} failed "
            f"({error.strerror}): put the checkout where every user may enter, or run as an ordinary user."
        ) from error
    return copy


def remove_data(directory: Path) -> None:
    """Remove a server's data, wherever `reachable_place` put them."""
    if directory.is_symlink():
        target = directory.readlink()
        if target.parent == RELOCATED:
            shutil.rmtree(target, ignore_errors=True)
        directory.unlink()
    elif directory.exists():
        shutil.rmtree(directory)


def remove_programs() -> None:
    """Remove the copied binaries when no relocated data are left that need them."""
    sweep_relocated()
    if not any(RELOCATED.glob("data-*")):
        shutil.rmtree(RELOCATED, ignore_errors=True)


def sweep_relocated() -> None:
    """Remove relocated data whose symbolic link is gone, so that deleted checkouts leave nothing behind."""
    for place in RELOCATED.glob("data-*"):
        origin = place / "origin"
        if not origin.is_file():
            continue
        link = Path(origin.read_text())
        if not (link.is_symlink() and link.readlink() == place):
            shutil.rmtree(place, ignore_errors=True)
