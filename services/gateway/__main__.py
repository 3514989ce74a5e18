"""The gateway as a process: `python -m services.gateway`."""

import resource
import signal
import sys
from contextlib import suppress
from typing import NoReturn

import uvicorn
from litestar import Litestar
from loguru import logger

from services.gateway.app import create_app
from services.gateway.http_protocol import HttpProtocol
from services.gateway.settings import GatewaySettings
from services.gateway.sockets import SocketProtocol
from shared.service.service import bind_process
from shared.service.settings import SettingsError, read_settings
from shared.telemetry import shutdown_traces

_GRACE = 20
_LARGEST_SOCKET_MESSAGE = 64 * 1024
_PING_EVERY = 20.0


def main() -> int:
    """Serve until SIGTERM or SIGINT; requests that run are finished, sockets are told to come back.

    Returns:
        The exit code: 0, or 2 for settings that cannot be used.
    """
    try:
        settings = read_settings(GatewaySettings)
        bind_process("gateway", settings)
        app = create_app(settings)
    except (SettingsError, ValueError) as error:
        sys.stderr.write(f"gateway: {error}\n")
        return 2
    _allow_many_sockets()
    logger.info("listening on {}", settings.page_url)
    for number in (signal.SIGINT, signal.SIGTERM):
        # uvicorn raises the signal again after it has stopped in order.
        signal.signal(number, _end)
    try:
        _serve(app, settings)
    finally:
        shutdown_traces()
    return 0


def _allow_many_sockets() -> None:
    """Have as many files open as this user may: the usual 1,024 are fewer than clients that may come."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # macOS says "infinite" and means less
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _end(*_: object) -> NoReturn:
    raise SystemExit(0)


def _serve(app: Litestar, settings: GatewaySettings) -> None:
    uvicorn.run(
        app,
        host=settings.gateway_host,
        port=settings.gateway_port,
        log_config=None,
        access_log=False,
        server_header=False,
        # Whom to believe about addresses is for TT_TRUSTED_PROXIES to say.
        proxy_headers=False,
        http=HttpProtocol,
        ws=SocketProtocol,
        ws_ping_interval=_PING_EVERY,
        ws_ping_timeout=_PING_EVERY,
        ws_max_size=_LARGEST_SOCKET_MESSAGE,
        ws_per_message_deflate=False,  # a frame is the same bytes for every client
        timeout_graceful_shutdown=_GRACE,
    )


if __name__ == "__main__":
    raise SystemExit(main())
