"""The labels of the sample chat: sound by themselves, and given without undoing what people did."""

import asyncio
import http.server
import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from deploy.local.chat import SAMPLE
from deploy.local.errors import LocalError
from deploy.local.seeding import label_sample, read_labels, seed_labels
from deploy.local.terminal import Terminal

PAGE = 50


@dataclass
class System:
    """What a running system holds, as its REST shows it. Our ids are Telegram's and 1000."""

    title: str = "Полиця — команда"
    messages: list[int] = field(default_factory=list)
    topics: list[dict[str, Any]] = field(default_factory=list)
    labels: dict[int, int] = field(default_factory=dict)

    def list_of(self, path: str) -> list[dict[str, Any]]:
        """The items of a list."""
        lists: dict[str, list[dict[str, Any]]] = {
            "/api/v1/chats": [{"id": 7, "title": self.title}],
            "/api/v1/messages": [{"id": each + 1000, "telegram_message_id": each} for each in self.messages],
            "/api/v1/topics": self.topics,
            "/api/v1/labels": [
                {"message_id": message_id, "topic_id": topic_id, "source": "given"}
                for message_id, topic_id in self.labels.items()
            ],
        }
        return lists[path]

    def change(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What a POST or a PUT does."""
        if path == "/api/v1/topics":
            self.topics.append({"id": len(self.topics) + 1, "status": "approved", **body})
            return self.topics[-1]
        if path == "/api/v1/messages/labels":
            self.labels |= dict.fromkeys(body["message_ids"], body["topic_id"])
            return {"items": []}
        topic = self.topics[int(path.split("/")[-2]) - 1]
        topic["status"] = body["status"]
        return topic

    def topic_of(self, name: str) -> dict[str, Any]:
        """The topic with this name."""
        return next(each for each in self.topics if each["name"] == name)


@contextmanager
def running(system: System) -> Iterator[str]:
    """The system behind a real address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            items = system.list_of(parts.path)
            start = int(parse_qs(parts.query).get("cursor", ["0"])[0])
            rest = str(start + PAGE) if len(items) > start + PAGE else None
            self._answer(200, {"items": items[start : start + PAGE], "next_cursor": rest})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(200, system.change(self.path, body))

        do_PUT = do_POST  # noqa: N815 - the name that http.server calls

        def _answer(self, status: int, body: object) -> None:
            encoded = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def seed(system: System) -> str:
    """Seed it; returns what the terminal shows."""
    shown = io.StringIO()

    async def within(url: str) -> None:
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            await label_sample(client, Terminal({}, shown))

    with running(system) as url:
        asyncio.run(within(url))
    return shown.getvalue()


@pytest.fixture
def system() -> System:
    """A system that has imported the sample."""
    return System(messages=[each["id"] for each in json.loads(SAMPLE.read_text())["messages"]])


def test_the_labels_are_of_messages_that_say_something_each_of_one_topic() -> None:
    labels = read_labels()
    export = json.loads(SAMPLE.read_text())
    says = {each["id"] for each in export["messages"] if each["type"] == "message" and each["text_entities"]}
    labelled = [message for topic in labels.topics for message in topic.messages]

    assert labels.chat == export["name"]
    assert set(labelled) <= says
    assert len(labelled) == len(set(labelled)) >= 200
    assert 12 <= len(labels.topics) <= 25
    assert all(2 <= len(topic.name.split()) <= 4 for topic in labels.topics)
    assert all(len(topic.messages) >= 3 and topic.description.endswith(".") for topic in labels.topics)


def test_topics_are_made_and_messages_labelled_by_our_ids(system: System) -> None:
    shown = seed(system)

    labels = read_labels()
    assert [topic["name"] for topic in system.topics] == [topic.name for topic in labels.topics]
    assert system.labels == {
        message + 1000: system.topic_of(topic.name)["id"]
        for topic in labels.topics
        for message in topic.messages
    }
    assert f"{len(system.labels)} messages labelled" in shown


def test_a_second_time_nothing_changes(system: System) -> None:
    seed(system)
    topics, labels = list(system.topics), dict(system.labels)
    shown = seed(system)

    assert (system.topics, system.labels) == (topics, labels)
    assert f"│ 0 messages labelled, 0 topics made; {len(labels)} messages had a label already" in shown


def test_what_people_did_stays(system: System) -> None:
    first, second, third = read_labels().topics[:3]
    system.topics = [
        {"id": 1, "name": first.name.upper(), "status": "needs_review"},
        {"id": 2, "name": second.name, "status": "rejected"},
    ]
    corrected = third.messages[0] + 1000
    system.labels[corrected] = 1
    shown = seed(system)

    assert [topic["status"] for topic in system.topics[:2]] == ["approved", "rejected"]
    assert system.labels[corrected] == 1
    assert system.labels[first.messages[0] + 1000] == 1
    assert 2 not in system.labels.values()
    assert f"“{second.name}” was rejected" in shown


def test_messages_that_are_not_there_are_told_of(system: System) -> None:
    gone = read_labels().topics[0].messages[:2]
    system.messages = [each for each in system.messages if each not in gone]

    assert "2 messages of the sample are not there" in seed(system)


def test_without_the_sample_chat_it_says_how_to_get_it(system: System) -> None:
    system.title = "Інший чат"
    with pytest.raises(LocalError, match="make run"):
        seed(system)


def test_with_nothing_running_it_says_what_to_do(tmp_path: Any) -> None:
    with pytest.raises(LocalError, match="make run"):
        seed_labels({"TT_LOCAL_DIR": str(tmp_path)})
