"""The compose file: what compose itself accepts, and what it does not look at."""

import re
from itertools import product
from pathlib import Path

import pytest

from deploy.compose.secrets import files_of
from deploy.docker.sizing import MEMORY_MB
from deploy.settings import settings_of
from deploy.topology.network import OUTSIDE, connections
from deploy.topology.services import SERVICES
from tests.deploy.compose.composed import (
    FILE,
    ROOT,
    SECRETS,
    compose,
    containers,
    definition,
    image_of,
    mounts,
    networks,
    one_shots,
    servers,
)
from tests.deploy.compose.made_up import KNOWN

SETTINGS = {service.name: settings_of(service.name) for service in SERVICES}
WORKERS = SETTINGS.keys() - {"gateway"}
WITHOUT_SHELL = {"otel-collector", "jaeger"}
"""Images with one program in them, and nothing that could ask it how it is."""
ROOT_USERS = {"secrets", "ollama", "ollama-model"}
"""Who gives files to their owners, and whose image knows no other user."""


def test_compose_takes_it_and_refuses_a_bad_one(tmp_path: Path) -> None:
    assert compose("--profile", "*", "config", "-q").returncode == 0
    bad = tmp_path / "compose.yaml"
    bad.write_text(FILE.read_text().replace("mem_limit: 2g", "memory_limit: 2g"))
    assert compose("config", "-q", file=bad).returncode != 0


@pytest.mark.parametrize("service", SETTINGS)
def test_each_variable_is_a_setting_of_its_service(service: str) -> None:
    in_secrets = re.findall(r"export (TT_\w+)=", files_of(KNOWN)[f"{service}/env"])
    given = {name for name in containers()[service]["environment"] if name.startswith("TT_")}
    assert in_secrets
    assert not given & set(in_secrets)
    known = {f"TT_{name.upper()}" for name in SETTINGS[service].__struct_fields__}
    assert given | set(in_secrets) <= known


def test_each_mounted_file_is_there() -> None:
    sources = {mount["source"] for name in containers() for mount in mounts(name) if mount["type"] == "bind"}
    assert {str(ROOT / "deploy/telemetry/alerts.yaml"), str(ROOT / "deploy")} <= sources
    assert {source for source in sources if not Path(source).exists()} == set()


def test_each_image_is_pinned_and_ours_are_built_here() -> None:
    images = {each["image"] for each in containers().values()}
    assert {image for image in images if not re.search(r":v?\d+\.\d+", image)} == set()
    ours = {image for image in images if image.startswith("task-tracker-")}
    built = {each["image"] for each in containers().values() if "build" in each}
    assert ours == built
    # Nobody asks a registry for an image that is made here.
    for name, each in containers().items():
        if each["image"] in ours and "build" not in each:
            assert each["pull_policy"] == "never", name


def test_what_is_built_is_built_from_what_there_is() -> None:
    for name, each in containers().items():
        if "build" in each:
            build = each["build"]
            assert (Path(build["context"]) / build["dockerfile"]).is_file(), name
            if image_of(name) != "task-tracker-embeddings":
                assert f"task-tracker-{build['args']['SERVICE']}" == image_of(name)


@pytest.mark.parametrize("name", sorted(containers()))
def test_each_container_is_held_within_bounds(name: str) -> None:
    container = containers()[name]
    assert container["read_only"]
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert int(container["mem_limit"]) > 0
    assert container["pids_limit"] > 0
    assert container["logging"]["options"]["max-size"]
    assert container["restart"] == ("no" if name in one_shots() else "unless-stopped")
    assert "privileged" not in container
    runs_as_root = container.get("user", "").startswith("0") or (
        "user" not in container and not image_of(name).startswith("task-tracker-")
    )
    assert runs_as_root == (name in ROOT_USERS)


def test_services_have_the_memory_that_they_were_measured_with() -> None:
    for service, megabytes in MEMORY_MB.items():
        assert int(containers()[service]["mem_limit"]) >= megabytes << 20, service


def test_servers_say_how_they_are() -> None:
    with_check = {name for name in servers() if containers()[name].get("healthcheck", {}).get("test")}
    assert with_check == servers() - WITHOUT_SHELL


def test_who_stops_has_the_time_that_it_takes() -> None:
    start = (ROOT / "deploy/docker/bin/start-service").read_text()
    drain = int(re.findall(r"--worker-shutdown-timeout (\d+)", start)[0]) / 1000
    gateway = (ROOT / "services/gateway/__main__.py").read_text()
    grace = int(re.findall(r"^_GRACE = (\d+)", gateway, re.MULTILINE)[0])
    for worker in WORKERS:
        assert _seconds(containers()[worker]["stop_grace_period"]) >= drain + 10
    assert _seconds(containers()["gateway"]["stop_grace_period"]) >= grace + 5


def test_ports_are_of_this_machine_alone() -> None:
    ports = {name: each["ports"] for name, each in containers().items() if each.get("ports")}
    assert ports.keys() == {"gateway", "jaeger", "prometheus", "grafana"}
    assert {port["host_ip"] for listed in ports.values() for port in listed} == {"127.0.0.1"}


def test_no_secret_stands_in_the_file() -> None:
    for name, each in containers().items():
        suspicious = [
            variable
            for variable, value in (each.get("environment") or {}).items()
            if re.search(r"PASSWORD|SECRET|TOKEN|KEY|HASH", variable)
            and value
            and not str(value).startswith("/")
        ]
        assert suspicious == [], name


