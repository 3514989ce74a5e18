"""`Allow`: which methods a path answers, by all routers together."""

from litestar import Litestar
from litestar.routes import HTTPRoute
from litestar.types import Message, Scope


async def say_what_is_allowed(message: Message, scope: Scope) -> None:
    """Put every method of the path into the answer to OPTIONS.

    Litestar's own answer knows only the method that the innermost router registered first.
    """
    if message["type"] != "http.response.start" or scope.get("method") != "OPTIONS":
        return
    methods = _methods_at(scope["litestar_app"], str(scope.get("path_template")))
    if methods:
        others = [header for header in message.get("headers", ()) if header[0].lower() != b"allow"]
        message["headers"] = [*others, (b"allow", ", ".join(sorted(methods)).encode())]


def _methods_at(app: Litestar, template: str) -> set[str]:
    return {
        method
        for route in app.routes
        if isinstance(route, HTTPRoute) and route.path_format == template
        for method in route.methods
    }
