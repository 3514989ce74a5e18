"""The manifests as they are rendered: what a schema does not see."""

import pytest

from deploy.kubernetes.rendered import OVERLAYS, overlay
from tests.deploy.kubernetes.checks.every import CHECKS


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", OVERLAYS)
def test_manifests_are_right(name: str, check: str) -> None:
    assert [*CHECKS[check](overlay(name))] == []
