"""From a burst of messages to knowledge that is found again, with its quotes, events and traces."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.e2e.otlp import Collector, running_collector
from tests.e2e.test_traces import is_whole, names
from tests.system import System, running_system, wait_for

CHAT = {"id": -1_001_777_000_111, "type": "supergroup", "title": "Доставка"}
PEOPLE = {1: "Оксана", 2: "Тарас", 3: "Ірина"}
TALK = (
    (1, "Після вчорашнього оновлення платежі карткою не проходять, клієнти бачать помилку 502"),
    (2, "Підтверджую: за ніч 37 замовлень застрягли в статусі очікування оплати"),
    (3, "Причина в тому, що сертифікат платіжного шлюзу прострочений з півночі"),
    (2, "Виправив: поставив новий сертифікат і перезапустив шлюз, оплати знову проходять"),
    (1, "Вирішили: оновлення надалі викочуємо лише у вівторок зранку, коли всі на місці"),
    (3, "Хто перевірить, що застряглі замовлення повернулися в роботу?"),
    (2, "Усі 37 замовлень оброблені повторно, втрачених немає"),
    (3, "Щоразу, коли прострочується сертифікат, ми дізнаємося про це від клієнтів"),
    (1, "Система має попереджати за 14 днів до закінчення строку дії сертифіката"),
    (2, "Додам перевірку сертифікатів у моніторинг, сповіщення піде в канал чергових"),
    (3, "Заміряла: сторінка оплати тепер відкривається за 1,2 секунди замість 4"),
    (1, "Домовилися: відповідальний за сертифікати Тарас, заміна до 10 числа"),
)
PARAPHRASE = "коли можна робити реліз?"


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with running_collector() as running:
        yield running


@pytest.fixture(scope="module")
def system(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("knowledge") / "system"
    with running_system(folder, TT_OTLP_ENDPOINT=collector.url) as started:
        yield started


def update(number: int, author: int, text: str, began: int) -> dict[str, Any]:
    return {
        "update_id": 900 + number,
        "message": {
            "message_id": 100 + number,
            "date": began + 20 * number,
            "chat": CHAT,
            "from": {"id": author, "is_bot": False, "first_name": PEOPLE[author]},
            "text": text,
        },
    }


@contextmanager
def following(system: System, topics: str) -> Iterator[ClientConnection]:
    address = system.house.gateway_url.replace("http", "ws", 1)
    headers = {"Authorization": f"Bearer {system.house.api_key}"}
    with connect(f"{address}/ws?topics={topics}", additional_headers=headers) as client:
        yield client


def frames_until(client: ClientConnection, last: str, *, seconds: float = 90) -> list[dict[str, Any]]:
    deadline = time.monotonic() + seconds
    frames: list[dict[str, Any]] = []
    while not frames or frames[-1]["type"] != last:
        frames.append(json.loads(client.recv(timeout=max(0.0, deadline - time.monotonic()))))
    return frames


def get(system: System, path: str, **params: str) -> Any:
    return system.client.get(f"/api/v1/{path}", params=params).raise_for_status().json()


def flat(text: str) -> str:
    return " ".join(text.split())


def test_burst_of_messages_becomes_knowledge_that_is_found_again(
    system: System, collector: Collector
) -> None:
    began = int(time.time()) - 3600
    with following(system, "knowledge") as client:
        for number, (author, text) in enumerate(TALK):
            assert system.post_update(update(number, author, text, began)).status_code == 200
        told = frames_until(client, "knowledge.extraction_completed")
    assert "knowledge.extraction_started" in {frame["type"] for frame in told}
    run_id = told[-1]["data"]["extraction"]["id"]
    assert told[-1]["run_id"] == run_id

    extraction = get(system, f"knowledge/extractions/{run_id}")
    assert (extraction["status"], extraction["trigger"]) == ("completed", "threshold")
    assert extraction["messages"] >= 10

    atoms = get(system, "atoms", run_id=run_id)["items"]
    assert {"problem", "decision"} <= {atom["type"] for atom in atoms}
    texts = {item["id"]: item["text"] for item in get(system, "messages", limit="50")["items"]}
    for atom in atoms:
        assert atom["citations"]
        assert atom["topics"]
        assert atom["confidence"] <= 0.6
        assert all(flat(each["quote"]) in flat(texts[each["message_id"]]) for each in atom["citations"])

    decision = next(number for number, text in texts.items() if "лише у вівторок" in text)
    (told_by,) = {
        atom["id"] for atom in atoms if decision in {each["message_id"] for each in atom["citations"]}
    }
    wait_for(
        lambda: {("atom", told_by), ("message", decision)} & set(found(system, PARAPHRASE)) != set(),
        "the decision is found by a paraphrase",
        about=lambda: get(system, "search", q=PARAPHRASE),
    )

    trace_id = UUID(run_id).hex
    wait_for(lambda: is_whole(collector.trace(trace_id)), "no span of the extraction is an orphan")
    trace = collector.trace(trace_id)
    assert "process extract_knowledge_from_messages_task" in names(trace)
    assert {span.attributes["run_id"] for span in trace} == {run_id}
    linked = {linked_trace for span in trace for linked_trace, _ in span.links}
    webhooks = {span.trace_id for span in collector.spans if span.name == "POST /webhook/telegram"}
    assert len(linked) >= 10
    assert linked <= webhooks


def found(system: System, query: str) -> list[tuple[str, int]]:
    return [(hit["kind"], hit["id"]) for hit in get(system, "search", q=query, limit="5")["items"]]


def test_same_messages_again_add_nothing_and_cost_nothing(system: System) -> None:
    def counts() -> tuple[int, ...]:
        return system.rows(
            """
            SELECT (SELECT count(*) FROM knowledge.topics), (SELECT count(*) FROM knowledge.atoms),
                (SELECT count(*) FROM knowledge.atom_sources), (SELECT count(*) FROM knowledge.atom_links),
                (SELECT count(*) FROM knowledge.message_topics)
            """
        )[0]

    before = counts()
    chat = get(system, "chats")["items"][0]["id"]
    answer = system.client.post("/api/v1/knowledge/extractions", json={"chat_ids": [chat], "again": True})
    assert answer.status_code == 202, answer.text
    run_id = answer.json()["run_id"]
    wait_for(
        lambda: get(system, f"knowledge/extractions/{run_id}")["status"] in {"completed", "failed"},
        "the second extraction ends",
    )
    second = get(system, f"knowledge/extractions/{run_id}")
    assert (second["status"], second["cost"], second["atoms_created"]) == ("completed", 0.0, 0)
    assert counts() == before


def test_services_say_that_they_are_well(system: System, tmp_path: Path) -> None:
    del tmp_path
    health = system.client.get("/health/services").json()
    assert health["status"] == "ok"
    assert {"analysis", "embedding", "knowledge"} <= set(health["checks"])
