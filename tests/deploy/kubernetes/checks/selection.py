"""What selects pods selects those that it is for, and what names another object names one that is there."""

from collections.abc import Iterator

from tests.deploy.kubernetes.checks.objects import (
    Manifest,
    Manifests,
    labels_of,
    name_of,
    names,
    of_kind,
    pod_of,
    selected,
    selects,
    title,
)

NAME = "app.kubernetes.io/name"


def workloads_select_their_own_pods(manifests: Manifests) -> Iterator[str]:
    for workload in of_kind(manifests, "Deployment", "StatefulSet"):
        found = selected(workload["spec"]["selector"], manifests)
        if found != [title(workload)]:
            yield f"{title(workload)} selects the pods of {found}"


def services_lead_to_one_workload_and_its_ports(manifests: Manifests) -> Iterator[str]:
    for service in of_kind(manifests, "Service"):
        found = selected({"matchLabels": service["spec"]["selector"]}, manifests)
        if len(found) != 1:
            yield f"{title(service)} selects the pods of {found}"
            continue
        workload = next(
            each for each in of_kind(manifests, "Deployment", "StatefulSet") if title(each) == found[0]
        )
        open_ports = {port["name"] for c in pod_of(workload)["containers"] for port in c.get("ports", [])}
        for port in service["spec"]["ports"]:
            if port["targetPort"] not in open_ports:
                yield f"{title(service)} sends to port {port['targetPort']}, and {found[0]} has {open_ports}"


def disruption_budgets_select_pods_and_let_one_go(manifests: Manifests) -> Iterator[str]:
    for budget in of_kind(manifests, "PodDisruptionBudget"):
        spec = budget["spec"]
        if len(selected(spec["selector"], manifests)) != 1:
            yield f"{title(budget)} selects {selected(spec['selector'], manifests)}"
        if "minAvailable" in spec or int(spec["maxUnavailable"]) < 1:
            yield f"{title(budget)} may forbid every eviction: its machine could never be drained"


def services_of_ours_have_all_that_belongs_to_them(
    manifests: Manifests, services: list[str]
) -> Iterator[str]:
    for kind in ("Deployment", "Service", "ServiceAccount", "PodDisruptionBudget", "NetworkPolicy"):
        missing = sorted({*services} - names(manifests, kind))
        if missing:
            yield f"no {kind} for {missing}"
    for service in services:
        if f"migrate-{service}" not in names(manifests, "Job"):
            yield f"no migration of {service}"
        if not any(name.startswith(f"{service}-settings-") for name in names(manifests, "ConfigMap")):
            yield f"no ConfigMap of {service}"


def scalers_scale_what_is_there_and_nobody_else_does(manifests: Manifests) -> Iterator[str]:
    scaled: list[str] = []
    for scaler in of_kind(manifests, "ScaledObject", "HorizontalPodAutoscaler"):
        target = scaler["spec"]["scaleTargetRef"]
        if target["name"] not in names(manifests, target.get("kind", "Deployment")):
            yield f"{title(scaler)} scales {target['name']}, which is not there"
        scaled.append(target["name"])
    for name in {name for name in scaled if scaled.count(name) > 1}:
        yield f"{name} is scaled twice"
    for deployment in of_kind(manifests, "Deployment"):
        if name_of(deployment) in scaled and "replicas" in deployment["spec"]:
            yield f"{title(deployment)} says how many replicas, and a scaler does too"


def monitors_find_the_pods_and_their_port(manifests: Manifests) -> Iterator[str]:
    for monitor in of_kind(manifests, "PodMonitor"):
        workloads = [
            each
            for each in of_kind(manifests, "Deployment", "StatefulSet")
            if selects(monitor["spec"]["selector"], labels_of(each))
        ]
        if not workloads:
            yield f"{title(monitor)} selects nothing"
        for endpoint in monitor["spec"]["podMetricsEndpoints"]:
            for workload in workloads:
                ports = {port["name"] for c in pod_of(workload)["containers"] for port in c.get("ports", [])}
                if endpoint["port"] not in ports:
                    yield f"{title(monitor)}: {title(workload)} has no port {endpoint['port']}"


def what_is_done_for_one_service_is_done_for_all(manifests: Manifests, services: list[str]) -> Iterator[str]:
    """Scaling, spreading and watching: an overlay does it for all of them, or for none."""
    ours = [each for each in of_kind(manifests, "Deployment") if name_of(each) in services]
    monitors = [*of_kind(manifests, "PodMonitor")]
    scalers = [*of_kind(manifests, "ScaledObject", "HorizontalPodAutoscaler")]
    scaled = {scaler["spec"]["scaleTargetRef"]["name"] for scaler in scalers}
    spread = [each for each in ours if pod_of(each).get("topologySpreadConstraints")]
    for deployment in ours:
        watched = any(selects(monitor["spec"]["selector"], labels_of(deployment)) for monitor in monitors)
        if monitors and not watched:
            yield f"{title(deployment)} is not watched"
        if scalers and name_of(deployment) not in scaled:
            yield f"{title(deployment)} is not scaled"
        if spread and deployment not in spread:
            yield f"{title(deployment)} is not spread"


def replicas_keep_away_from_each_other(manifests: Manifests) -> Iterator[str]:
    """What spreads or keeps apart goes by labels of the very pods that say so."""
    for workload in of_kind(manifests, "Deployment", "StatefulSet"):
        for selector in _selectors_of_own_kind(workload):
            if not selects(selector, labels_of(workload)):
                yield f"{title(workload)} keeps away from {selector}, which it is not"


def _selectors_of_own_kind(workload: Manifest) -> Iterator[Manifest]:
    pod = pod_of(workload)
    for constraint in pod.get("topologySpreadConstraints", []):
        yield constraint["labelSelector"]
    anti = pod.get("affinity", {}).get("podAntiAffinity", {})
    for term in anti.get("requiredDuringSchedulingIgnoredDuringExecution", []):
        yield term["labelSelector"]
