"""Health: of the gateway, and of each service by its name."""

import http.server
import json
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

import httpx
import pytest

from shared.database.migrate import newest_version
from tests.integration.gateway.stage import Stage, free_port

READY = {"status": "ok", "checks": {"postgres": {"ok": True}, "workers": {"ok": True, "detail": "2 workers"}}}
NOT_READY = {"status": "failing", "checks": {"nats": {"ok": False, "detail": "not connected"}}}


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """A service plane that answers `/health/ready`."""

    class Plane(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health/ready" else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Plane) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_gateway_names_what_it_needs(client: httpx.Client) -> None:
    answer = client.get("/health")

    assert answer.status_code == 200
    checks = {name: {"ok": True} for name in ("postgres", "nats", "first_key")}
    migrations = {"ok": True, "detail": newest_version("gateway")}
    assert answer.json() == {"status": "ok", "checks": {**checks, "migrations": migrations}}


def test_gateway_that_nobody_can_enter_yet_is_not_ready(
    stage: Stage, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage.app.state, "first_key", Future())

    answer = client.get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["checks"]["first_key"] == {"ok": False, "detail": "not made yet: nobody can come in"}
    assert client.get("/health/live").json()["status"] == "ok"


def test_each_service_tells_by_its_name(
    stage: Stage, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        answering(200, json.dumps(READY).encode()) as good,
        answering(503, json.dumps(NOT_READY).encode()) as bad,
        answering(200, b"<html>") as strange,
    ):
        urls = {"good": good, "bad": bad, "strange": strange, "gone": f"http://127.0.0.1:{free_port()}"}
        monkeypatch.setattr(stage.app.state, "health_urls", urls)
        answer = client.get("/health/services")

    assert answer.status_code == 503
    found = answer.json()
    assert found["status"] == "failing"
    assert {name: service["ok"] for name, service in found["checks"].items()} == {
        "gateway": True,
        "good": True,
        "bad": False,
        "strange": False,
        "gone": False,
    }
    assert found["checks"]["good"]["checks"]["workers"]["detail"] == "2 workers"
    assert found["checks"]["bad"]["checks"]["nats"]["detail"] == "not connected"
    assert found["checks"]["gone"]["detail"]


def test_all_ready_is_ok(stage: Stage, client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(200, json.dumps(READY).encode()) as good:
        monkeypatch.setattr(stage.app.state, "health_urls", {"ingestion": good})
        answer = client.get("/health/services")

    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


def test_metrics_count_requests_by_route(client: httpx.Client) -> None:
    client.get("/api/v1/messages/123456")

    text = client.get("/metrics").text
    assert 'route="/api/v1/messages/{message_id}",status="404"' in text
    assert "123456" not in text


def test_page_and_its_parts_are_served(client: httpx.Client) -> None:
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "<style" not in page.text
    for part in (
        "page.css",
        "work.css",
        "page.js",
        "tasks.js",
        "experiments.js",
        "operate.css",
        "operate.js",
        "api.js",
        "feed.js",
        "jobs.js",
        "overview.js",
        "words.js",
        "mark.svg",
    ):
        found = client.get(f"/assets/{part}")
        assert found.status_code == 200, part
        assert "attachment" not in found.headers.get("content-disposition", "")
    assert client.get("/assets/../settings.py").status_code == 404


def test_description_is_shown_and_stands_alone(client: httpx.Client) -> None:
    assert client.get("/schema").status_code == 200
    assert client.get("/schema/openapi.json").json()["openapi"].startswith("3.")
