"""What only an admin may do: say where messages are sent to be read."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from services.gateway.auth import caller
from services.gateway.problems import ProblemError


async def need_admin(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let a request in whose key has the scope `admin`; after the guard that knows the key.

    Whoever adds a provider and has agents use it is sent what people wrote, and has this machine call any
    address: more than who writes messages may do, or who reads them.

    Raises:
        ProblemError: 403 without the scope.
    """
    del handler
    key = caller(connection)
    if not key.may("admin"):
        raise ProblemError(
            403,
            f"The API key {key.name!r} lacks the scope 'admin', which changes of providers and agents need: "
            "they decide where messages are sent.",
        )
