"""What compose runs beside the services: the embedding server, and the making of secrets."""

import stat
from pathlib import Path

import pytest

from deploy.docker.engine import Engine
from deploy.docker.images import ROOT, Image
from tests.deploy.compose.composed import containers
from tests.deploy.containers.containers import is_healthy
from tests.system import wait_for

pytestmark = pytest.mark.timeout(900)

NAME = "task-tracker-embeddings:test"
LIMITS = ("--read-only", "--read-only-tmpfs=false", "--cap-drop=ALL", "--security-opt", "no-new-privileges")
ASK = """
import json, urllib.request
body = json.dumps({"model": "e5-query", "input": ["чому пошук думає так довго?"]}).encode()
request = urllib.request.Request("http://127.0.0.1:8080/v1/embeddings", body)
request.add_header("Content-Type", "application/json")
print(len(json.load(urllib.request.urlopen(request, timeout=30))["data"][0]["embedding"]))
"""


def test_the_embedding_server_makes_vectors_in_its_container(engine: Engine, tmp_path: Path) -> None:
    folder = ROOT / "deploy/compose/embeddings"
    engine.ask("build", *engine.build, "-t", NAME, str(folder))
    name = f"embeddings-{tmp_path.name}"
    memory = f"{int(containers()['embeddings']['mem_limit'])}b"
    options = (*LIMITS, "--tmpfs", "/tmp:rw,size=16m", "--memory", memory)  # noqa: S108 - the container's own
    engine.ask("run", "--detach", "--name", name, *engine.run, *options, NAME)
    try:
        wait_for(lambda: is_healthy(engine, name), "the embedding server is healthy")
        assert engine.ask("exec", name, "python", "-c", ASK).strip() == "384"
        assert engine.ask("exec", name, "id", "-u").strip() == "10001"
    finally:
        engine.ask("rm", "--force", "--time", "5", name)


def test_secrets_are_made_in_a_container_and_given_to_their_owners(
    engine: Engine, images: dict[str, Image], tmp_path: Path
) -> None:
    secrets = containers()["secrets"]
    folders = {mount["target"]: mount for mount in secrets["volumes"] if mount["type"] == "volume"}
    given: list[str] = ["--volume", f"{ROOT / 'deploy'}:/task-tracker/deploy:ro"]
    for target in folders:
        (tmp_path / target.lstrip("/")).mkdir(parents=True)
        given += ["--volume", f"{tmp_path / target.lstrip('/')}:{target}"]
    capabilities = [word for name in secrets["cap_add"] for word in ("--cap-add", name)]
    entrypoint, *arguments = secrets["entrypoint"]
    words = (
        *("run", "--rm", *engine.run, *LIMITS, *capabilities, "--user", secrets["user"]),
        *("--tmpfs", "/tmp:rw,size=16m", "--env", "PYTHONPATH=/task-tracker"),  # noqa: S108 - the container's own
        *(*given, "--entrypoint", entrypoint, images["gateway"].name, *arguments),
    )
    assert "The secrets are there." in engine.ask(*words)

    def owner(path: str) -> int:
        return (tmp_path / path).stat().st_uid

    def user(name: str) -> int:
        return int(containers()[name]["user"].partition(":")[0])

    assert owner("secrets/kept/secrets.json") == 0
    assert {owner(f"secrets/{party}/nkey") for party in ("scoring", "gateway", "operator")} == {10001}
    assert owner("secrets/nats/env") == user("nats")
    assert owner("secrets/postgres/password") == user("postgres")
    assert owner("secrets/prometheus/metrics_token") == user("prometheus")
    assert owner("secrets/grafana/password") == user("grafana")
    assert {owner(f"volumes/{name}") for name in ("nats", "jaeger", "ingestion", "gateway")} == {10001}
    files = [path for path in (tmp_path / "secrets").rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o400}
