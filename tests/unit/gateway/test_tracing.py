"""Each request begins a chain."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from litestar import Litestar, get, post
from litestar.params import FromPath
from litestar.testing import TestClient
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from services.gateway.tracing import CHAIN, trace_requests
from shared.telemetry import current_run_id
from tests.unit.telemetry.recorded import only, recording

RUN = UUID("5f0c9a4e-6f0b-4b6e-9a55-2f8f4c1f7d10")


@get("/topics/{topic_id:int}")
async def topic(topic_id: FromPath[int]) -> dict[str, str]:
    if topic_id == 0:
        raise ZeroDivisionError
    return {"run_id": str(current_run_id())}


@post("/jobs", status_code=202)
async def begin() -> None:
    return None


@post("/runs/{run_id:uuid}/cancel", opt={CHAIN: "run_id"})
async def cancel(run_id: FromPath[UUID]) -> None:
    del run_id


@get("/health/live")
async def live() -> None:
    return None


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    with recording(monkeypatch) as kept:
        yield kept


@pytest.fixture
def client() -> Iterator[TestClient[Litestar]]:
    app = Litestar([topic, begin, cancel, live], middleware=[trace_requests], openapi_config=None)
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


def test_a_request_is_told_by_its_route_without_its_query(
    client: TestClient[Litestar], told: InMemorySpanExporter
) -> None:
    answer = client.get("/topics/7?q=secret")
    span = only(told)
    assert span.name == "GET /topics/{topic_id}"
    assert span.kind is SpanKind.SERVER
    attributes = dict(span.attributes or {})
    assert attributes.pop("run_id") == answer.json()["run_id"]
    assert attributes == {
        "http.request.method": "GET",
        "http.route": "/topics/{topic_id}",
        "http.response.status_code": 200,
        "url.path": "/topics/7",
        "url.scheme": "http",
    }


def test_only_an_error_on_our_side_is_a_failure(
    client: TestClient[Litestar], told: InMemorySpanExporter
) -> None:
    assert client.get("/topics/0").status_code == 500
    assert only(told).status.status_code is StatusCode.ERROR
    told.clear()
    assert client.post("/topics/7").status_code == 405
    assert all(span.status.status_code is StatusCode.UNSET for span in told.get_finished_spans())


def test_what_begins_long_work_is_kept(client: TestClient[Litestar], told: InMemorySpanExporter) -> None:
    client.post("/jobs")
    assert only(told).context.trace_state.get("tt") == "keep"


def test_a_request_about_a_run_joins_its_chain(
    client: TestClient[Litestar], told: InMemorySpanExporter
) -> None:
    client.post(f"/runs/{RUN}/cancel")
    assert only(told).context.trace_id == RUN.int


def test_probes_are_not_told(client: TestClient[Litestar], told: InMemorySpanExporter) -> None:
    client.get("/health/live")
    assert told.get_finished_spans() == ()
