"""What the gateway tells Prometheus, and who may read it."""

import httpx
import msgspec
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from services.gateway.store_figures import measure_stores
from tests.integration.gateway.stage import Stage
from tests.system import wait_for

TOKEN = "a-token-that-prometheus-has"
OPEN_METRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}


@pytest.fixture
def with_token(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    settings = msgspec.structs.replace(stage.app.state.settings, metrics_token=TOKEN)
    monkeypatch.setattr(stage.app.state, "settings", settings)
    return stage


def figures(client: httpx.Client) -> dict[str, dict[str, float]]:
    """Every sample's value, by its name and its labels' values."""
    answer = client.get("/metrics", headers=OPEN_METRICS)
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    found: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(answer.text):  # type: ignore[no-untyped-call]
        for sample in family.samples:
            found.setdefault(sample.name, {})[" ".join(sample.labels.values())] = sample.value
    return found


def test_token_of_prometheus_opens_the_metrics_and_nothing_else(with_token: Stage) -> None:
    with with_token.client(key=TOKEN) as client:
        assert client.get("/metrics").status_code == 200
        assert client.get("/api/v1/messages").status_code == 401
        assert client.post("/api/v1/tasks/queues/scoring/pause", json={}).status_code == 401
    for wrong in (f"{TOKEN}x", TOKEN[:-1], "", None):
        with with_token.client(key=wrong) as client:
            assert client.get("/metrics").status_code == 401


@pytest.mark.usefixtures("with_token")
def test_key_opens_them_as_well(client: httpx.Client) -> None:
    assert client.get("/metrics").status_code == 200


def test_without_a_token_only_a_key_does(stage: Stage) -> None:
    with stage.client(key="None") as client:
        assert client.get("/metrics").status_code == 401


def test_queue_without_a_worker_is_told_of(client: httpx.Client) -> None:
    wait_for(lambda: "tt_queue_workers" in figures(client), "the queues' figures are there")
    found = figures(client)
    for name in ("tt_queue_workers", "tt_queue_threads", "tt_queue_busy"):
        assert found[name].keys() >= {"ingestion", "scoring", "embedding", "knowledge", "analysis"}
    assert found["tt_queue_workers"]["scoring"] == 0
    assert found["tt_ready"].keys() >= {"postgres", "nats", "first_key"}
    assert set(found["tt_ready"].values()) == {1.0}
    assert found["tt_gateway_events_behind"] == {"": 0.0}


def test_stores_are_measured_against_what_they_may_hold(stage: Stage, client: httpx.Client) -> None:
    settings = msgspec.structs.replace(
        stage.app.state.settings, nats_limit_bytes=10**12, database_limit_bytes=10**13
    )
    stage.run(measure_stores(settings))
    found = figures(client)
    assert found["tt_store_limit_bytes"] == {"nats": 1e12, "postgres": 1e13}
    assert 0 < found["tt_store_bytes"]["postgres"] < 1e12
    assert 0 <= found["tt_store_bytes"]["nats"] < 1e12
