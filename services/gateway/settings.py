"""The gateway's settings, read once at start from the environment."""

from typing import Annotated

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
        socket_queue: Frames that wait for one WebSocket client at the most.
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
    socket_queue: Annotated[int, Meta(ge=1)] = 256

    @property
    def page_url(self) -> str:
        """Where people find the live page."""
        return (self.public_url or f"http://{self.gateway_host}:{self.gateway_port}").rstrip("/")


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
