"""From an imported chat to a closed run: proposals watched, approved, rejected, merged, in one trace."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.e2e.otlp import Collector, running_collector
from tests.e2e.test_knowledge import TALK, flat, following, frames_until, get
from tests.e2e.test_traces import has_a_space, is_whole, names
from tests.system import System, running_system, wait_for

WORKED = {
    "task-tracker-gateway",
    "task-tracker-analysis",
    "task-tracker-ingestion",
    "task-tracker-scoring",
    "task-tracker-knowledge",
    "task-tracker-embedding",
}
MORE = (
    (2, "Проблема: пошук у застосунку не знаходить товари з апострофом у назві, клієнти скаржаться щодня"),
    (3, "Вимога від замовника: звіт про доставку має приходити щоранку до 8:00 у форматі CSV"),
    (1, "Чому кур'єрський застосунок вилітає на Android 9 після входу?"),
    (2, "Рішення: з понеділка нові замовлення приймаємо лише через новий API"),
    (3, "Принтер етикеток на складі не друкує кожне десяте замовлення, виходять порожні аркуші"),
    (1, "Система має показувати кнопку скасування замовлення, поки кур'єр ще не виїхав"),
    (2, "Карта з кур'єрами зависає в диспетчера, коли їх більше за сорок"),
    (3, "Треба, щоб клієнт отримував повідомлення, якщо кур'єр запізнюється на 15 хвилин"),
)


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with running_collector() as running:
        yield running


@pytest.fixture(scope="module")
def system(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("work") / "system"
    with running_system(folder, TT_OTLP_ENDPOINT=collector.url) as started:
        wait_for(lambda: has_a_space(started), "a vector space is active")
        yield started


def send(system: System, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
    answer = system.client.request(method, f"/api/v1/{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def write_chat(path: Path, began: datetime) -> None:
    """One conversation, and then what each is a matter of its own, an hour apart."""
    people = {1: "Оксана", 2: "Тарас", 3: "Ірина"}
    times = [began + timedelta(seconds=20 * number) for number in range(len(TALK))]
    times += [began + timedelta(hours=number) for number in range(1, len(MORE) + 1)]
    messages = [
        {
            "id": number,
            "type": "message",
            "date": f"{sent_at:%Y-%m-%dT%H:%M:%S}",
            "date_unixtime": str(int(sent_at.timestamp())),
            "from": people[author],
            "from_id": f"user{author}",
            "text": said,
            "text_entities": [{"type": "plain", "text": said}],
        }
        for number, (sent_at, (author, said)) in enumerate(zip(times, (*TALK, *MORE), strict=True), start=1)
    ]
    chat = {"name": "Доставка", "type": "private_supergroup", "id": 1_777_000_333, "messages": messages}
    path.write_text(json.dumps(chat, ensure_ascii=False), encoding="utf-8")


def test_import_becomes_a_closed_run_of_decided_proposals(
    system: System, collector: Collector, tmp_path: Path
) -> None:
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=12)
    write_chat(tmp_path / "result.json", began)
    with following(system, "knowledge") as client:
        job_id = system.import_export(tmp_path / "result.json")
        wait_for(lambda: system.is_over(job_id), "the chat is imported")
        frames_until(client, "knowledge.extraction_completed")

    project = send(system, "POST", "projects", {"name": "Доставка", "language": "uk"}, status=201)
    window = {"since": began.isoformat(), "until": (began + timedelta(hours=11)).isoformat()}
    run = send(system, "POST", "runs", {"project_id": project["id"], **window}, status=201)
    assert run["estimate"]["messages"] == len(TALK) + len(MORE)
    assert run["estimate"]["cost"] == 0
    taken = send(system, "POST", "runs", {"project_id": project["id"], **window}, status=409)
    assert run["id"] in taken["detail"]

    with following(system, "analysis") as client:
        assert send(system, "POST", f"runs/{run['id']}/start", status=202)["run_id"] == run["id"]
        told = frames_until(client, "analysis.run_completed")
        review(system, run["id"])
        told += frames_until(client, "analysis.run_closed")
    told = [frame for frame in told if frame["type"] not in ("hello", "position")]
    kinds = [frame["type"] for frame in told]
    assert kinds[0] == "analysis.run_started"
    assert "analysis.batch_completed" in kinds
    assert kinds.count("analysis.run_completed") == kinds.count("analysis.run_closed") == 1
    assert kinds.count("analysis.proposal_reviewed") >= 3
    assert {frame["run_id"] for frame in told} == {run["id"]}

    trace_id = UUID(run["id"]).hex
    wait_for(
        lambda: (
            {span.service for span in collector.trace(trace_id)} >= WORKED
            and "process execute_analysis_run" in names(collector.trace(trace_id))
            and is_whole(collector.trace(trace_id))
        ),
        "every service that worked has told its spans",
        about=lambda: sorted((span.service, span.name) for span in collector.trace(trace_id)),
    )
    assert {span.attributes.get("run_id") for span in collector.trace(trace_id)} == {run["id"]}
    assert get(system, f"runs/{run['id']}/trace")["trace_id"] == trace_id


def review(system: System, run_id: str) -> None:
    """Approve one proposal, reject one, merge one, decide on the rest at once, and close the run."""
    proposals = get(system, f"runs/{run_id}/proposals", limit="50")["items"]
    assert len(proposals) >= 3, [proposal["title"] for proposal in proposals]
    texts = {item["id"]: item["text"] for item in get(system, "messages", limit="50")["items"]}
    for proposal in proposals:
        assert proposal["quotes"]
        assert proposal["basic_mode"]
        assert proposal["confidence"] <= 0.6
        assert all(flat(each["quote"]) in flat(texts[each["message_id"]]) for each in proposal["quotes"])

    waiting = send(system, "POST", f"runs/{run_id}/close", status=409)
    assert str(len(proposals)) in waiting["detail"]
    first, second, third, *others = (proposal["id"] for proposal in proposals)
    assert send(system, "POST", f"proposals/{first}/approve")["status"] == "approved"
    assert (
        send(system, "POST", f"proposals/{second}/reject", {"reason": "вже зроблено"})["status"] == "rejected"
    )
    kept = send(system, "POST", f"proposals/{third}/merge", {"into": first})
    assert kept["id"] == first
    if others:
        bulk = send(system, "POST", "proposals/bulk", {"ids": others, "decision": "reject"})
        assert {item["status"] for item in bulk["items"]} == {"rejected"}

    reviewed = get(system, f"runs/{run_id}")
    assert (reviewed["status"], reviewed["proposals_pending"]) == ("reviewed", 0)
    closed = send(system, "POST", f"runs/{run_id}/close")
    assert (closed["status"], closed["proposals_merged"]) == ("closed", 1)
    assert closed["accuracy"]["approval_rate"] == pytest.approx(2 / len(proposals))
    exported = system.client.get(
        "/api/v1/proposals/export", params={"format": "json", "run_id": run_id}
    ).json()
    assert [proposal["id"] for proposal in exported] == [first]


def test_run_that_is_closed_takes_no_more_decisions(system: System) -> None:
    run = get(system, "runs", status="closed")["items"][0]
    proposal = get(system, f"runs/{run['id']}/proposals")["items"][0]
    refused = send(system, "POST", f"proposals/{proposal['id']}/revert", status=409)
    assert "closed" in refused["detail"]
