"""ConfigMaps, Secrets and other objects that are referred to are there, or made as the documentation says."""

from collections.abc import Iterator

from deploy.kubernetes.secrets import BY_HAND, new_objects
from tests.deploy.kubernetes.checks.objects import (
    WORKLOADS,
    Manifest,
    Manifests,
    containers_of,
    every_value,
    name_of,
    names,
    of_kind,
    pod_of,
    title,
)

BUILT_IN_CLASSES = {"system-cluster-critical", "system-node-critical"}


def what_is_made(manifests: Manifests) -> dict[tuple[str, str], set[str]]:
    """The keys of every ConfigMap and Secret that there is, by kind and name, whoever makes it."""
    made = {("ConfigMap", name_of(m)): {*m.get("data", {})} for m in of_kind(manifests, "ConfigMap")}
    clusters = [*of_kind(manifests, "Cluster")]
    for each in new_objects(superuser=not clusters):
        made[each["kind"], name_of(each)] = {*each.get("stringData", {}), *each.get("data", {})}
    for cluster in clusters:
        if cluster["spec"].get("enableSuperuserAccess"):
            made["Secret", f"{name_of(cluster)}-superuser"] = {"username", "password"}
    return made | {("Secret", name): {*keys} for name, keys in BY_HAND.items()}


def references(workload: Manifest) -> Iterator[tuple[str, str, str | None]]:
    """Each ConfigMap or Secret that a workload refers to: kind, name, and key when it names one."""
    containers = containers_of(workload)
    for whole in (whole for container in containers for whole in container.get("envFrom", [])):
        for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            if field in whole:
                yield kind, whole[field]["name"], None
    for entry in (entry for container in containers for entry in container.get("env", [])):
        for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
            if field in (source := entry.get("valueFrom", {})):
                yield kind, source[field]["name"], source[field]["key"]
    yield from _of_volumes(pod_of(workload).get("volumes", []))


def _of_volumes(volumes: list[Manifest]) -> Iterator[tuple[str, str, str | None]]:
    for volume in volumes:
        if "configMap" in volume:
            yield "ConfigMap", volume["configMap"]["name"], None
        for item in volume.get("secret", {}).get("items", []):
            yield "Secret", volume["secret"]["secretName"], item["key"]


def config_maps_and_secrets_are_there(manifests: Manifests) -> Iterator[str]:
    made = what_is_made(manifests)
    for workload in of_kind(manifests, *WORKLOADS):
        for kind, name, key in references(workload):
            if (kind, name) not in made:
                yield f"{title(workload)} needs {kind} {name}, which nobody makes"
            elif key is not None and key not in made[kind, name]:
                yield f"{title(workload)} needs {key} of {kind} {name}, which has {sorted(made[kind, name])}"


def secrets_of_other_objects_are_there(manifests: Manifests) -> Iterator[str]:
    made = what_is_made(manifests)
    for manifest in of_kind(manifests, "PodMonitor", "ObjectStore"):
        for reference in [
            *every_value(manifest, "credentials"),
            *every_value(manifest, "accessKeyId"),
            *every_value(manifest, "secretAccessKey"),
        ]:
            if reference["key"] not in made.get(("Secret", reference["name"]), set()):
                yield f"{title(manifest)} needs {reference}, which nobody makes"


def no_secret_is_in_the_manifests(manifests: Manifests) -> Iterator[str]:
    for secret in of_kind(manifests, "Secret"):
        yield f"{title(secret)} is in the manifests: refer to it, and make it apart"
    for workload in of_kind(manifests, *WORKLOADS):
        for container in containers_of(workload):
            for entry in container.get("env", []):
                suspicious = any(
                    word in entry["name"] for word in ("PASSWORD", "SECRET", "TOKEN", "KEYS", "API_KEY")
                )
                if suspicious and "value" in entry:
                    yield f"{title(workload)}: {entry['name']} is written down"


def volumes_are_mounted_and_there(manifests: Manifests) -> Iterator[str]:
    for workload in of_kind(manifests, *WORKLOADS):
        there = {volume["name"] for volume in pod_of(workload).get("volumes", [])}
        there |= {claim["metadata"]["name"] for claim in workload["spec"].get("volumeClaimTemplates", [])}
        mounted = {
            m["name"] for container in containers_of(workload) for m in container.get("volumeMounts", [])
        }
        if there != mounted:
            yield f"{title(workload)} has the volumes {sorted(there)} and mounts {sorted(mounted)}"


def accounts_priorities_and_services_are_there(manifests: Manifests) -> Iterator[str]:
    classes = names(manifests, "PriorityClass") | BUILT_IN_CLASSES
    for workload in of_kind(manifests, *WORKLOADS):
        pod = pod_of(workload)
        if pod["serviceAccountName"] not in names(manifests, "ServiceAccount"):
            yield f"{title(workload)} runs as {pod['serviceAccountName']}, which is not there"
        if pod.get("priorityClassName") not in {None, *classes}:
            yield f"{title(workload)} has the priority {pod['priorityClassName']}, which is not there"
        governing = workload["spec"].get("serviceName")
        if governing is not None and governing not in names(manifests, "Service"):
            yield f"{title(workload)} is governed by Service {governing}, which is not there"
    for cluster in of_kind(manifests, "Cluster"):
        if cluster["spec"]["priorityClassName"] not in classes:
            yield f"{title(cluster)} has a priority that is not there"


def backups_are_of_the_cluster_and_go_where_one_is_described(manifests: Manifests) -> Iterator[str]:
    stores, clusters = names(manifests, "ObjectStore"), names(manifests, "Cluster")
    for cluster in of_kind(manifests, "Cluster"):
        archivers = [plugin for plugin in cluster["spec"]["plugins"] if plugin.get("isWALArchiver")]
        if len(archivers) != 1:
            yield f"{title(cluster)} archives its WAL {len(archivers)} times"
        for plugin in archivers:
            if plugin["parameters"]["barmanObjectName"] not in stores:
                yield f"{title(cluster)} archives to {plugin['parameters']['barmanObjectName']}"
    for backup in of_kind(manifests, "ScheduledBackup"):
        if backup["spec"]["cluster"]["name"] not in clusters:
            yield f"{title(backup)} is of no cluster"
        if len(backup["spec"]["schedule"].split()) != 6:
            yield f"{title(backup)}: its schedule has six fields, the first are seconds"
