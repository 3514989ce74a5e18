"""Addresses that pods are told lead to a Service, or to a pod of a headless one, at a port that it has."""

import re
from collections.abc import Iterator

from services.gateway.settings import parse_health_urls
from tests.deploy.kubernetes.checks.environment import environment_of
from tests.deploy.kubernetes.checks.objects import (
    WORKLOADS,
    Manifests,
    containers_of,
    name_of,
    of_kind,
    title,
)

_ADDRESS = re.compile(r"^(?:[a-z+]+://)?(?:[^@/]*@)?([a-z0-9.-]+):(\d+)(?:/.*)?$")
_OUTSIDE = {"TT_PUBLIC_URL", "TT_JAEGER_URL"}
"""What browsers are told."""
_HEALTH = "TT_HEALTH_URLS"


def addresses_lead_somewhere(manifests: Manifests) -> Iterator[str]:
    there = _there(manifests)
    for workload in of_kind(manifests, *WORKLOADS):
        for container in containers_of(workload):
            told = {entry["name"]: entry["value"] for entry in container.get("env", []) if "value" in entry}
            yield from _lost(title(workload), told, there)
    for mapped in of_kind(manifests, "ConfigMap"):
        settings = {name: value for name, value in mapped.get("data", {}).items() if name.startswith("TT_")}
        yield from _lost(title(mapped), settings, there)


def health_of_every_worker_is_asked_for(manifests: Manifests, workers: list[str]) -> Iterator[str]:
    gateway = next(m for m in of_kind(manifests, "Deployment") if name_of(m) == "gateway")
    urls = parse_health_urls(environment_of(gateway, manifests)[_HEALTH])
    if urls != {worker: f"http://{worker}:8080" for worker in workers}:
        yield f"the gateway asks {urls} for their health"
    yield from _lost(_HEALTH, urls, _there(manifests))


def _lost(who: str, told: dict[str, str], there: set[tuple[str, int]]) -> Iterator[str]:
    for name, value in told.items():
        if name in _OUTSIDE or name == _HEALTH:
            continue
        for part in value.split(","):
            found = _ADDRESS.match(part)
            if found and (found[1], int(found[2])) not in there:
                yield f"{who}: {name} leads to {found[1]}:{found[2]}, where nobody is"


def _there(manifests: Manifests) -> set[tuple[str, int]]:
    found = {(f"{name_of(cluster)}-rw", 5432) for cluster in of_kind(manifests, "Cluster")}
    for service in of_kind(manifests, "Service"):
        ports = {port["port"] for port in service["spec"]["ports"]}
        hosts = [name_of(service)]
        for workload in of_kind(manifests, "StatefulSet"):
            if workload["spec"]["serviceName"] == name_of(service):
                hosts += [
                    f"{name_of(workload)}-{number}.{name_of(service)}"
                    for number in range(workload["spec"]["replicas"])
                ]
        found |= {(host, port) for host in hosts for port in ports}
    return found
