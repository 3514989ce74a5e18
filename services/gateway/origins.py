"""Where a request comes from: its address behind proxies, and the page that sent it; no I/O."""

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

UNKNOWN = "unknown"
_IPV6_BITS = 64
"""Whoever has one address of such a network has all of them."""


def parse_networks(text: str) -> tuple[Network, ...]:
    """The networks of `TT_TRUSTED_PROXIES`: addresses or networks, separated by commas.

    Raises:
        ValueError: For a part that is neither.
    """
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise ValueError(f"TT_TRUSTED_PROXIES: {error}") from error


def parse_origins(text: str) -> list[str]:
    """The origins of `TT_CORS_ORIGINS`: `https://host[:port]`, separated by commas.

    Raises:
        ValueError: For a part that is no origin, or that means all of them.
    """
    found = [part.strip() for part in text.split(",") if part.strip()]
    for origin in found:
        if not _is_origin(origin):
            raise ValueError(
                f"TT_CORS_ORIGINS: {origin!r} must be an origin such as https://host or http://host:8080, "
                "without a path; each is named, there is no *"
            )
    return found


def client_address(peer: str | None, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """The address of the client, as limits and the audit log take it.

    Args:
        peer: Who connected.
        forwarded: Each `X-Forwarded-For` header, in order. Believed only as far as trusted proxies wrote it:
            from the right, up to the first address that is none of theirs.
        trusted: The networks of our proxies.

    Returns:
        The address; `unknown` when there is none, as over a Unix socket.
    """
    address = _parsed(peer)
    if address is None:
        return UNKNOWN
    hops = [hop.strip() for header in forwarded for hop in header.split(",")]
    while hops and any(address in network for network in trusted):
        before = _parsed(hops.pop())
        if before is None:
            break
        address = before
    return str(address)


def limited_as(address: str) -> str:
    """What an address is counted as: itself, or its network where people have whole networks."""
    parsed = _parsed(address)
    if parsed is None or parsed.version == 4:  # noqa: PLR2004 - the version's own number
        return address
    return str(ipaddress.ip_network((parsed, _IPV6_BITS), strict=False))


def is_own_origin(origin: str | None, host: str | None, public_url: str | None) -> bool:
    """Whether a page of this installation sent a request.

    Args:
        origin: The `Origin` header, which browsers add to what changes something and to WebSockets.
        host: The `Host` header.
        public_url: How people reach the gateway, when it was told.
    """
    if origin is None or not _is_origin(origin):
        return False
    if public_url is not None and _origin_of(public_url) == _origin_of(origin):
        return True
    return host is not None and urlsplit(origin).netloc.lower() == host.lower()


def _origin_of(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and parts.port != 0
            and "@" not in parts.netloc
            and "*" not in parts.netloc
            and text == f"{parts.scheme}://{parts.netloc}"
        )
    except ValueError:
        return False


def _parsed(text: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address((text or "").strip("[]"))
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address
