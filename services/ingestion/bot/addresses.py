"""Where Telegram can send a webhook's updates: the rules of setWebhook, so that it is said at once."""

from ipaddress import ip_address
from urllib.parse import urlsplit

PORTS = (443, 80, 88, 8443)
"""The only ports that Telegram's servers call (https://core.telegram.org/bots/webhooks)."""

_INSIDE = (".local", ".localhost", ".internal", ".lan", ".home", ".test", ".invalid", ".example")
_ELSE = (
    "Give a public https address, or set TT_PUBLIC_URL to it; a machine without one fetches updates by "
    "polling."
)


def check_webhook_url(url: str, *, own_server: bool) -> None:
    """Refuse an address that Telegram cannot call.

    Args:
        url: The webhook's address.
        own_server: The Bot API's server is one that the installation runs: it calls any address, by HTTP too.

    Raises:
        ValueError: Says what is wrong with it, and what to do.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"The webhook's address cannot be read: {error}.") from error
    host = (parts.hostname or "").rstrip(".").lower()
    if not host or parts.scheme not in ("http", "https") or any(each.isspace() for each in url):
        raise ValueError("The webhook's address reads like https://host/webhook/telegram.")
    if parts.username is not None or parts.fragment:
        raise ValueError("The webhook's address has no user name, and ends before `#`.")
    if own_server:
        return
    if parts.scheme != "https":
        raise ValueError(f"Telegram calls https alone, not {url}. {_ELSE}")
    if (port or 443) not in PORTS:
        raise ValueError(
            f"Telegram calls the ports {', '.join(map(str, PORTS))} alone, not {port}. Put a proxy before it."
        )
    if not _is_public(host):
        raise ValueError(f"{host} cannot be reached from outside, so Telegram cannot call it. {_ELSE}")


def _is_public(host: str) -> bool:
    try:
        return ip_address(host).is_global
    except ValueError:
        # A name; numbers in other spellings end in a digit, which no top-level domain does.
        return "." in host and not host[-1].isdigit() and not host.endswith(_INSIDE)
