"""NetworkPolicies say what the table of who talks to whom says, no more, no less, of pods that are there."""

from collections.abc import Iterator
from typing import Any

from deploy.kubernetes.policies import ABSENT, ELSEWHERE, KNOWN_BY, NAME, OPEN_TO_PEOPLE, OURS
from deploy.topology import Connection, connections
from deploy.topology.network import EMBEDDINGS, MODELS, OLLAMA, PEOPLE, TELEGRAM
from tests.deploy.kubernetes.checks.objects import Manifest, Manifests, name_of, of_kind, pods, selects, title

OPTIONAL = {EMBEDDINGS, OLLAMA}
"""Parties that an installation may lack."""
OF_THE_OPERATOR, OF_CERT_MANAGER = "postgres-operator", "acme-solver"
OF_OTHERS = {OF_THE_OPERATOR, OF_CERT_MANAGER}
"""The policies that are not the table's. cert-manager makes its pods itself, when it needs them."""
_INTERNET = "the internet"
_ANYBODY = "anybody"
_DNS = 53


def everything_else_is_refused(manifests: Manifests) -> Iterator[str]:
    refusing = [
        policy
        for policy in of_kind(manifests, "NetworkPolicy")
        if policy["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    ]
    if len(refusing) != 1:
        yield f"{len(refusing)} policies refuse everything by default"


def policies_say_what_the_table_says(manifests: Manifests) -> Iterator[str]:
    incoming, outgoing = _allowed(manifests, "ingress"), _allowed(manifests, "egress")
    wanted = [c for c in connections() if not {c.source, c.target} & {*ABSENT}]
    for connection in wanted:
        if _is_let_in(connection) and not {_said(connection), _said(connection, _ANYBODY)} & incoming:
            yield f"{connection} is not allowed at its target"
        if connection.source in OURS and _said(connection) not in outgoing:
            yield f"{connection} is not allowed at its source"
    known = {_said(connection) for connection in wanted}
    known |= {_said(connection, _ANYBODY) for connection in wanted if connection.source == PEOPLE}
    for source, target, port in sorted((incoming | outgoing) - known):
        yield f"{source} may talk to {target} at {port}, which is not in the table"


def peers_and_ports_are_there(manifests: Manifests) -> Iterator[str]:
    present = {_named(labels) for labels in pods(manifests).values()}
    for policy in of_kind(manifests, "NetworkPolicy"):
        if policy["spec"]["podSelector"] == {}:
            continue
        of_pods = any(selects(policy["spec"]["podSelector"], labels) for labels in pods(manifests).values())
        if not of_pods and name_of(policy) not in OPTIONAL | {OF_CERT_MANAGER}:
            yield f"{title(policy)} is of no pod"
        for peer in _peers(policy):
            if "podSelector" not in peer or "namespaceSelector" in peer:
                continue
            party = _named(peer["podSelector"]["matchLabels"])
            if party is not None and party not in present | OPTIONAL:
                yield f"{title(policy)} speaks of {party}, which is not there"


def names_can_be_looked_up(manifests: Manifests) -> Iterator[str]:
    for policy in of_kind(manifests, "NetworkPolicy"):
        rules = policy["spec"].get("egress", [])
        opens = [port["port"] for rule in rules for port in rule.get("ports", [])]
        if rules and _DNS not in opens:
            yield f"{title(policy)} lets out, but not to DNS"


def only_callers_of_models_and_telegram_reach_the_internet(manifests: Manifests) -> Iterator[str]:
    may = {c.source for c in connections() if c.target in {TELEGRAM, MODELS}}
    for source, target, _ in _allowed(manifests, "egress"):
        if target == _INTERNET and source not in may:
            yield f"{source} reaches the internet"
    for policy in of_kind(manifests, "NetworkPolicy"):
        for rule in policy["spec"].get("egress", []):
            if "to" not in rule and name_of(policy) != OF_THE_OPERATOR:
                yield f"{title(policy)} lets out to anywhere"


def _is_let_in(connection: Connection) -> bool:
    return connection.target in (OPEN_TO_PEOPLE if connection.source == PEOPLE else OURS)


def _said(connection: Connection, source: str | None = None) -> tuple[str, str, int]:
    """A connection in the words of policies."""
    target = _INTERNET if connection.leaves else connection.target
    return source or connection.source, target, connection.port


def _allowed(manifests: Manifests, direction: str) -> set[tuple[str, str, int]]:
    """Each connection that policies allow in a direction: source, target, port."""
    found: set[tuple[str, str, int]] = set()
    for policy in of_kind(manifests, "NetworkPolicy"):
        if name_of(policy) in OF_OTHERS or policy["spec"]["podSelector"] == {}:
            continue
        party = str(_named(policy["spec"]["podSelector"]["matchLabels"]))
        for rule in policy["spec"].get(direction, []):
            ports = {port["port"] for port in rule["ports"]}
            if ports == {_DNS}:
                continue
            peers = rule.get("from" if direction == "ingress" else "to")
            others = [_ANYBODY] if peers is None else [_party(peer) for peer in peers]
            pairs = [(o, party) if direction == "ingress" else (party, o) for o in others]
            found |= {(source, target, port) for source, target in pairs for port in ports}
    return found


def _named(labels: dict[str, str]) -> str | None:
    """The party that has these labels, or that is looked for by them; None when they name none."""
    known = (party for party, known_by in KNOWN_BY.items() if known_by.items() <= labels.items())
    return next(known, labels.get(NAME))


def _party(peer: Manifest) -> str:
    if "ipBlock" in peer:
        return _INTERNET
    labels = peer["podSelector"]["matchLabels"]
    if "namespaceSelector" not in peer:
        return str(_named(labels))
    namespace = peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
    return next(party for party, known in ELSEWHERE.items() if known == (namespace, labels))


def _peers(policy: Manifest) -> Iterator[dict[str, Any]]:
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for rule in policy["spec"].get(direction, []):
            yield from rule.get(side, [])
