"""NetworkPolicies, made from the table of who talks to whom: what stands there is allowed, all else refused.

Each connection is allowed at both of its ends, as far as they are pods of ours. Who is elsewhere in the
cluster (Prometheus, Grafana, KEDA) is known by the namespace that its own installation uses by default.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from deploy.topology.network import (
    COLLECTOR,
    EMBEDDINGS,
    GRAFANA,
    JAEGER,
    KEDA,
    MIGRATIONS,
    NATS,
    OLLAMA,
    PEOPLE,
    POSTGRES,
    PROMETHEUS,
    PROVISIONING,
    SAMPLE,
    Connection,
    connections,
)
from deploy.topology.services import SERVICES

NAME: Final = "app.kubernetes.io/name"
OURS: Final = (
    *(service.name for service in SERVICES),
    POSTGRES,
    NATS,
    COLLECTOR,
    JAEGER,
    EMBEDDINGS,
    OLLAMA,
    MIGRATIONS,
    PROVISIONING,
)
"""The parties that are pods in Task Tracker's namespace; an overlay lacks some."""

KNOWN_BY: Final[dict[str, dict[str, str]]] = {POSTGRES: {"task-tracker-store": POSTGRES}}
"""The labels of those whose name is another's to give: CloudNativePG calls its pods `postgresql`."""

ELSEWHERE: Final[dict[str, tuple[str, dict[str, str]]]] = {
    PROMETHEUS: ("monitoring", {NAME: "prometheus"}),
    GRAFANA: ("monitoring", {NAME: "grafana"}),
    KEDA: ("keda", {"app": "keda-operator"}),
}
"""The parties that others look after: their namespace, and the labels of their pods."""

ABSENT: Final = (SAMPLE,)
"""What is in compose alone."""

OPEN_TO_PEOPLE: Final = ("gateway",)
"""Who asks people who they are. Jaeger does not, so that nobody reaches it but by `kubectl port-forward`."""

_PRIVATE: Final = ("10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
_PRIVATE_V6: Final = ("fc00::/7", "fe80::/10")
_INTERNET: Final = (
    {"ipBlock": {"cidr": "0.0.0.0/0", "except": list(_PRIVATE)}},
    {"ipBlock": {"cidr": "::/0", "except": list(_PRIVATE_V6)}},
)
_DNS: Final[dict[str, Any]] = {
    "to": [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}},
        # Where each node has a DNS server of its own (NodeLocal DNSCache).
        {"ipBlock": {"cidr": "169.254.20.10/32"}},
    ],
    "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}],
}


def policies() -> list[dict[str, Any]]:
    """A policy that refuses everything, and one a party with what is allowed it."""
    allowed = [connection for connection in connections() if _is_here(connection)]
    refuse = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    return [_policy("refuse-all", refuse), *(_of_party(party, allowed) for party in sorted(OURS))]


def _is_here(connection: Connection) -> bool:
    if {connection.source, connection.target} & {*ABSENT}:
        return False
    if connection.source == PEOPLE:
        return connection.target in OPEN_TO_PEOPLE
    return connection.source in OURS or connection.target in OURS


def _of_party(party: str, allowed: Iterable[Connection]) -> dict[str, Any]:
    incoming: dict[int, list[str]] = defaultdict(list)
    outgoing: dict[int, list[str]] = defaultdict(list)
    for connection in allowed:
        if connection.target == party:
            incoming[connection.port].append(connection.source)
        if connection.source == party:
            outgoing[connection.port].append(connection.target)
    spec: dict[str, Any] = {
        "podSelector": {"matchLabels": _labels(party)},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [_rule("from", port, sources) for port, sources in sorted(incoming.items())],
        "egress": [_rule("to", port, targets) for port, targets in sorted(outgoing.items())],
    }
    # A name is looked up by whoever opens a connection.
    if spec["egress"]:
        spec["egress"].append(_DNS)
    return _policy(party, {key: value for key, value in spec.items() if value})


def _labels(party: str) -> dict[str, str]:
    return KNOWN_BY.get(party, {NAME: party})


def _peers(party: str) -> list[Any]:
    if party in OURS:
        return [{"podSelector": {"matchLabels": _labels(party)}}]
    if party in ELSEWHERE:
        namespace, labels = ELSEWHERE[party]
        selector = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
        return [{"namespaceSelector": selector, "podSelector": {"matchLabels": labels}}]
    return list(_INTERNET)


def _rule(direction: str, port: int, parties: list[str]) -> dict[str, Any]:
    ports = [{"protocol": "TCP", "port": port}]
    if PEOPLE in parties:
        # From anywhere: which addresses their proxy has is not known here.
        return {"ports": ports}
    peers = [peer for party in parties for peer in _peers(party)]
    return {
        direction: [peer for place, peer in enumerate(peers) if peer not in peers[:place]],
        "ports": ports,
    }


def _policy(name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name},
        "spec": spec,
    }
