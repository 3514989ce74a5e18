"""Where the server is and what key it takes: from the environment, or as `tasktracker login` stored it."""

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import msgspec

from tasktracker.errors import TaskTrackerError

_OTHERS = 0o077


class NotLoggedIn(TaskTrackerError):  # noqa: N818 - what is the matter reads best without a suffix
    """Nobody said which server, or which key; the message says how to."""


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """A server and a key of it.

    Attributes:
        url: The server's address.
        key: An API key of it. Not shown by `repr()`.
    """

    url: str
    key: str

    def __repr__(self) -> str:
        return f"Config(url={self.url!r})"


def config_path(environment: Mapping[str, str]) -> Path:
    """The file of `tasktracker login`: TASKTRACKER_CONFIG, or one in the user's folder for settings."""
    given = environment.get("TASKTRACKER_CONFIG")
    if given:
        return Path(given).expanduser()
    if sys.platform == "win32":
        base = environment.get("APPDATA") or str(Path.home() / "AppData" / "Roaming")
    else:
        base = environment.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base).expanduser() / "tasktracker" / "config.json"


def read_config(environment: Mapping[str, str]) -> Config:
    """The server and the key: from TASKTRACKER_URL and TASKTRACKER_KEY; what they leave out, from the file.

    A key of the file is only sent to the server that it was stored for.

    Raises:
        NotLoggedIn: When one of the two is nowhere to be found, or the file cannot be used.
    """
    url, key = environment.get("TASKTRACKER_URL"), environment.get("TASKTRACKER_KEY")
    if url and key:
        return Config(url=url, key=key)
    path = config_path(environment)
    stored = stored_config(path)
    if stored is None:
        missing = (
            "TASKTRACKER_KEY" if url else "TASKTRACKER_URL" if key else "TASKTRACKER_URL and TASKTRACKER_KEY"
        )
        raise NotLoggedIn(f"Which server, and which key? Run `tasktracker login`, or set {missing}.")
    if url and url.rstrip("/") != stored.url.rstrip("/"):
        raise NotLoggedIn(
            f"TASKTRACKER_URL is {url}, but the stored key is of {stored.url}. Set TASKTRACKER_KEY, too, "
            "or run `tasktracker login` for that server."
        )
    return Config(url=stored.url, key=key or stored.key)


def stored_config(path: Path) -> Config | None:
    """What the file holds; None when there is no file.

    Raises:
        NotLoggedIn: When it cannot be read, or others may read it.
    """
    try:
        if os.name == "posix" and path.stat().st_mode & _OTHERS:
            raise NotLoggedIn(
                f"{path} may be read by others: `chmod 600 {path}`, and make a new key if they did."
            )
        return msgspec.json.decode(path.read_bytes(), type=Config)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotLoggedIn(f"{path} cannot be used ({error}): run `tasktracker login` again.") from error


def store_config(path: Path, config: Config) -> None:
    """Write the file, readable for its owner alone from its first moment, and whole or not at all.

    Raises:
        OSError: When it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(config)) + b"\n")
        draft.replace(path)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def forget_config(path: Path) -> bool:
    """Remove the file; returns whether there was one."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True
