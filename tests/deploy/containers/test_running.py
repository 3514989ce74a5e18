"""The images at work: the whole set through the chain, and SIGTERM in the middle of work."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest

from deploy.docker.engine import Engine
from deploy.docker.images import Image
from deploy.docker.sizing import MEMORY_MB
from tests.conftest import SERVICES
from tests.deploy.containers.containers import GRACE, is_healthy, memory_mb, processes
from tests.deploy.containers.system import ContainerSystem, running_containers
from tests.e2e.test_knowledge import PARAPHRASE, TALK, get
from tests.e2e.test_traces import has_a_space
from tests.e2e.test_work import MORE, send, write_chat
from tests.generate_export import write_export
from tests.system import UNDERSTANDING, wait_for

pytestmark = pytest.mark.timeout(900)  # the first one builds all images

BACKLOG = 3_000
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'tt_scoring' AND wait_event_type = 'Lock'"


def test_six_images_make_knowledge_and_tasks_of_a_chat(
    engine: Engine, images: dict[str, Image], tmp_path: Path
) -> None:
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=12)
    write_chat(tmp_path / "result.json", began)
    with running_containers(engine, images, tmp_path / "system") as system:
        wait_for(lambda: has_a_space(system), "a vector space is active")
        job_id = system.import_export(tmp_path / "result.json")
        wait_for(lambda: system.is_over(job_id), "the chat is imported", about=lambda: system.job(job_id))
        until(system, "SELECT count(*) FROM scoring.scores", len(TALK) + len(MORE))
        until(system, "SELECT count(*) FROM knowledge.extraction_runs WHERE status = 'completed'", 1)
        wait_for(
            lambda: {"message", "atom"} <= kinds_found(system),
            "messages and atoms are found by what they mean",
            about=lambda: get(system, "search", q=PARAPHRASE),
        )
        propose_tasks(system, began)
        assert system.client.get("/health/services").json()["status"] == "ok"
        for service, name in system.names.items():
            wait_for(partial(is_healthy, engine, name), f"the health check of {service} passes")
            is_as_it_should_be(engine, service, name)
            # It listens for others too, not at the one address that only its own machine knows.
            elsewhere = f"http://127.0.0.2:{system.house.ports[service]}/health/live"
            assert httpx.get(elsewhere, trust_env=False).status_code == 200, service
        assert system.end(*SERVICES) == dict.fromkeys(SERVICES, 0)


def is_as_it_should_be(engine: Engine, service: str, name: str) -> None:
    """Its processes belong to nobody else, none is left dead, and memory is far below its bound."""
    found = processes(engine, name)
    assert {user for _, _, user in found.values()} == {10001}, service
    assert not [each for each in found.values() if each[1] == "Z"], service
    assert found[1][0] in {"python", "dramatiq", "python3"}, "the service takes the signals itself"
    taken = memory_mb(engine, name)
    print(service, taken)
    assert taken["anonymous"] < MEMORY_MB[service] * 0.75, service


def propose_tasks(system: ContainerSystem, began: datetime) -> None:
    """A run over the chat proposes tasks, each with its quotes."""
    project = send(system, "POST", "projects", {"name": "Доставка", "language": "uk"}, status=201)
    window = {"since": began.isoformat(), "until": (began + timedelta(hours=11)).isoformat()}
    run = send(system, "POST", "runs", {"project_id": project["id"], **window}, status=201)
    send(system, "POST", f"runs/{run['id']}/start", status=202)
    wait_for(
        lambda: get(system, f"runs/{run['id']}")["status"] in {"completed", "failed"},
        "the run ends",
        about=lambda: get(system, f"runs/{run['id']}"),
    )
    proposals = get(system, f"runs/{run['id']}/proposals", limit="50")["items"]
    assert len(proposals) >= 3
    assert all(proposal["quotes"] for proposal in proposals)


def kinds_found(system: ContainerSystem) -> set[str]:
    return {hit["kind"] for hit in get(system, "search", q=PARAPHRASE, limit="10")["items"]}


def until(system: ContainerSystem, statement: str, number: int) -> None:
    wait_for(lambda: system.count(statement) >= number, f"{number} of: {statement}", seconds=90)


@pytest.fixture
def system(engine: Engine, images: dict[str, Image], tmp_path: Path) -> Iterator[ContainerSystem]:
    with running_containers(engine, images, tmp_path / "system", without=UNDERSTANDING) as started:
        yield started


def test_sigterm_amid_work_hands_it_to_another_container(system: ContainerSystem, tmp_path: Path) -> None:
    export = tmp_path / "result.json"
    write_export(export, BACKLOG, seed=5)
    with system.locked("scoring.scores"):
        job_id = system.import_export(export)
        wait_for(lambda: system.is_over(job_id), "the chat is imported", about=lambda: system.job(job_id))
        until(system, WAITING, 1)
        # It cannot finish what it works on: all of that is another one's to do.
        told = time.monotonic()
        assert system.end("scoring") == {"scoring": 0}
        assert time.monotonic() - told < GRACE
        # Postgres goes on waiting for those that left.
        left = system.count(WAITING)
        system.start("scoring")
        until(system, WAITING, left + 1)
    until(system, "SELECT count(*) FROM scoring.scores", BACKLOG)
    assert system.count("SELECT count(*) FROM scoring.scores") == BACKLOG
    until(system, "SELECT (count(*) FILTER (WHERE sent_at IS NULL) = 0)::int FROM scoring.outbox", 1)
