"""Alerts and dashboards as Kubernetes' operators take them, from the files that compose mounts."""

from pathlib import Path
from typing import Any

import yaml


def rules(alerts: Path) -> dict[str, Any]:
    """The groups of a Prometheus rule file, as a PrometheusRule."""
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "task-tracker", "labels": {"app.kubernetes.io/part-of": "task-tracker"}},
        "spec": {"groups": yaml.safe_load(alerts.read_text())["groups"]},
    }


def dashboards(folder: Path) -> dict[str, Any]:
    """A kustomization that makes of each dashboard in a folder a ConfigMap that Grafana's sidecar finds."""
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "generatorOptions": {
            # The sidecar goes by the name: with a hash in it, changes would stand beside each other.
            "disableNameSuffixHash": True,
            "labels": {"grafana_dashboard": "1", "app.kubernetes.io/part-of": "task-tracker"},
            "annotations": {"grafana_folder": "Task Tracker"},
        },
        "configMapGenerator": [
            {"name": f"dashboard-{file.stem}", "files": [file.name]} for file in sorted(folder.glob("*.json"))
        ],
    }
