"""The fields of operators' objects that the manifests use, as the operators' documentation names them.

No package has these operators' schemas in a form that refuses what it does not know, and an API server drops
a misspelt field in silence: here it is found.
"""

from collections.abc import Iterator
from typing import Any, Final

from tests.deploy.kubernetes.checks.objects import Manifests, of_kind, title

_ANY: Final[dict[str, Any]] = {"*": None}
_SECRET_KEY: Final = {"name": None, "key": None}
_RULES: Final = {
    "stabilizationWindowSeconds": None,
    "selectPolicy": None,
    "policies": {"type": None, "value": None, "periodSeconds": None},
}

SHAPES: Final[dict[str, dict[str, Any]]] = {
    # https://keda.sh/docs/latest/reference/scaledobject-spec/
    "ScaledObject": {
        "scaleTargetRef": {"name": None},
        "minReplicaCount": None,
        "maxReplicaCount": None,
        "pollingInterval": None,
        "cooldownPeriod": None,
        "fallback": {"failureThreshold": None, "replicas": None, "behavior": None},
        "advanced": {
            "restoreToOriginalReplicaCount": None,
            "scalingModifiers": {"formula": None, "target": None, "metricType": None},
            "horizontalPodAutoscalerConfig": {"behavior": {"scaleUp": _RULES, "scaleDown": _RULES}},
        },
        "triggers": {
            "type": None,
            "name": None,
            "metadata": {
                # https://keda.sh/docs/latest/scalers/nats-jetstream/ and …/metrics-api/
                "natsServerMonitoringEndpoint": None,
                "account": None,
                "stream": None,
                "consumer": None,
                "lagThreshold": None,
                "url": None,
                "valueLocation": None,
                "targetValue": None,
            },
        },
    },
    # https://cloudnative-pg.io/documentation/current/cloudnative-pg.v1/
    "Cluster": {
        "instances": None,
        "imageName": None,
        "inheritedMetadata": {"labels": _ANY},
        "enableSuperuserAccess": None,
        "bootstrap": {
            "initdb": {
                "database": None,
                "owner": None,
                "encoding": None,
                "localeCollate": None,
                "localeCType": None,
            }
        },
        "postgresql": {
            "parameters": _ANY,
            "synchronous": {"method": None, "number": None, "dataDurability": None},
        },
        "primaryUpdateStrategy": None,
        "primaryUpdateMethod": None,
        "stopDelay": None,
        "switchoverDelay": None,
        "enablePDB": None,
        "affinity": {"enablePodAntiAffinity": None, "podAntiAffinityType": None, "topologyKey": None},
        "priorityClassName": None,
        "storage": {"size": None},
        "walStorage": {"size": None},
        "resources": {"requests": _ANY, "limits": _ANY},
        "plugins": {"name": None, "isWALArchiver": None, "parameters": {"barmanObjectName": None}},
    },
    "ScheduledBackup": {
        "schedule": None,
        "immediate": None,
        "backupOwnerReference": None,
        "cluster": {"name": None},
        "method": None,
        "pluginConfiguration": {"name": None},
    },
    # https://cloudnative-pg.io/plugin-barman-cloud/docs/plugin-barman-cloud.v1/
    "ObjectStore": {
        "retentionPolicy": None,
        "configuration": {
            "destinationPath": None,
            "endpointURL": None,
            "s3Credentials": {"accessKeyId": _SECRET_KEY, "secretAccessKey": _SECRET_KEY},
            "wal": {"compression": None, "maxParallel": None},
            "data": {"compression": None, "jobs": None},
        },
    },
    # https://prometheus-operator.dev/docs/api-reference/api/
    "PodMonitor": {
        "selector": {
            "matchLabels": _ANY,
            "matchExpressions": {"key": None, "operator": None, "values": None},
        },
        "podMetricsEndpoints": {
            "port": None,
            "path": None,
            "interval": None,
            "scrapeTimeout": None,
            "authorization": {"credentials": _SECRET_KEY},
            "relabelings": {"targetLabel": None, "replacement": None, "sourceLabels": None},
        },
    },
    "PrometheusRule": {
        "groups": {
            "name": None,
            "interval": None,
            "rules": {
                "alert": None,
                "record": None,
                "expr": None,
                "for": None,
                "keep_firing_for": None,
                "labels": _ANY,
                "annotations": _ANY,
            },
        }
    },
}


def fields_are_known_to_the_operators(manifests: Manifests) -> Iterator[str]:
    for kind, shape in SHAPES.items():
        for manifest in of_kind(manifests, kind):
            for path in _unknown(manifest["spec"], shape, "spec"):
                yield f"{title(manifest)}: {path} is no field that the operator knows"


def _unknown(value: Any, shape: dict[str, Any] | None, path: str) -> Iterator[str]:
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from _unknown(item, shape, f"{path}[{place}]")
    elif isinstance(value, dict) and shape is not None:
        for key, inner in value.items():
            if key not in shape and "*" not in shape:
                yield f"{path}.{key}"
            else:
                yield from _unknown(inner, shape.get(key), f"{path}.{key}")
