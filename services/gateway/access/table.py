"""The table of routes and what they need, read from the application."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute, WebSocketRoute

from services.gateway.access.rules import TOPICS, Access, needed
from services.gateway.routes.admins import need_admin

BEGIN: Final = "<!-- written by python -m services.gateway.access -->"
END: Final = "<!-- end -->"
WEBSOCKET: Final = "WS"
_WORDS: Final[dict[Access, str]] = {
    "public": "nothing",
    "itself": "see above",
    "known": "any good key",
    "read": "`read`",
    "write": "`write`",
    "admin": "`admin`",
}


@dataclass(frozen=True, order=True)
class Way:
    """One way in.

    Attributes:
        path: The route's template, with the types of its parameters.
        method: Of HTTP; `WS` for a WebSocket.
        needs: What lets one in.
    """

    path: str
    method: str
    needs: Access


def ways_in(app: Litestar) -> list[Way]:
    """Every way into the application, by path and method, but OPTIONS, which only tells of the others."""
    return sorted(_ways(app))


def write_table(app: Litestar, document: str) -> str:
    """The document with the table as it is now.

    Args:
        app: Whose routes.
        document: Has the marks between which the table stands.
    """
    before, _, rest = document.partition(BEGIN)
    after = rest.partition(END)[2]
    rows = [f"| {way.method} | `{way.path}` | {_WORDS[way.needs]} |" for way in ways_in(app)]
    table = "\n".join(["| method | path | needs |", "|---|---|---|", *rows])
    topics = "\n".join(f"| `{topic}` | `{scope}` |" for topic, scope in TOPICS.items())
    return f"{before}{BEGIN}\n\n{table}\n\n| topic of `/ws` | needs |\n|---|---|\n{topics}\n\n{END}{after}"


def _ways(app: Litestar) -> Iterator[Way]:
    for route in app.routes:
        if isinstance(route, WebSocketRoute):
            yield Way(route.path_format, WEBSOCKET, needed(route.route_handler.opt, "GET"))
        elif isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in handler.http_methods:
                    if method != "OPTIONS":
                        yield Way(route.path_format, method, _needed(handler, method))


def _needed(handler: HTTPRouteHandler, method: str) -> Access:
    """What the handler's `opt` says, and its guards."""
    return "admin" if need_admin in handler.resolve_guards() else needed(handler.opt, method)
