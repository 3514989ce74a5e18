"""Where a provider may be: addresses of OpenAI-compatible servers in one form, and those that are refused."""

import socket
import unicodedata
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

OPENAI_URL = "https://api.openai.com/v1"
OLLAMA_URL = "http://127.0.0.1:11434/v1"
_OPENAI_HOST = "api.openai.com"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_METADATA_NAMES = ("metadata", "metadata.google.internal", "instance-data")
_METADATA_ADDRESSES = frozenset({ip_address("fd00:ec2::254"), ip_address("100.100.100.200")})
_NAT64 = IPv6Network("64:ff9b::/96")
"""Whose last 32 bits are an address of IPv4 (RFC 6052)."""

IPAddress = IPv4Address | IPv6Address


class AddressError(ValueError):
    """An address that cannot be used; says why and what to do."""


def normalise_base_url(text: str) -> str:
    """An address as it is kept: with a path, `/v1` when it has none, and no slash behind it.

    Raises:
        AddressError: It is no http or https address, has credentials, a query or a fragment, or leads to the
            machine's own metadata.
    """
    parts = _split(text.strip())
    if "@" in parts.netloc:
        raise AddressError("The address holds a user name or a password; give a key as api_key instead.")
    if parts.query or parts.fragment:
        raise AddressError("The address ends before `?` and `#`: give it without them.")
    host = (parts.hostname or "").rstrip(".")
    if not host:
        raise AddressError("The address has no host: it reads like https://host:port/v1.")
    if is_forbidden_host(host):
        raise AddressError(
            f"{host} is an address of the machine itself that keys can be stolen from: refused."
        )
    path = parts.path.rstrip("/") or "/v1"
    return f"{parts.scheme}://{_host_and_port(parts, host)}{path}"


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a normalised address: the server that a key is shown to."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _DEFAULT_PORTS[parts.scheme]


def is_openai(url: str | None) -> bool:
    """Whether a normalised address is OpenAI's own."""
    return url is not None and urlsplit(url).hostname == _OPENAI_HOST


def is_forbidden_host(host: str) -> bool:
    """Whether a host, in any spelling of a number too, is link-local or tells a cloud machine's secrets."""
    # Digits of any script are digits to whoever looks a name up (UTS #46).
    plain = unicodedata.normalize("NFKC", host).lower()
    if plain in _METADATA_NAMES:
        return True
    found = _as_address(plain)
    return found is not None and is_forbidden_address(found)


def is_forbidden_address(address: IPAddress) -> bool:
    """Whether an address is link-local or tells a cloud machine's secrets."""
    plain = getattr(address, "ipv4_mapped", None) or address
    if plain in _NAT64:
        plain = IPv4Address(int(plain) & 0xFFFFFFFF)
    return plain.is_link_local or plain in _METADATA_ADDRESSES


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise AddressError(f"The address cannot be read: {error}.") from error
    if parts.scheme not in _DEFAULT_PORTS or any(each.isspace() or not each.isprintable() for each in text):
        raise AddressError("The address begins with http:// or https:// and has no spaces.")
    if port == 0:
        raise AddressError("The address has the port 0, where nobody can listen.")
    return parts


def _host_and_port(parts: SplitResult, host: str) -> str:
    shown = f"[{host}]" if ":" in host else host
    if parts.port is None or parts.port == _DEFAULT_PORTS[parts.scheme]:
        return shown
    return f"{shown}:{parts.port}"


def _as_address(host: str) -> IPAddress | None:
    """The address that a host is when it is no name; `2852039166` and `0xa9fea9fe` are numbers too."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None
