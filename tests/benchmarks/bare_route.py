"""A bare Litestar application, served as the gateway is: what a request costs before ours begins.

python -m tests.benchmarks.bare_route PORT
"""

import sys

import uvicorn
from litestar import Litestar, get, post

from services.gateway.http_protocol import HttpProtocol


@get("/", sync_to_thread=False)
def read() -> dict[str, str]:
    """Answer a read."""
    return {"status": "ok"}


@post("/", status_code=200)
async def write(data: dict[str, object]) -> dict[str, bool]:
    """Take a body."""
    return {"ok": bool(data)}


if __name__ == "__main__":
    uvicorn.run(
        Litestar([read, write], openapi_config=None, logging_config=None),
        port=int(sys.argv[1]),
        http=HttpProtocol,
        log_config=None,
        access_log=False,
    )
