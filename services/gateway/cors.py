"""Pages of other origins: those that `TT_CORS_ORIGINS` names may call the API, never with a cookie."""

from typing import Final, Literal

from litestar.config.cors import CORSConfig
from litestar.types import Method

from services.gateway.origins import parse_origins

_METHODS: Final[list[Method]] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
_SENT = ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"]
_READ = ["ETag", "Location", "Idempotent-Replayed", "RateLimit", "RateLimit-Policy", "Retry-After"]
_REMEMBERED_SECONDS = 600


def cors_config(origins: str) -> CORSConfig | None:
    """What browsers are told; None, and so nothing, when no origin is named.

    Args:
        origins: `TT_CORS_ORIGINS`.

    Raises:
        ValueError: For what is no origin.
    """
    named = parse_origins(origins)
    if not named:
        return None
    return CORSConfig(
        allow_origins=named,
        allow_methods=list[Method | Literal["*"]](_METHODS),
        allow_headers=_SENT,
        allow_credentials=False,
        expose_headers=_READ,
        max_age=_REMEMBERED_SECONDS,
    )
