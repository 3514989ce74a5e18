"""Finding one's way in rendered manifests."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

Manifest = dict[str, Any]
Manifests = Sequence[Manifest]

WORKLOADS = ("Deployment", "StatefulSet", "Job")


def of_kind(manifests: Manifests, *kinds: str) -> Iterator[Manifest]:
    return (manifest for manifest in manifests if manifest["kind"] in kinds)


def name_of(manifest: Manifest) -> str:
    return str(manifest["metadata"]["name"])


def title(manifest: Manifest) -> str:
    return f"{manifest['kind']} {name_of(manifest)}"


def names(manifests: Manifests, kind: str) -> set[str]:
    return {name_of(manifest) for manifest in of_kind(manifests, kind)}


def pod_of(workload: Manifest) -> dict[str, Any]:
    spec: dict[str, Any] = workload["spec"]["template"]["spec"]
    return spec


def labels_of(workload: Manifest) -> dict[str, str]:
    labels: dict[str, str] = workload["spec"]["template"].get("metadata", {}).get("labels", {})
    return labels


def containers_of(workload: Manifest) -> list[dict[str, Any]]:
    pod = pod_of(workload)
    return [*pod.get("initContainers", []), *pod["containers"]]


def pods(manifests: Manifests) -> dict[str, dict[str, str]]:
    """The labels of every workload's pods, by its title; those that operators make included."""
    found = {title(workload): labels_of(workload) for workload in of_kind(manifests, *WORKLOADS)}
    for cluster in of_kind(manifests, "Cluster"):
        inherited = cluster["spec"]["inheritedMetadata"]["labels"]
        found[title(cluster)] = {**inherited, "cnpg.io/cluster": name_of(cluster)}
    return found


def selects(selector: Manifest, labels: dict[str, str]) -> bool:
    """Whether a label selector, as Kubernetes reads one, finds these labels."""
    wanted = selector.get("matchLabels", {})
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    return all(_expression(rule, labels) for rule in selector.get("matchExpressions", []))


def _expression(rule: Manifest, labels: dict[str, str]) -> bool:
    assert rule["operator"] == "In", f"these tests know no {rule['operator']}"
    return labels.get(rule["key"]) in rule["values"]


def selected(selector: Manifest, manifests: Manifests) -> list[str]:
    return [name for name, labels in pods(manifests).items() if selects(selector, labels)]


def every_value(node: Any, key: str) -> Iterable[Any]:
    """Every value under this key, however deep."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield value
            yield from every_value(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from every_value(value, key)
