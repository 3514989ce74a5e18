"""The environment that a container gets, and whether its service would start with it."""

from collections.abc import Iterator

from deploy.kubernetes.secrets import new_objects
from deploy.settings import settings_of
from shared.service.settings import ServiceSettings, SettingsError, read_settings
from tests.deploy.kubernetes.checks.objects import Manifest, Manifests, name_of, of_kind, pod_of, title

_BY_HAND = {"TT_TELEGRAM_API_ID": "12345", "TT_TELEGRAM_API_HASH": "0123456789abcdef" * 2}


def environment_of(deployment: Manifest, manifests: Manifests) -> dict[str, str]:
    """What the first container of a Deployment gets, with secrets made up as the documentation says."""
    maps = {name_of(each): each.get("data", {}) for each in of_kind(manifests, "ConfigMap")}
    secrets = {name_of(m): m["stringData"] for m in new_objects(superuser=True) if m["kind"] == "Secret"}
    secrets["telegram-api"] = _BY_HAND
    container = pod_of(deployment)["containers"][0]
    found: dict[str, str] = {}
    for whole in container.get("envFrom", []):
        found |= maps[whole["configMapRef"]["name"]]
    for entry in container.get("env", []):
        if "value" in entry:
            found[entry["name"]] = _expanded(entry["value"], found)
        else:
            source = entry["valueFrom"]["secretKeyRef"]
            found[entry["name"]] = secrets[source["name"]][source["key"]]
    return found


def _expanded(value: str, before: dict[str, str]) -> str:
    """As Kubernetes does it: only what stands earlier is known."""
    for name, text in before.items():
        value = value.replace(f"$({name})", text)
    return value


def settings_read_from(deployment: Manifest, manifests: Manifests) -> ServiceSettings:
    return read_settings(settings_of(name_of(deployment)), environment_of(deployment, manifests))


def services_start_with_what_they_are_told(manifests: Manifests, services: list[str]) -> Iterator[str]:
    """Every TT_ variable is a setting of the very service, and its value fits; the password is in the URL."""
    for deployment in of_kind(manifests, "Deployment"):
        if name_of(deployment) not in services:
            continue
        try:
            settings = settings_read_from(deployment, manifests)
        except (SettingsError, KeyError) as error:
            yield f"{title(deployment)}: {error}"
            continue
        if "$(" in settings.database_url or f"//tt_{name_of(deployment)}:" not in settings.database_url:
            yield f"{title(deployment)} reaches the database as somebody else: {settings.database_url}"


def ports_are_those_of_the_code(manifests: Manifests, services: list[str]) -> Iterator[str]:
    for deployment in of_kind(manifests, "Deployment"):
        name = name_of(deployment)
        if name not in services:
            continue
        settings = settings_read_from(deployment, manifests)
        wanted = getattr(settings, "gateway_port", None) or settings.health_port
        open_ports = [port["containerPort"] for port in pod_of(deployment)["containers"][0]["ports"]]
        if open_ports != [wanted]:
            yield f"{title(deployment)} opens {open_ports}, and its code listens on {wanted}"
        if settings.nats_nkey_file != _nkey_path(deployment):
            yield f"{title(deployment)} looks for its NKEY at {settings.nats_nkey_file}"


def _nkey_path(deployment: Manifest) -> str | None:
    pod = pod_of(deployment)
    volume = next(each for each in pod["volumes"] if each["name"] == "nkey")
    mounts = {mount["name"]: mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]}
    if volume["secret"]["secretName"] != f"{name_of(deployment)}-credentials":
        return None
    return f"{mounts['nkey']}/{volume['secret']['items'][0]['path']}"


def database_connections_are_enough(manifests: Manifests, services: list[str]) -> Iterator[str]:
    """Postgres has room for every replica there may be, with one more of each during a roll-out."""
    limits = [
        int(cluster["spec"]["postgresql"]["parameters"]["max_connections"])
        for cluster in of_kind(manifests, "Cluster")
    ]
    limits += [
        int(argument.removeprefix("max_connections="))
        for workload in of_kind(manifests, "StatefulSet")
        for container in pod_of(workload)["containers"]
        for argument in container.get("args", [])
        if argument.startswith("max_connections=")
    ]
    most = {
        scaler["spec"]["scaleTargetRef"]["name"]: scaler["spec"].get("maxReplicaCount")
        or scaler["spec"]["maxReplicas"]
        for scaler in of_kind(manifests, "ScaledObject", "HorizontalPodAutoscaler")
    }
    wanted = 0
    for deployment in of_kind(manifests, "Deployment"):
        if (name := name_of(deployment)) in services:
            replicas = most.get(name) or deployment["spec"]["replicas"]
            # A worker has two processes: the one that works, and the one that relays and answers.
            processes = 1 if name == "gateway" else 2
            wanted += (replicas + 1) * processes * settings_read_from(deployment, manifests).pool_size
    # Some are for administrators, replication and migrations.
    if limits != [limit for limit in limits if wanted + 20 <= limit] or len(limits) != 1:
        yield f"the services may open {wanted} connections, and Postgres takes {limits}"
