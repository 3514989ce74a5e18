"""What a person makes and decides by REST, through the real services, to what search then finds."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.system import System, running_system, wait_for

CHAT = {"id": -1_001_777_000_222, "type": "supergroup", "title": "Склад"}
SAID = (
    "Вирішили: інвентаризацію складу проводимо щопершого понеділка місяця",
    "Холодильну камеру на складі треба ремонтувати до п'ятниці",
)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("reviews") / "system") as started:
        yield started


@pytest.fixture(scope="module")
def message_ids(system: System) -> list[int]:
    """The messages, saved."""
    began = int(time.time()) - 600
    for number, text in enumerate(SAID):
        message = {
            "message_id": 100 + number,
            "date": began + number,
            "chat": CHAT,
            "from": {"id": 1, "is_bot": False, "first_name": "Оксана"},
            "text": text,
        }
        assert system.post_update({"update_id": 900 + number, "message": message}).status_code == 200
    wait_for(lambda: len(items(system, "messages")) == len(SAID), "the messages are saved")
    return [message["id"] for message in reversed(items(system, "messages"))]


def items(system: System, path: str, **params: Any) -> list[Any]:
    found: list[Any] = system.client.get(f"/api/v1/{path}", params=params).raise_for_status().json()["items"]
    return found


def send(system: System, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
    answer = system.client.request(method, f"/api/v1/{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def found_atoms(system: System, query: str) -> list[int]:
    """The atoms that search finds for these words, best first."""
    return [hit["id"] for hit in items(system, "search", q=query, kind="atom")]


def make_atom(system: System, title: str, message_id: int, quote: str, *topic_ids: int) -> int:
    body = {
        "type": "decision",
        "title": title,
        "content": f"{title}, так домовилися на складі",
        "quotes": [{"message_id": message_id, "quote": quote}],
        "topic_ids": list(topic_ids),
    }
    made: int = send(system, "POST", "atoms", body, status=201)["id"]
    return made


def test_what_a_person_decides_holds_everywhere(system: System, message_ids: list[int]) -> None:
    first, second = message_ids
    name = f"Склад {uuid4().hex[:6]}"
    topic = send(system, "POST", "topics", {"name": name, "icon": "📦"}, status=201)
    other = send(system, "POST", "topics", {"name": f"{name} старий"}, status=201)
    taken = send(system, "POST", "topics", {"name": name.upper()}, status=409)
    assert taken["errors"][0]["field"] == "name"

    counting = make_atom(
        system, "Інвентаризація щомісяця", first, "інвентаризацію складу проводимо", topic["id"]
    )
    double = make_atom(
        system, "Інвентаризація першого понеділка", first, "щопершого понеділка місяця", other["id"]
    )
    refused = send(
        system,
        "POST",
        "atoms",
        {
            "type": "decision",
            "title": "а",
            "content": "б",
            "quotes": [{"message_id": second, "quote": "камеру не треба ремонтувати"}],
        },
        status=422,
    )
    assert refused["errors"][0]["field"] == "quotes[0]"
    wait_for(
        lambda: {counting, double} <= set(found_atoms(system, "коли рахуємо товар на складі?")),
        "search finds both atoms",
    )

    merge = send(system, "POST", f"atoms/{double}/merge", {"into": counting})
    whole = send(system, "POST", f"topics/{other['id']}/merge", {"into": topic["id"]})
    assert len(send(system, "GET", f"atoms/{counting}")["citations"]) == 2
    assert send(system, "GET", f"atoms/{double}")["merged_into"] == counting
    wait_for(
        lambda: double not in found_atoms(system, "коли рахуємо товар на складі?"),
        "search finds the merged atom no more",
    )

    for each in (whole, merge):
        assert send(system, "POST", f"merges/{each['id']}/undo")["undone_by"] is not None
    wait_for(
        lambda: double in found_atoms(system, "коли рахуємо товар на складі?"),
        "search finds the atom that is there again",
    )
    send(system, "POST", "atoms/review", {"ids": [double], "status": "rejected"})
    wait_for(
        lambda: double not in found_atoms(system, "коли рахуємо товар на складі?"),
        "search finds the rejected atom no more",
    )
    changes = items(system, "knowledge/changes", entity="atom", entity_id=double)
    assert [each["change"] for each in changes] == ["reviewed", "unmerged", "merged", "created"]
    assert len({each["by"] for each in changes}) == 1


def test_a_rule_made_later_approves_what_waits(system: System, message_ids: list[int]) -> None:
    made = make_atom(system, "Ремонт холодильника до п'ятниці", message_ids[1], "ремонтувати до п'ятниці")
    system.rows("UPDATE knowledge.atoms SET status = 'needs_review', reviewed_by = NULL WHERE id = $1", made)
    body = {"name": f"Певні {uuid4().hex[:6]}", "applies_to": "atom", "min_confidence": 0.9}
    rule = send(system, "POST", "automation-rules", body, status=201)

    wait_for(
        lambda: send(system, "GET", f"atoms/{made}")["status"] == "approved", "the rule approves the atom"
    )
    assert send(system, "GET", f"atoms/{made}")["rule_id"] == rule["id"]
    approved = [each["approved"] for each in items(system, "automation-rules") if each["id"] == rule["id"]]
    assert approved == [1]
    send(system, "DELETE", f"automation-rules/{rule['id']}", status=204)
