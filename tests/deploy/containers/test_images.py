"""What is in an image, what is not, and what it says of itself."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from deploy.docker.engine import Engine
from deploy.docker.images import BOM, ROOT, Image, bill_of_materials, version
from deploy.docker.sizing import LARGEST_MB
from deploy.local.services import WORKERS, Worker
from tests.conftest import SERVICES
from tests.deploy.containers.containers import configuration, run_once

pytestmark = pytest.mark.timeout(900)  # the first one builds all images

# Of Python's packages and of the system's programs: what installs, builds or tests.
TOOLS = ("pip", "setuptools", "wheel", "uv", "hatchling", "ensurepip", "pytest", "cyclonedx", "debsbom")
PROGRAMS = ("pip", "pip3", "uv", "gcc", "cc", "make", "git", "curl", "wget")
LOOK = Path(__file__).with_name("look_around.py")


@pytest.fixture(scope="module")
def inside(engine: Engine, images: dict[str, Image]) -> dict[str, dict[str, Any]]:
    """What a look around finds in a container of each image."""
    script, asked = LOOK.read_text(encoding="utf-8"), json.dumps([TOOLS, PROGRAMS])
    found = {name: run_once(engine, image, "python", "-c", script, asked) for name, image in images.items()}
    return {name: json.loads(told) for name, told in found.items()}


@pytest.mark.parametrize("service", SERVICES)
def test_image_has_its_service_alone_and_nothing_that_builds(
    inside: dict[str, dict[str, Any]], service: str
) -> None:
    found = inside[service]
    assert found["services"] == [service]
    for nothing in ("tools", "programs", "tests", "setuid", "writable", "uncompiled"):
        assert found[nothing] == [], nothing
    assert found["user"] == 10001


@pytest.mark.parametrize("service", SERVICES)
def test_image_has_the_packages_of_its_lock_in_their_versions(
    inside: dict[str, dict[str, Any]], service: str
) -> None:
    ours = {"task-tracker", "dramatiq-nats"}
    found = {f"{name}=={number}" for name, number in inside[service]["packages"].items() if name not in ours}
    assert found <= pins(service)
    # What is pinned for other systems and other Pythons is not installed; it is little.
    assert len(pins(service) - found) <= 8, pins(service) - found
    assert inside[service]["packages"]["task-tracker"] == version()


@pytest.mark.parametrize("service", SERVICES)
def test_bill_of_materials_names_what_is_installed(
    engine: Engine, images: dict[str, Image], inside: dict[str, dict[str, Any]], service: str
) -> None:
    bom = json.loads(bill_of_materials(engine, images[service]))
    assert bom["bomFormat"] == "CycloneDX"
    told = bom["metadata"]["component"]
    assert (told["name"], told["version"], told["type"]) == (
        f"task-tracker-{service}",
        version(),
        "container",
    )
    listed = {plain(each["name"]): each for each in bom["components"]}
    for name, installed in inside[service]["packages"].items():
        assert listed[name]["version"] == installed
    assert listed["base-files"]["purl"].startswith("pkg:deb/debian/base-files@")
    assert "libssl3" in listed
    assert not {"pip", "uv", "cyclonedx-bom", "python3-pip-whl"} & listed.keys()


@pytest.mark.parametrize("service", SERVICES)
def test_image_says_what_it_is_and_how_it_is_run(
    engine: Engine, images: dict[str, Image], service: str
) -> None:
    told: Any = configuration(engine, images[service])
    assert told["User"] == "10001:10001"
    assert told["Cmd"] == ["start-service"]
    assert not told.get("Entrypoint")
    assert told["Healthcheck"]["Test"] == ["CMD", "ask-health"]
    opened = "org.opencontainers.image."
    labels = {
        name.removeprefix(opened): text for name, text in told["Labels"].items() if name.startswith(opened)
    }
    assert labels.keys() == {"title", "description", "version", "revision", "licenses"}
    assert labels["title"] == f"task-tracker-{service}"
    assert labels["version"] == version()
    assert len(labels["revision"]) == 40
    assert labels["licenses"] == "Apache-2.0"
    # Nothing that was needed while it was built.
    known = ("PATH", "LANG", "HOME", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "SERVICE", "VERSION")
    assert {name.partition("=")[0] for name in told["Env"]} == set(known)


def test_images_are_as_large_as_the_guide_says_and_no_larger_than_they_may_be(
    images: dict[str, Image],
) -> None:
    sizes = {name: image.size / 1e6 for name, image in images.items()}
    print(sizes)
    assert {name: size for name, size in sizes.items() if size > LARGEST_MB[name]} == {}
    guide = (ROOT / "deploy/docker/README.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in guide.splitlines() if " MB | " in line]
    said = {cells[0]: float(cells[1].removesuffix(" MB")) for cells in rows}
    assert said == {name: pytest.approx(size, rel=0.1) for name, size in sizes.items()}


def test_images_share_all_layers_but_one(engine: Engine, images: dict[str, Image]) -> None:
    asked = "{{range .RootFS.Layers}}{{.}} {{end}}"
    layers = [
        engine.ask("image", "inspect", "--format", asked, image.name).split() for image in images.values()
    ]
    common = set.intersection(*(set(each) for each in layers))
    assert [len(set(each) - common) for each in layers] == [1] * len(layers)


def pins(lock: str) -> set[str]:
    """What a lock pins, `name==version` each."""
    lines = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8").splitlines()
    pinned = [line.split()[0].partition("==") for line in lines if "==" in line.split(" ;")[0]]
    return {f"{plain(name)}=={number}" for name, _, number in pinned}


def plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def test_every_lock_extends_what_all_services_have() -> None:
    for service in SERVICES:
        assert pins("base") <= pins(service) <= pins("local"), service


def test_guide_says_where_the_bill_of_materials_lies() -> None:
    assert BOM in (ROOT / "deploy/docker/README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("worker", WORKERS, ids=lambda worker: worker.name)
def test_container_starts_as_many_threads_as_a_local_run(worker: Worker, tmp_path: Path) -> None:
    called = tmp_path / "python"
    called.write_text('#!/bin/sh\necho "$@"\n')
    called.chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "SERVICE": worker.name,
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics"),
    }
    script = str(ROOT / "deploy/docker/bin/start-service")
    said = subprocess.run(["/bin/sh", script], env=environment, capture_output=True, text=True, check=True)
    words = said.stdout.split()
    assert f"services.{worker.name}.worker" in words
    assert words[words.index("--processes") + 1] == str(worker.processes)
    assert words[words.index("--threads") + 1] == str(worker.threads)
