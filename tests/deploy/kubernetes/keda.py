"""What KEDA and the HorizontalPodAutoscaler make of a ScaledObject, in our own words.

The arithmetic is that of KEDA's scalers `nats-jetstream` and `metrics-api` and of its scaling modifiers, and
that of the autoscaler's `AverageValue` with its tolerance and its policies:
https://keda.sh/docs/latest/scalers/nats-jetstream/
https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import gjson

Ask = Callable[[str], dict[str, Any]]
"""Gets a URL of the cluster and reads the JSON of its answer."""

_TERNARY = re.compile(r"^(\w+) > (\d+) \? (\w+) : (\w+)$")
_TOLERANCE = 0.1


class NotSeenError(OSError):
    """A server's answer lacks what was looked for, as it may for a moment: this look came to nothing."""


@dataclass(frozen=True)
class Seen:
    """What a scaler saw of a queue.

    Attributes:
        lag: The value of the trigger `nats-jetstream`.
        leader: Who leads the consumer; empty when nobody does yet, None when there is no consumer.
        working: The value of the trigger `metrics-api`.
    """

    lag: int
    leader: str | None
    working: int


def look(scaler: dict[str, Any], ask: Ask) -> Seen:
    """Ask NATS what both triggers ask it.

    Raises:
        OSError: A server did not answer, or its answer is incomplete: KEDA gives this round up.
    """
    triggers = {trigger["name"]: trigger for trigger in scaler["spec"]["triggers"]}
    assert triggers["lag"]["type"] == "nats-jetstream"
    assert triggers["working"]["type"] == "metrics-api"
    lag, leader = _lag(triggers["lag"]["metadata"], ask)
    return Seen(lag, leader, _value(triggers["working"]["metadata"], ask))


def wanted(scaler: dict[str, Any], seen: Seen) -> int:
    """Replicas that the composed metric asks for, in the end."""
    return _clamped(scaler, math.ceil(composed(scaler, seen) / _target(scaler)))


def wanted_of_lag_alone(scaler: dict[str, Any], seen: Seen) -> int:
    """What the trigger `nats-jetstream` would ask for by itself."""
    return _clamped(scaler, math.ceil(seen.lag / _target(scaler)))


def next_step(scaler: dict[str, Any], seen: Seen, current: int) -> int:
    """Replicas after the autoscaler's next decision, when it raised nothing within the last period."""
    value, target = composed(scaler, seen), _target(scaler)
    if abs(value / (target * current) - 1) <= _TOLERANCE:
        return current
    desired = _clamped(scaler, math.ceil(value / target))
    behaviour = scaler["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
    rules = behaviour["scaleUp" if desired > current else "scaleDown"]["policies"]
    steps: list[int] = [
        r["value"] if r["type"] == "Pods" else math.ceil(current * r["value"] / 100) for r in rules
    ]
    return max(current - max(steps), min(desired, current + max(steps)))


def composed(scaler: dict[str, Any], seen: Seen) -> int:
    """The formula's value."""
    formula = scaler["spec"]["advanced"]["scalingModifiers"]["formula"]
    found = _TERNARY.match(formula)
    assert found, f"these tests cannot read {formula!r}"
    values = {"lag": seen.lag, "working": seen.working, "0": 0}
    return values[found[3]] if values[found[1]] > int(found[2]) else values[found[4]]


def _target(scaler: dict[str, Any]) -> int:
    return int(scaler["spec"]["advanced"]["scalingModifiers"]["target"])


def _clamped(scaler: dict[str, Any], replicas: int) -> int:
    spec = scaler["spec"]
    return int(max(spec["minReplicaCount"], min(spec["maxReplicaCount"], replicas)))


def _value(metadata: dict[str, Any], ask: Ask) -> int:
    found = gjson.get(ask(metadata["url"]), metadata["valueLocation"])
    if not isinstance(found, int):
        raise NotSeenError(f"valueLocation must point to a number, not {found!r}")
    return found


def _lag(metadata: dict[str, Any], ask: Ask) -> tuple[int, str | None]:
    endpoint, account = metadata["natsServerMonitoringEndpoint"], metadata["account"]
    query = f"/jsz?acc={account}&consumers=true&config=true"
    first = ask(f"http://{endpoint}{query}")
    if first.get("meta_cluster", {}).get("cluster_size", 0) <= 1:
        return _of(first, metadata)
    server = ask(f"http://{endpoint}/varz")
    if server.get("connect_urls"):
        raise AssertionError(f"servers advertise addresses that are no names: {server['connect_urls']}")
    for url in [server["server_name"], *server["cluster"]["urls"]]:
        node = url.partition(".")[0]
        answer = ask(f"http://{node}.{endpoint}{query}")
        lag, leader = _of(answer, metadata)
        if leader == node:
            return lag, leader
    return _of(first, metadata)


def _of(answer: dict[str, Any], metadata: dict[str, Any]) -> tuple[int, str | None]:
    streams = [
        stream
        for account in answer.get("account_details", [])
        if account["name"] == metadata["account"]
        for stream in account.get("stream_detail", [])
        if stream["name"] == metadata["stream"]
    ]
    if len(streams) != 1:
        raise NotSeenError(f"stream {metadata['stream']} was not found")
    for consumer in streams[0].get("consumer_detail", []):
        if consumer["name"] == metadata["consumer"]:
            return consumer["num_pending"] + consumer["num_ack_pending"], consumer["cluster"].get(
                "leader", ""
            )
    return streams[0]["state"]["last_seq"], None


def host_and_port(url: str) -> tuple[str, int]:
    """Of a URL."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port
