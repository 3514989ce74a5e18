"""The gateway's settings, read once at start from the environment."""

from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta

from shared.service.settings import Port, ServiceSettings


class GatewaySettings(ServiceSettings, frozen=True, kw_only=True):
    """What the gateway needs beside what every service needs; each field is `TT_` and its name in capitals.

    Attributes:
        gateway_host: Address to listen on.
        gateway_port: Port to listen on.
        public_url: How people reach the gateway, for links; None takes host and port.
        bootstrap_api_key: The first API key of a new installation; None makes one and prints it.
        webhook_secret: What Telegram sends in `X-Telegram-Bot-Api-Secret-Token`; None closes the webhook.
        encryption_keys: Fernet keys, newest first, separated by commas, the same as in the services that call
            language models: a provider's API key is sealed here before it travels on.
        health_urls: Each service's `name=base URL`, separated by commas, for `GET /health/services`.
        upload_limit_bytes: The largest export that is taken; 2 GiB unless told.
        upload_folder: Where uploads lie on their way; None is the system's folder for temporary files.
        rate_limit: Requests a minute of one key, and of one address that shows none; 0 is no limit.
        lockout_after: Wrong keys from one address within an hour until it has to wait; 0 is never.
        trusted_proxies: Addresses or networks of proxies whose `X-Forwarded-For` is believed, separated by
            commas.
        cors_origins: Origins whose pages may call the API with a key, separated by commas; empty lets none.
        session_hours: From signing in on the page until it has to be done again, whatever happens.
        session_idle_hours: The same when the page was not used for so long.
        audit_days: How long the audit log is kept; 7 at the least.
        jaeger_url: Where people look at traces, for links to them, for example `http://127.0.0.1:16686`; None
            gives no links.
        socket_queue: Frames that wait for one WebSocket client at the most.
        socket_history: Frames that are kept in memory for WebSocket clients that come back.
        metrics_token: What Prometheus shows at `/metrics` as its Bearer token; it opens nothing else. None:
            only a key opens it.
        nats_limit_bytes: How large NATS' store may become (`max_file_store` of all servers together), for
            the figure that an alert compares with; a limit of the NATS account goes before. None is not told.
        database_limit_bytes: How large the database may become, as its volume is; the same. None is not told.
        sockets_per_key: WebSockets that one key may have open at a gateway process, with its tickets and
            sessions; 0 is no limit.
    """

    gateway_host: str = "127.0.0.1"
    gateway_port: Port = 8000
    public_url: str | None = None
    bootstrap_api_key: str | None = None
    webhook_secret: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,256}$")] | None = None
    encryption_keys: str = ""
    health_urls: str = ""
    upload_limit_bytes: Annotated[int, Meta(ge=1)] = 2 * 1024**3
    upload_folder: str | None = None
    rate_limit: Annotated[int, Meta(ge=0)] = 6000
    lockout_after: Annotated[int, Meta(ge=0)] = 20
    trusted_proxies: str = ""
    cors_origins: str = ""
    session_hours: Annotated[float, Meta(gt=0, le=8760)] = 168.0
    session_idle_hours: Annotated[float, Meta(gt=0, le=8760)] = 24.0
    audit_days: Annotated[int, Meta(ge=7, le=36_500)] = 365
    jaeger_url: str | None = None
    socket_queue: Annotated[int, Meta(ge=1)] = 256
    socket_history: Annotated[int, Meta(ge=1)] = 10_000
    sockets_per_key: Annotated[int, Meta(ge=0)] = 5_000
    metrics_token: Annotated[str, Meta(min_length=16)] | None = None
    nats_limit_bytes: Annotated[int, Meta(ge=1)] | None = None
    database_limit_bytes: Annotated[int, Meta(ge=1)] | None = None

    @property
    def page_url(self) -> str:
        """Where people find the live page."""
        return (self.public_url or f"http://{self.gateway_host}:{self.gateway_port}").rstrip("/")

    @property
    def traces_url(self) -> str | None:
        """Base of the links to traces, without a slash at its end."""
        return self.jaeger_url.rstrip("/") if self.jaeger_url else None


def check_jaeger_url(url: str | None) -> None:
    """Refuse an address that cannot stand in a link for everybody.

    Raises:
        ValueError: When it is no http or https address of a host, has credentials, a query or a fragment.
    """
    if url is None:
        return
    if "@" in url:
        raise ValueError(
            "TT_JAEGER_URL must have no user and no password: everybody sees the links made of it"
        )
    try:
        parts = urlsplit(url)
        wrong = parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0
    except ValueError:
        wrong = True
    if wrong:
        raise ValueError(f"TT_JAEGER_URL: {url!r} must be http://host:port or https://host")
    if parts.query or parts.fragment:
        raise ValueError(f"TT_JAEGER_URL: {url!r} must have no query and no fragment")


def parse_health_urls(text: str) -> dict[str, str]:
    """The services to ask for their health, by name.

    Args:
        text: `ingestion=http://127.0.0.1:8101,scoring=http://127.0.0.1:8102`.

    Raises:
        ValueError: For a part that is not `name=http://…`.
    """
    found: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, url = part.partition("=")
        if not name or not url.startswith(("http://", "https://")):
            raise ValueError(f"TT_HEALTH_URLS: {part!r} must be name=http://host:port")
        found[name.strip()] = url.strip().rstrip("/")
    return found
