"""Whether a provider's server can be reached at all, and if not, on which part of the way it fails."""

import asyncio
import socket
from ipaddress import ip_address
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from services.analysis.addresses import is_forbidden_address, origin

_PATIENCE = 5.0

Endpoint = tuple[str, int]


class UnreachableError(Exception):
    """There is no way to the server; says where it ends and what to do."""


async def reach(url: str, *, direct: bool = False) -> None:
    """Look up a server's name and connect to it, unless a proxy of the environment does that for us.

    Args:
        url: A normalised address.
        direct: It is called without a proxy in any case.

    Raises:
        UnreachableError: The name is not known, leads to a forbidden address, or nobody answers there.
    """
    scheme, host, port = origin(url)
    if not direct and {scheme, "all"} & getproxies().keys() and not proxy_bypass(urlsplit(url).netloc):
        return
    try:
        async with asyncio.timeout(_PATIENCE):
            endpoints = await _look_up(host, port)
            await _connect_to_one(endpoints, host, port)
    except TimeoutError:
        raise UnreachableError(
            f"{host}:{port} did not answer within {_PATIENCE:g} s: look at base_url, and for firewalls."
        ) from None


async def _look_up(host: str, port: int) -> list[Endpoint]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise UnreachableError(f"The name {host} is not known (DNS): is base_url right?") from None
    endpoints = [(str(address[0]), int(address[1])) for *_, address in found]
    if any(is_forbidden_address(ip_address(address.partition("%")[0])) for address, _ in endpoints):
        raise UnreachableError(
            f"{host} leads to a link-local address that keys can be stolen from: refused. Correct base_url."
        )
    return endpoints


async def _connect_to_one(endpoints: list[Endpoint], host: str, port: int) -> None:
    """Connect to the first endpoint that takes the connection."""
    failure: OSError | None = None
    for address, number in endpoints:
        try:
            _, writer = await asyncio.open_connection(address, number)
        except OSError as error:
            failure = error
        else:
            writer.close()
            return
    if isinstance(failure, ConnectionRefusedError):
        raise UnreachableError(
            f"Nothing listens at {host}:{port}: is the server started, and base_url right?"
        )
    why = failure.strerror if failure is not None and failure.strerror else "no route"
    raise UnreachableError(f"{host}:{port} cannot be reached ({why}): look at base_url and the network.")
