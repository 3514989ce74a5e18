"""The live page: one HTML file, its style and its scripts."""

from pathlib import Path

from litestar import Response, get
from litestar.static_files import create_static_files_router

from services.gateway.access import SCOPE

FOLDER = Path(__file__).parent.parent / "page"


@get("/", opt={SCOPE: "public"}, include_in_schema=False, media_type="text/html", sync_to_thread=False)
def get_page() -> Response[bytes]:
    """The page itself; it asks for the key by its own script."""
    return Response(_HTML, media_type="text/html; charset=utf-8", headers={"Cache-Control": "no-cache"})


_HTML = (FOLDER / "index.html").read_bytes()

assets_router = create_static_files_router(
    path="/assets",
    directories=[FOLDER],
    opt={SCOPE: "public"},
    include_in_schema=False,
    send_as_attachment=False,
)
