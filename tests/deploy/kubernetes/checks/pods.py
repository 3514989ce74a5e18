"""Pods: what they may do on their machine, what they take of it, how they are looked after and end."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from tests.deploy.kubernetes.checks.objects import (
    WORKLOADS,
    Manifests,
    containers_of,
    every_value,
    of_kind,
    pod_of,
    title,
)
from tests.deploy.kubernetes.checks.quantities import amount

_TAG = re.compile(r"^[^@]+:v?(\d+\.\d+[^@]*)(@sha256:[0-9a-f]{64})?$")
_FIELDS = ("requests", "limits")
_RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
_POD = {
    # Nobody here speaks to Kubernetes' API.
    "automountServiceAccountToken": False,
    # Kubernetes would tell of every Service by variables, and one that looks like a setting ends a service.
    "enableServiceLinks": False,
    "hostNetwork": None,
    "hostPID": None,
}
_START = Path("deploy/docker/bin/start-service")


def pods_are_restricted(manifests: Manifests) -> Iterator[str]:
    """As Kubernetes' standard `restricted` has it, and with a root file system that cannot be written."""
    for workload in of_kind(manifests, *WORKLOADS):
        pod = pod_of(workload)
        for key, wanted in _POD.items():
            if pod.get(key) != wanted:
                yield f"{title(workload)}: {key} must be {wanted}"
        whole = pod.get("securityContext", {})
        if not whole.get("runAsNonRoot") or not whole.get("runAsUser"):
            yield f"{title(workload)} may run as root"
        if whole.get("seccompProfile") != {"type": "RuntimeDefault"}:
            yield f"{title(workload)} has no seccomp profile"
        for container in containers_of(workload):
            if (own := container.get("securityContext", {})) != _RESTRICTED:
                yield f"{title(workload)}: {container['name']} may do other than {_RESTRICTED}: {own}"
    for account in of_kind(manifests, "ServiceAccount"):
        if account.get("automountServiceAccountToken") is not False:
            yield f"{title(account)} gives away a token"


def resources_are_said_and_can_be_read(manifests: Manifests) -> Iterator[str]:
    for workload in of_kind(manifests, *WORKLOADS):
        for container in containers_of(workload):
            where = f"{title(workload)}: {container['name']}"
            resources = container.get("resources", {})
            requests, limits = (resources.get(field, {}) for field in _FIELDS)
            if "cpu" not in requests or "memory" not in requests or "memory" not in limits:
                yield f"{where} does not say what it takes"
                continue
            if "cpu" in limits:
                yield f"{where}: its event loop would be throttled"
            if amount(requests["memory"]) > amount(limits["memory"]):
                yield f"{where} asks for more memory than it may have"


def quantities_can_be_read(manifests: Manifests) -> Iterator[str]:
    for manifest in manifests:
        found = [q for key in _FIELDS for values in every_value(manifest, key) for q in values.values()]
        found += list(every_value(manifest, "sizeLimit"))
        for quantity in found:
            try:
                amount(quantity)
            except ValueError as error:
                yield f"{title(manifest)}: {error}"


def long_running_pods_are_probed_at_open_ports(manifests: Manifests) -> Iterator[str]:
    for workload in of_kind(manifests, "Deployment", "StatefulSet"):
        for container in pod_of(workload)["containers"]:
            ports = {port["name"] for port in container.get("ports", [])}
            probes = {key: container[key] for key in container if key.endswith("Probe")}
            if "readinessProbe" not in probes:
                yield f"{title(workload)} is not asked whether it is ready"
            for name, probe in probes.items():
                if "httpGet" in probe and probe["httpGet"]["port"] not in ports:
                    yield f"{title(workload)}: {name} asks {probe['httpGet']['port']}, not one of {ports}"


def drain_of_workers() -> Decimal:
    """Seconds that the image gives to what runs at SIGTERM."""
    found = re.search(r"--worker-shutdown-timeout (\d+)", _START.read_text())
    assert found, f"{_START} does not say how long a worker may take to end"
    return Decimal(found[1]) / 1000


def pods_have_time_to_end(manifests: Manifests, drains: dict[str, Decimal]) -> Iterator[str]:
    """`drains`: by Deployment, seconds that it may take from SIGTERM on."""
    for deployment in of_kind(manifests, "Deployment"):
        name = deployment["metadata"]["name"]
        if name not in drains:
            continue
        pod = pod_of(deployment)
        before = sum(
            c.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
            for c in pod["containers"]
        )
        if pod["terminationGracePeriodSeconds"] <= before + drains[name]:
            yield f"{title(deployment)} is killed before it may have ended"


def roll_outs_take_nobody_away(manifests: Manifests, services: list[str]) -> Iterator[str]:
    for deployment in of_kind(manifests, "Deployment"):
        if deployment["metadata"]["name"] not in services:
            continue
        rolling = deployment["spec"]["strategy"].get("rollingUpdate", {})
        if rolling.get("maxUnavailable") != 0 or not rolling.get("maxSurge"):
            yield f"{title(deployment)} takes a pod away before its successor is ready"


def images_are_pinned(manifests: Manifests) -> Iterator[str]:
    for image in sorted(set(images_of(manifests))):
        if _TAG.match(image) is None:
            yield f"image {image} names no exact version"


def images_of_one_name_are_of_one_version(manifests: Manifests) -> Iterator[str]:
    versions: dict[str, set[str]] = {}
    for image in images_of(manifests):
        found = _TAG.match(image)
        name = image.partition("@")[0].rpartition(":")[0]
        family = "task-tracker" if name.startswith("task-tracker-") else name
        versions.setdefault(family, set()).add(found[1] if found else image)
    for name, several in versions.items():
        if len(several) > 1:
            yield f"{name} is there in several versions: {sorted(several)}"


def images_of(manifests: Manifests) -> list[str]:
    found = [c["image"] for workload in of_kind(manifests, *WORKLOADS) for c in containers_of(workload)]
    return found + [cluster["spec"]["imageName"] for cluster in of_kind(manifests, "Cluster")]
