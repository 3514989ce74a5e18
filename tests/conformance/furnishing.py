"""A system with something of everything in it, so that requests lead somewhere."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.generate_export import write_export
from tests.system import System, wait_for

MESSAGES = 60
_LISTS = {
    "message_id": "/messages",
    "topic_id": "/topics",
    "atom_id": "/atoms",
    "project_id": "/projects",
    "task_config_id": "/task-configs",
    "assignment_id": "/assignments",
    "provider_id": "/providers",
    "agent_id": "/agents",
    "rule_id": "/automation-rules",
    "run_id": "/runs?kind=analysis",
    "job_id": "/ingestion/jobs",
    "extraction_id": "/knowledge/extractions",
    "experiment_id": "/experiments",
    "version_id": "/versions",
    "key_id": "/keys",
}
"""Where ids of each parameter are listed."""


@dataclass(frozen=True)
class Furnished:
    """The system.

    Attributes:
        system: Its processes.
        ids: Ids that there are, by the parameter that takes them.
    """

    system: System
    ids: dict[str, list[int | str]]


def furnish(system: System, folder: Path) -> Furnished:
    """Import a chat, and make one of each thing that people make."""
    export = folder / "result.json"
    write_export(export, MESSAGES, seed=5)
    job = system.import_export(export)
    wait_for(lambda: system.is_over(job), "the chat is imported", about=lambda: system.job(job))
    _make_knowledge(system)
    _make_work(system)
    found = {name: _ids(system, path) for name, path in _LISTS.items()}
    return Furnished(system, {name: ids for name, ids in found.items() if ids})


def make(system: System, path: str, **body: Any) -> dict[str, Any]:
    """What a POST has made."""
    answer = system.client.post(f"/api/v1{path}", json=body)
    assert answer.is_success, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _make_knowledge(system: System) -> None:
    messages = system.client.get("/api/v1/messages?kind=text&limit=50").raise_for_status().json()["items"]
    said = [message for message in messages if len(message["text"]) > 20][:2]
    topics = [make(system, "/topics", name=name) for name in ("Реліз у четвер", "Сканер на складі")]
    atoms = [
        make(
            system,
            "/atoms",
            type="decision",
            title=f"Рішення {message['id']}",
            content="Так вирішили",
            quotes=[{"message_id": message["id"], "quote": message["text"][:20].strip()}],
            topic_ids=[topics[0]["id"]],
        )
        for message in said
    ]
    make(system, "/links", from_atom=atoms[0]["id"], to_atom=atoms[1]["id"], type="supports", strength=0.5)
    make(system, "/automation-rules", name="Певні", applies_to="topic", min_confidence=0.99, enabled=False)


def _make_work(system: System) -> None:
    project = make(system, "/projects", name="Склад")
    config = make(system, "/task-configs", name="Задачі")
    agents = system.client.get("/api/v1/agents").raise_for_status().json()["items"]
    proposer = next(agent["id"] for agent in agents if agent["kind"] == "task_proposer")
    make(system, "/assignments", task_config_id=config["id"], agent_id=proposer)
    window = {"since": "2026-01-01T00:00:00Z", "until": "2026-12-31T00:00:00Z"}
    make(system, "/runs", project_id=project["id"], **window)
    make(system, "/keys", name="reader", scopes=["read"])


def _ids(system: System, path: str) -> list[int | str]:
    page = system.client.get(f"/api/v1{path}").raise_for_status().json()
    return [item["id"] for item in page["items"]][:5]
