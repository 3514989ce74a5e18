"""What a connection is told, looked over before it is used: a slip is an error at once, not a silent wait."""

import importlib.util
import inspect
import urllib.parse
from pathlib import Path
from typing import Any

from nats.aio.client import Client

_SCHEMES = frozenset({"nats", "tls", "ws", "wss"})
_LARGEST_PORT = 65535
_SETTABLE = frozenset(inspect.signature(Client.connect).parameters) - {"self", "servers"}
#: What the connection sets itself, as it has to hear of it.
_OURS = frozenset({"error_cb", "disconnected_cb", "reconnected_cb", "closed_cb"}) | {
    "max_reconnect_attempts",
    "allow_reconnect",
}


def check_servers(servers: str | list[str]) -> list[str]:
    """Return a list of server URLs.

    Raises:
      ValueError: When there is none, or one that is no address of a NATS server.
    """
    urls = servers.split(",") if isinstance(servers, str) else list(servers)
    urls = [url.strip() for url in urls if url.strip()]
    if not urls:
        raise ValueError("servers is empty: name at least one, as nats://127.0.0.1:4222")
    for url in urls:
        _check_server(url)
    return urls


def _check_server(url: str) -> None:
    shown = url.rpartition("@")[2]
    address = urllib.parse.urlsplit(url if "://" in url else f"nats://{url}")
    if address.scheme not in _SCHEMES:
        raise ValueError(f"{shown} is not the address of a NATS server: one begins with nats:// or tls://")
    try:
        known = bool(address.hostname) and 0 <= (address.port or 0) <= _LARGEST_PORT
    except ValueError:
        known = False
    if not known:
        raise ValueError(f"{shown} names no host and port: nats://127.0.0.1:4222 does")


def check_options(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options for nats-py's `Client.connect`.

    Raises:
      TypeError: When there is no such option.
      ValueError: When a file that one names does not exist, or a library is missing that one needs.
    """
    for name in options:
        if name in _OURS or name not in _SETTABLE:
            known = ", ".join(sorted(_SETTABLE - _OURS))
            raise TypeError(f"there is no connection option {name!r}; there are {known}")
    credentials, seed = options.get("user_credentials") or (), options.get("nkeys_seed")
    files = [credentials] if isinstance(credentials, str | Path) else list(credentials)
    for path in [*files, *([seed] if seed else [])]:
        if not Path(path).is_file():
            raise ValueError(f"{path} is no file: credentials or an NKEY seed were to be read from it")
    if (files or seed or options.get("nkeys_seed_str")) and importlib.util.find_spec("nkeys") is None:
        raise ValueError("credentials and NKEYs need another library: pip install 'dramatiq-nats[nkeys]'")
    return options
