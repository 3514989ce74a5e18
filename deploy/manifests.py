"""Writes those files of a deployment that follow from others: `make manifests`.

A test says when one is out of date.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from deploy.kubernetes.policies import policies
from deploy.kubernetes.watching import dashboards, rules
from deploy.settings import settings_page
from deploy.topology.authorization import authorization, nkey_variables

ROOT: Final = Path(__file__).resolve().parents[1]
_KUBERNETES: Final = "deploy/kubernetes"
_HEAD: Final = "# Written by `make manifests` from {source}; changes here are lost.\n"


def _yaml(source: str, *documents: Mapping[str, Any]) -> str:
    return _HEAD.format(source=source) + yaml.safe_dump_all(
        documents, sort_keys=False, allow_unicode=True, width=110, explicit_start=len(documents) > 1
    )


def _network() -> str:
    return _yaml("deploy/topology", *policies())


def _authorization() -> str:
    keys = {party: f"nkey: ${variable}" for party, variable in nkey_variables().items()}
    return _HEAD.format(source="deploy/topology") + authorization(keys)


def _rules() -> str:
    return _yaml("deploy/telemetry/alerts.yaml", rules(ROOT / "deploy/telemetry/alerts.yaml"))


def _dashboards() -> str:
    folder = ROOT / "deploy/telemetry/dashboards"
    return _yaml("the dashboards beside it", dashboards(folder))


WRITTEN: Final[dict[str, Callable[[], str]]] = {
    f"{_KUBERNETES}/base/network/policies.yaml": _network,
    f"{_KUBERNETES}/nats/single/authorization.conf": _authorization,
    "deploy/compose/nats/authorization.conf": _authorization,
    f"{_KUBERNETES}/components/monitoring/rules.yaml": _rules,
    "deploy/telemetry/dashboards/kustomization.yaml": _dashboards,
    # Last: it tells where the manifests pass a setting on.
    "docs/settings.md": settings_page,
}
"""Each file, by its path in the repository, and what makes its text."""


def main() -> int:
    """Write all of them; tells which were changed."""
    for path, make in WRITTEN.items():
        file, text = ROOT / path, make()
        if not file.exists() or file.read_text() != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            sys.stdout.write(f"{path} is written\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
