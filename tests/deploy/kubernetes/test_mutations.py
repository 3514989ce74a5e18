"""Manifests with one thing wrong: the check that is to find it does, so that a green one means something."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from deploy.kubernetes.rendered import overlay
from tests.deploy.kubernetes.breaking import container, env, get, remove, rule, settings, spec
from tests.deploy.kubernetes.checks.every import CHECKS
from tests.deploy.kubernetes.checks.objects import Manifest, pod_of

Mutation = Callable[[list[Manifest]], object]


_NAME = "app.kubernetes.io/name"

MUTATIONS: dict[str, list[Mutation]] = {
    "selectors": [
        lambda m: spec(m, "Deployment", "scoring")["selector"]["matchLabels"].update({_NAME: "nobody"})
    ],
    "services": [
        lambda m: spec(m, "Service", "gateway")["selector"].update({_NAME: "gatewy"}),
        lambda m: spec(m, "Service", "nats")["ports"][0].update(targetPort="clients"),
    ],
    "budgets": [
        lambda m: spec(m, "PodDisruptionBudget", "nats")["selector"]["matchLabels"].update({_NAME: "x"}),
        lambda m: spec(m, "PodDisruptionBudget", "nats").update(maxUnavailable=0),
    ],
    "completeness": [
        lambda m: remove(m, "PodDisruptionBudget", "scoring"),
        lambda m: remove(m, "Job", "migrate-analysis"),
    ],
    "scalers": [
        lambda m: spec(m, "ScaledObject", "scoring")["scaleTargetRef"].update(name="scorer"),
        lambda m: spec(m, "ScaledObject", "scoring")["scaleTargetRef"].update(name="embedding"),
        lambda m: spec(m, "Deployment", "scoring").update(replicas=3),
    ],
    "monitors": [
        lambda m: spec(m, "PodMonitor", "gateway")["podMetricsEndpoints"][0].update(port="https"),
        lambda m: spec(m, "PodMonitor", "gateway")["selector"]["matchLabels"].update({_NAME: "door"}),
    ],
    "for all": [
        lambda m: remove(m, "ScaledObject", "analysis"),
        lambda m: remove(m, "PodMonitor", "gateway"),
        lambda m: pod_of(get(m, "Deployment", "scoring")).pop("topologySpreadConstraints"),
    ],
    "spread": [
        lambda m: pod_of(get(m, "Deployment", "scoring"))["topologySpreadConstraints"][0]["labelSelector"][
            "matchLabels"
        ].update({_NAME: "embedding"}),
    ],
    "references": [
        lambda m: container(m)["envFrom"][0]["configMapRef"].update(name="settings"),
        lambda m: env(m, "DATABASE_PASSWORD")["valueFrom"]["secretKeyRef"].update(key="password"),
        lambda m: pod_of(get(m, "Deployment", "scoring"))["volumes"][0]["secret"].update(secretName="nkeys"),
    ],
    "secrets of others": [
        lambda m: spec(m, "PodMonitor", "gateway")["podMetricsEndpoints"][0]["authorization"][
            "credentials"
        ].update(key="TOKEN"),
    ],
    "no secrets": [
        lambda m: m.append({"kind": "Secret", "metadata": {"name": "oops"}, "stringData": {"key": "x"}}),
        lambda m: container(m, "gateway")["env"].append({"name": "TT_WEBHOOK_SECRET", "value": "abc"}),
    ],
    "volumes": [lambda m: container(m)["volumeMounts"][0].update(name="temporary")],
    "accounts": [
        lambda m: remove(m, "ServiceAccount", "knowledge"),
        lambda m: remove(m, "PriorityClass", "task-tracker-door"),
        lambda m: spec(m, "StatefulSet", "nats").update(serviceName="nats-headless"),
    ],
    "backups": [
        lambda m: spec(m, "ScheduledBackup", "postgres-daily")["cluster"].update(name="postgresql"),
        lambda m: spec(m, "ScheduledBackup", "postgres-daily").update(schedule="30 2 * * *"),
        lambda m: spec(m, "Cluster", "postgres")["plugins"][0]["parameters"].update(barmanObjectName="s3"),
    ],
    "fields": [
        lambda m: spec(m, "ScaledObject", "scoring")["triggers"][0]["metadata"].update(lagTreshold="5"),
        lambda m: spec(m, "Cluster", "postgres")["postgresql"]["synchronous"].update(durability="preferred"),
    ],
    "restricted": [
        lambda m: container(m)["securityContext"].update(readOnlyRootFilesystem=False),
        lambda m: pod_of(get(m, "Job", "provision"))["securityContext"].pop("runAsUser"),
        lambda m: pod_of(get(m, "Deployment", "scoring")).pop("enableServiceLinks"),
    ],
    "resources": [
        lambda m: container(m)["resources"].pop("limits"),
        lambda m: container(m)["resources"]["limits"].update(memory="1Mi"),
    ],
    "quantities": [lambda m: container(m)["resources"]["limits"].update(memory="512MB")],
    "probes": [
        lambda m: container(m)["readinessProbe"]["httpGet"].update(port="health"),
        lambda m: container(m).pop("readinessProbe"),
    ],
    "grace": [
        lambda m: pod_of(get(m, "Deployment", "scoring")).update(terminationGracePeriodSeconds=30),
        lambda m: pod_of(get(m, "Deployment", "gateway")).update(terminationGracePeriodSeconds=28),
    ],
    "roll-outs": [
        lambda m: spec(m, "Deployment", "scoring")["strategy"]["rollingUpdate"].update(maxUnavailable=1)
    ],
    "pinned": [
        lambda m: container(m).update(image="task-tracker-scoring:latest"),
        lambda m: container(m, "nats", "StatefulSet").update(image="nats:2"),
    ],
    "versions": [lambda m: container(m).update(image="task-tracker-scoring:0.2.0")],
    "settings": [
        lambda m: settings(m, "settings-").update(TT_LOG_LEVL="INFO"),
        lambda m: settings(m, "knowledge-settings-").update(TT_THRESHOLD="many"),
        # Expanded only when it stands before.
        lambda m: container(m)["env"].reverse(),
    ],
    "ports": [
        lambda m: settings(m, "scoring-settings-").update(TT_HEALTH_PORT="8081"),
        lambda m: container(m, "gateway")["ports"][0].update(containerPort=8080),
        lambda m: settings(m, "settings-").update(TT_NATS_NKEY_FILE="/run/secrets/nkey"),
    ],
    "addresses": [
        lambda m: settings(m, "settings-").update(
            TT_NATS_URL="nats://nats-0.nats:4222,nats://nats-3.nats:4222"
        ),
        lambda m: settings(m, "settings-").update(TT_OTLP_ENDPOINT="http://otel-collector:4319"),
        lambda m: env(m, "TT_DATABASE_URL").update(
            value="postgresql://tt_scoring:x@postgres:5432/tasktracker"
        ),
    ],
    "health": [
        lambda m: settings(m, "gateway-settings-").update(TT_HEALTH_URLS="scoring=http://scoring:8080"),
    ],
    "connections": [lambda m: settings(m, "settings-").update(TT_POOL_SIZE="12")],
    "refusing": [lambda m: remove(m, "NetworkPolicy", "refuse-all")],
    "table": [
        lambda m: rule(m, "scoring", "egress", 4222)["ports"][0].update(port=4223),
        lambda m: spec(m, "NetworkPolicy", "postgres")["ingress"].clear(),
        lambda m: rule(m, "postgres", "ingress", 5432)["from"].append(
            {"podSelector": {"matchLabels": {_NAME: "jaeger"}}}
        ),
    ],
    "peers": [
        lambda m: rule(m, "scoring", "egress", 4222)["to"][0]["podSelector"]["matchLabels"].update(
            {_NAME: "nat"}
        ),
        lambda m: remove(m, "StatefulSet", "jaeger"),
    ],
    "names": [lambda m: spec(m, "NetworkPolicy", "scoring")["egress"].pop()],
    "internet": [
        lambda m: spec(m, "NetworkPolicy", "scoring")["egress"].append(
            {"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [{"port": 443}]}
        ),
        lambda m: spec(m, "NetworkPolicy", "gateway")["egress"].append({"ports": [{"port": 443}]}),
    ],
}


def _each() -> Iterator[Any]:
    for check, mutations in MUTATIONS.items():
        for place, mutation in enumerate(mutations, 1):
            yield pytest.param(check, mutation, id=f"{check} {place}")


@pytest.mark.parametrize(("check", "mutation"), [*_each()])
def test_what_is_wrong_is_found(check: str, mutation: Mutation) -> None:
    manifests = copy.deepcopy(list(overlay("production")))
    mutation(manifests)
    assert [*CHECKS[check](manifests)], "the check finds nothing"


def test_every_check_is_known_to_fail() -> None:
    assert {*MUTATIONS} == {*CHECKS}
