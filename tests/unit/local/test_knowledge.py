"""The first minute's extraction: all of an import, however many messages it has."""

import asyncio
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx

from deploy.local.knowledge import extract_period

BEGAN = datetime(2013, 8, 14, tzinfo=UTC)
MOST = 2000


@contextmanager
def gateway(sent: list[datetime]) -> Iterator[tuple[str, list[datetime]]]:
    """Answers as the gateway does for messages sent at these times; yields what was extracted."""
    extracted: list[datetime] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            since, until = (datetime.fromisoformat(asked[name]) for name in ("since", "until"))
            found = [at for at in sent if since <= at < until]
            if not found:
                self._answer(422, {"detail": "There are none.", "errors": [{"field": "message_ids"}]})
            elif len(found) > MOST:
                self._answer(422, {"detail": "More than 2000.", "errors": [{"field": "since"}]})
            else:
                extracted.extend(found)
                self._answer(202, {"items": [{}] * (1 + len(found) // 50)})

        def _answer(self, status: int, body: object) -> None:
            encoded = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", extracted
        finally:
            server.shutdown()
            thread.join()


def extract(url: str, until: datetime) -> tuple[int, str]:
    async def within() -> tuple[int, str]:
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            return await extract_period(client, BEGAN, until)

    return asyncio.run(within())


def test_every_message_of_a_large_import_is_extracted_once() -> None:
    sent = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=7 * number) for number in range(9000)]
    with gateway(sent) as (url, extracted):
        begun, reason = extract(url, datetime(2026, 11, 25, tzinfo=UTC))
    assert sorted(extracted) == sent
    assert begun >= len(sent) // 50
    assert reason == ""


def test_nothing_to_extract_says_why() -> None:
    with gateway([]) as (url, _):
        assert extract(url, datetime(2026, 11, 25, tzinfo=UTC)) == (0, "422 There are none.")


def test_moment_with_more_than_a_request_takes_is_given_up_with_the_reason() -> None:
    with gateway([datetime(2024, 1, 1, tzinfo=UTC)] * (MOST + 1)) as (url, extracted):
        begun, reason = extract(url, datetime(2026, 11, 25, tzinfo=UTC))
    assert (begun, extracted) == (0, [])
    assert "More than 2000" in reason
