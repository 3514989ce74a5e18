"""Messages with scores: two services asked, one answer."""

import httpx
import pytest

from shared.contracts.scoring import GetScores, ListScored
from tests.integration.gateway.stage import Stage


@pytest.fixture(autouse=True)
def _twenty_messages(stage: Stage) -> None:
    stage.services.fill(20)


def ids(answer: httpx.Response) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


def test_each_message_comes_with_its_score(client: httpx.Client) -> None:
    first = client.get("/api/v1/messages", params={"limit": 3}).json()["items"][0]

    assert first["id"] == 20
    assert first["chat"]["title"] == "Backend"
    assert first["score"]["importance_score"] == 1.0
    assert first["score"]["message_class"] == "signal"
    assert first["score"]["noise_factors"]["content"]["contribution"] == 1.0


def test_cursor_walks_through_all_without_gap_or_repetition(client: httpx.Client) -> None:
    seen: list[int] = []
    cursor: str | None = None
    while True:
        page = client.get(
            "/api/v1/messages", params={"limit": 7} | ({"cursor": cursor} if cursor else {})
        ).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert seen == list(range(20, 0, -1))


def test_message_without_a_score_has_none(stage: Stage, client: httpx.Client) -> None:
    del stage.services.scores[20]

    assert client.get("/api/v1/messages/20").json()["score"] is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"class": "signal"}, [20, 19, 18, 17, 16, 15, 14]),
        ({"min_score": "0.9"}, [20, 19, 18]),
        ({"class": "noise", "limit": "2"}, [5, 4]),
        ({"class": "signal", "kind": "photo"}, [18, 15]),
        ({"min_score": "0", "kind": "photo", "limit": "4"}, [18, 15, 12, 9]),
        ({"class": "signal", "chat_id": "2"}, [19, 17, 15]),
        ({"class": "signal", "chat_id": "7"}, [20, 18, 16, 14]),
        ({"class": "signal", "chat_id": "99"}, []),
        ({"kind": "photo", "limit": "2"}, [18, 15]),
        ({"since": "2026-03-01T08:18:00Z"}, [20, 19, 18]),
        ({"since": "2026-03-01T08:18:00", "until": "2026-03-01T08:20:00"}, [19, 18]),
    ],
)
def test_filters(client: httpx.Client, query: dict[str, str], expected: list[int]) -> None:
    assert ids(client.get("/api/v1/messages", params=query)) == expected


def test_pages_by_class_and_kind_go_on_where_they_ended(client: httpx.Client) -> None:
    query = {"min_score": "0", "kind": "photo", "limit": "2"}
    first = client.get("/api/v1/messages", params=query).json()
    second = client.get("/api/v1/messages", params=query | {"cursor": first["next_cursor"]}).json()

    assert [item["id"] for item in first["items"] + second["items"]] == [18, 15, 12, 9]


def test_chat_filter_covers_every_id_that_the_chat_has_had(stage: Stage, client: httpx.Client) -> None:
    client.get("/api/v1/messages", params={"class": "signal", "chat_id": 7})

    (query,) = stage.services.asked_for(ListScored)
    assert query.chat_ids == [1, 7]  # type: ignore[attr-defined]


def test_without_scoring_messages_come_with_a_note(stage: Stage, client: httpx.Client) -> None:
    stage.services.scoring_is_down = True

    page = client.get("/api/v1/messages").json()

    assert len(page["items"]) == 20
    assert {item["score"] for item in page["items"]} == {None}
    assert "scoring" in page["notes"][0]
    assert client.get("/api/v1/messages/3").json()["score"] is None


def test_without_scoring_a_filter_by_class_cannot_be_answered(stage: Stage, client: httpx.Client) -> None:
    stage.services.scoring_is_down = True

    answer = client.get("/api/v1/messages?class=signal")

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"]


def test_empty_page_asks_for_no_scores(stage: Stage, client: httpx.Client) -> None:
    stage.services.messages.clear()

    assert client.get("/api/v1/messages").json() == {"items": [], "next_cursor": None, "notes": []}
    assert not stage.services.asked_for(GetScores)


def test_versions_and_chats(client: httpx.Client) -> None:
    assert client.get("/api/v1/messages/3/versions").json()["items"][0]["version"] == 1
    assert [chat["title"] for chat in client.get("/api/v1/chats").json()["items"]] == ["Backend", "Дизайн"]


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_correction_holds_and_is_taken_back(client: httpx.Client, method: str) -> None:
    given = client.request(
        method, "/api/v1/messages/1/feedback", json={"message_class": "signal", "comment": "so"}
    )
    assert given.status_code == 200
    assert (given.json()["message_class"], given.json()["corrected_by"]) == ("signal", "first key")

    back = client.delete("/api/v1/messages/1/feedback")
    assert (back.json()["message_class"], back.json()["corrected_by"]) == ("noise", None)


def test_stats_of_all_and_of_one_chat(client: httpx.Client) -> None:
    assert client.get("/api/v1/scoring/stats").json()["by_class"] == {
        "noise": 5,
        "weak_signal": 8,
        "signal": 7,
    }
    assert client.get("/api/v1/scoring/stats?chat_id=7").json()["total"] == 10
