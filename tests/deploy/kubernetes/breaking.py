"""Finding the place in manifests that is to be broken."""

from typing import Any

from tests.deploy.kubernetes.checks.objects import Manifest, name_of, names, pod_of


def get(manifests: list[Manifest], kind: str, name: str) -> Manifest:
    return next(m for m in manifests if m["kind"] == kind and name_of(m) == name)


def container(manifests: list[Manifest], name: str = "scoring", kind: str = "Deployment") -> dict[str, Any]:
    found: dict[str, Any] = pod_of(get(manifests, kind, name))["containers"][0]
    return found


def spec(manifests: list[Manifest], kind: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = get(manifests, kind, name)["spec"]
    return found


def env(manifests: list[Manifest], variable: str, service: str = "scoring") -> dict[str, Any]:
    found: dict[str, Any] = next(e for e in container(manifests, service)["env"] if e["name"] == variable)
    return found


def settings(manifests: list[Manifest], prefix: str) -> dict[str, str]:
    name = next(name for name in sorted(names(manifests, "ConfigMap")) if name.startswith(prefix))
    found: dict[str, str] = get(manifests, "ConfigMap", name)["data"]
    return found


def rule(manifests: list[Manifest], policy: str, direction: str, port: int) -> dict[str, Any]:
    rules = spec(manifests, "NetworkPolicy", policy)[direction]
    found: dict[str, Any] = next(rule for rule in rules if rule["ports"][0]["port"] == port)
    return found


def remove(manifests: list[Manifest], kind: str, name: str) -> None:
    manifests.remove(get(manifests, kind, name))