def test_each_party_sees_its_own_secrets_alone() -> None:
    own = {name: name for name in (*SETTINGS, "postgres", "prometheus", "grafana", "nats")}
    own |= {f"migrate-{name}": name for name in SETTINGS}
    own |= {"provisioning": "operator", "streams": "operator"}
    own |= {"sample": "door", "key": "door", "ollama-provider": "door"}
    for name in containers().keys() - {"secrets"}:
        seen = {mount["source"]: mount for mount in mounts(name) if mount["source"].startswith("secrets")}
        assert set(seen) == ({f"secrets-{own[name]}"} if name in own else set()), name
        assert all(mount["read_only"] for mount in seen.values()), name


def test_secrets_are_written_where_they_are_read() -> None:
    folders = {mount["target"].removeprefix("/secrets/") for mount in mounts("secrets")}
    assert {path.partition("/")[0] for path in files_of(KNOWN)} | {"kept"} <= folders
    for mount in mounts("secrets"):
        if mount["target"].startswith("/secrets/"):
            folder = mount["target"].removeprefix("/secrets/")
            assert mount["source"] == ("secrets" if folder == "kept" else f"secrets-{folder}")
    owned = containers()["secrets"]["entrypoint"]
    written = {mount["target"] for mount in mounts("secrets") if mount["target"].startswith("/volumes/")}
    assert written == {word for word in owned if word.startswith("/volumes/")}


def test_prometheus_and_grafana_find_what_their_files_name() -> None:
    prometheus = (ROOT / "deploy/telemetry/prometheus.yaml").read_text()
    targets = {mount["target"] for mount in mounts("prometheus")}
    for path in re.findall(r"(?:credentials_file: |  - )(/[\w/.]+)", prometheus):
        assert path in targets or (path == "/run/secrets/metrics_token" and "/run/secrets" in targets), path
    assert "prometheus/metrics_token" in files_of(KNOWN)
    named = set(re.findall(r"names: \[(.*)\]", prometheus))
    assert {name.strip() for names in named for name in names.split(",")} == set(SETTINGS)
    grafana = (ROOT / "deploy/telemetry/grafana/dashboards/task-tracker.yaml").read_text()
    assert re.findall(r"path: (\S+)", grafana)[0] in {mount["target"] for mount in mounts("grafana")}


def test_everything_waits_for_what_it_needs() -> None:
    def waits(name: str) -> dict[str, str]:
        return {
            other: how["condition"] for other, how in (containers()[name].get("depends_on") or {}).items()
        }

    done, healthy = "service_completed_successfully", "service_healthy"
    for service in SETTINGS:
        assert waits(service) == {"streams": done, f"migrate-{service}": done}
        assert waits(f"migrate-{service}") == {"provisioning": done}
    assert waits("provisioning") == {"postgres": healthy}
    assert waits("streams") == {"nats": healthy}
    for name in ("postgres", "nats", "prometheus", "grafana", "jaeger"):
        assert waits(name) == {"secrets": done}
    assert waits("sample") == dict.fromkeys([*SETTINGS, "embeddings"], healthy)


def test_those_share_a_network_who_have_to_talk() -> None:
    names = containers().keys() - {"secrets", "key"}
    party = {name: name for name in names}
    party |= {f"migrate-{name}": "migrations" for name in SETTINGS} | {"streams": "provisioning"}
    party |= {"ollama-provider": "sample", "ollama-model": "ollama"}
    allowed = {frozenset((each.source, each.target)) for each in connections()}
    # Those that use a server stand side by side on its network; none of them listens to the others.
    listening = names - SETTINGS.keys() - one_shots()
    for first, second in product(listening, names):
        may = party[first] == party[second] or frozenset((party[first], party[second])) in allowed
        do = bool((networks(first) & networks(second)) - {"doors", "internet"})
        assert may if do else (not may or second in one_shots()), (first, second)
    assert networks("provisioning") == {"database"}
    assert networks("streams") == {"messages"}
    assert networks("sample") == {"front"} <= networks("gateway")
    for worker in WORKERS:
        assert "front" not in networks(worker)


def test_only_those_reach_the_internet_who_have_to() -> None:
    leaving = {each.source for each in connections() if each.target in OUTSIDE}
    assert {name for name in containers() if "internet" in networks(name)} == leaving | {"ollama"}
    for name, network in definition()["networks"].items():
        options = network.get("driver_opts", {})
        if name == "internet":
            assert options == {"com.docker.network.bridge.enable_icc": "false"}
        elif name == "doors":
            assert options["com.docker.network.bridge.enable_ip_masquerade"] == "false"
            assert options["com.docker.network.bridge.enable_icc"] == "false"
        else:
            assert network["internal"], name
    for name, each in containers().items():
        if each.get("network_mode"):
            assert each["network_mode"] == "none", name


def test_the_services_find_nats_and_their_keys() -> None:
    for service in SETTINGS:
        environment = containers()[service]["environment"]
        assert environment["TT_NATS_URL"] == "nats://nats:4222"
        assert environment["TT_NATS_NKEY_FILE"] == f"{SECRETS}/nkey"
        assert f"{service}/nkey" in files_of(KNOWN)


def _seconds(duration: str) -> float:
    units = {"h": 3600, "m": 60, "s": 1}
    return sum(float(number) * units[unit] for number, unit in re.findall(r"([\d.]+)([hms])", duration))
