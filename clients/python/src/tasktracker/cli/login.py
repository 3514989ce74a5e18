"""`login` and `logout`: which server, and with which key."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit

import httpx
import msgspec
import typer

from tasktracker.cli import asking
from tasktracker.cli.options import Json, examples
from tasktracker.cli.terminal import say, show_json
from tasktracker.client import Client
from tasktracker.config import Config, config_path, forget_config, store_config
from tasktracker.transport import is_loopback

_LOCAL = ".local"
EXAMPLES = examples(
    "login --local                            what `make run` runs on this machine",
    "login 'http://127.0.0.1:8000/#key=tt_…'  the link that `make run` prints",
    "login https://tasks.example.org          asks for the key",
    "login https://tasks.example.org < key    takes it from a file",
)


def login(
    address: Annotated[
        str | None,
        typer.Argument(metavar="[URL]", help="The server, or a link to its page with the key in it."),
    ] = None,
    *,
    local: Annotated[
        bool, typer.Option("--local", help="The installation of `make run` in this folder or one above it.")
    ] = False,
    json: Json = False,
) -> None:
    """Say which server to talk to, and with which key.

    The key is tried out, and stored in a file that only you can read. TASKTRACKER_URL and TASKTRACKER_KEY in
    the environment go before it.
    """
    if local == (address is not None):
        raise typer.BadParameter("Give either an address, or --local.")
    config = _local_config(os.environ) if address is None else _config_of(address)
    with Client(config.url, config.key, retries=1) as client:
        me = client.keys.me()
    path = config_path(os.environ)
    store_config(path, config)
    if not is_loopback(config.url) and config.url.startswith("http:"):
        say("Mind: over http the key and all answers can be read on their way; use https.", style="yellow")
    if json:
        show_json({"url": config.url, "name": me.name, "scopes": me.scopes, "stored_in": str(path)})
    else:
        say(f"Logged in to {config.url} as {me.name!r} ({', '.join(me.scopes)}). The key is in {path}.")


def logout(*, json: Json = False) -> None:
    """Forget the stored server and key; the key itself stays valid."""
    path = config_path(os.environ)
    gone = forget_config(path)
    if json:
        show_json({"removed": gone, "stored_in": str(path)})
    else:
        say(f"Removed {path}." if gone else f"There was nothing to forget: {path} does not exist.")


def _config_of(address: str) -> Config:
    """The server and the key of a link, or of a server whose key is asked for."""
    if address == "-":
        address = sys.stdin.readline().strip()
    parts = urlsplit(address)
    base = f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")
    name, _, key = parts.fragment.partition("=")
    if name == "key" and key:
        return Config(url=base, key=unquote(key))
    return Config(url=base, key=asking.secret("API key"))


def _local_config(environment: Mapping[str, str]) -> Config:
    """The server and the key of an installation that `make run` made.

    Raises:
        typer.BadParameter: There is none.
    """
    given = environment.get("TT_LOCAL_DIR")
    here = Path.cwd()
    folders = [Path(given)] if given else [folder / _LOCAL for folder in (here, *here.parents)]
    for folder in folders:
        try:
            ports = msgspec.json.decode((folder / "ports.json").read_bytes(), type=dict[str, int])
            secrets = msgspec.json.decode((folder / "secrets.json").read_bytes(), type=dict[str, str])
            return Config(url=str(httpx.URL(f"http://127.0.0.1:{ports['gateway']}")), key=secrets["api_key"])
        except FileNotFoundError:
            continue
        except (OSError, KeyError, msgspec.DecodeError) as error:
            raise typer.BadParameter(f"{folder} cannot be used: {error}") from error
    raise typer.BadParameter(
        "No installation of `make run` is in this folder or one above it; run `make run` first, "
        "go to its folder, or set TT_LOCAL_DIR."
    )
