"""The manifests as they are rendered: what a schema does not see."""

import pytest

from deploy.kubernetes.rendered import OVERLAYS, overlay
from services.gateway.routes.health import get_health, get_live
from tests.deploy.kubernetes.checks.every import CHECKS
from tests.deploy.kubernetes.checks.objects import name_of, of_kind, pod_of


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
