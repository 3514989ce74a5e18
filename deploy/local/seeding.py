"""`make seed-labels`: says of the sample chat's messages which topics they are of, as a person would.

Experiments are measured by such labels. What people have labelled, or rejected, stays as they left it.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec

from deploy.local.errors import LocalError
from deploy.local.house import House, existing_house
from deploy.local.summary import gateway_client, problem_of
from deploy.local.terminal import Terminal

LABELS = Path(__file__).parent / "sample" / "labels.json"
_AT_ONCE = 200
_BEGIN = (
    "curl -X POST {url}/api/v1/experiments -H 'Authorization: Bearer {key}' "
    "-H 'Content-Type: application/json' -d '{{\"name\": \"Базовий режим\"}}'"
)


class LabelledTopic(msgspec.Struct, frozen=True, kw_only=True):
    """A topic of the sample chat, and the messages that are of it alone, by Telegram's ids."""

    name: str
    description: str
    icon: str
    messages: list[int]


class SampleLabels(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the sample chat.

    Attributes:
        chat: Its title.
    """

    chat: str
    topics: list[LabelledTopic]


def read_labels() -> SampleLabels:
    """The labels of the sample chat."""
    return msgspec.json.decode(LABELS.read_bytes(), type=SampleLabels)


def seed_labels(environment: Mapping[str, str]) -> int:
    """Label the sample chat in the running system, and say what to do next; returns 0.

    Raises:
        LocalError: nothing runs, the sample chat is not there, or the gateway refused.
    """
    terminal = Terminal(environment)
    house = existing_house(environment)
    if house is None:
        raise LocalError("Nothing was started here yet: 'make run' does it, and imports the sample chat.")
    try:
        asyncio.run(_seed(house, terminal))
    except (httpx.HTTPError, OSError) as error:
        raise LocalError(
            f"The gateway at {house.gateway_url} does not answer ({error or type(error).__name__}): "
            "is 'make run' running in another terminal?"
        ) from error
    return 0


async def _seed(house: House, terminal: Terminal) -> None:
    async with gateway_client(house.door) as client:
        await label_sample(client, terminal)
    terminal.say("")
    terminal.say("Now measure how well they are told apart, without a key, by the nearest topic:")
    terminal.say(f"  {_BEGIN.format(url=house.gateway_url, key=house.api_key)}")
    terminal.say(f"or begin an experiment on the page: {house.gateway_url}/#/experiments")


async def label_sample(client: httpx.AsyncClient, terminal: Terminal) -> None:
    """Make the topics that are missing, and label the messages that nobody has labelled.

    Raises:
        LocalError: The sample chat is not there, or the gateway refused.
        httpx.HTTPError: It does not answer.
    """
    sample = read_labels()
    messages = await _messages_of(client, sample.chat)
    labels = [item async for item in _all(client, "/api/v1/labels")]
    labelled = {item["message_id"] for item in labels if item["source"] == "given"}
    topics = {item["name"].lower(): item async for item in _all(client, "/api/v1/topics")}
    made = given = missing = 0
    for topic in sample.topics:
        known = topics.get(topic.name.lower())
        if known is not None and known["status"] == "rejected":
            terminal.say(f"“{topic.name}” was rejected, so nothing is labelled with it.", level="WARNING")
            continue
        topic_id = await _approved(client, topic, known)
        there = [messages[each] for each in topic.messages if each in messages]
        new = [each for each in there if each not in labelled]
        for part in _parts(new):
            body = {"message_ids": part, "topic_id": topic_id}
            await _ask(client, "PUT", "/api/v1/messages/labels", json=body)
        made += known is None
        given += len(new)
        missing += len(topic.messages) - len(there)
    terminal.say(
        f"{given:,} messages labelled, {made} topics made; {len(labelled):,} messages had a label already."
    )
    if missing:
        terminal.say(f"{missing:,} messages of the sample are not there (yet).", level="WARNING")


async def _messages_of(client: httpx.AsyncClient, title: str) -> dict[int, int]:
    """Our ids of the chat's messages by Telegram's."""
    chats = (await _ask(client, "GET", "/api/v1/chats"))["items"]
    chat = next((each for each in chats if each["title"] == title), None)
    if chat is None:
        raise LocalError(
            f"The sample chat “{title}” is not there: 'make run' imports it into an empty system."
        )
    return {
        item["telegram_message_id"]: item["id"]
        async for item in _all(client, "/api/v1/messages", {"chat_id": str(chat["id"])})
    }


async def _approved(client: httpx.AsyncClient, topic: LabelledTopic, known: Mapping[str, Any] | None) -> int:
    """The topic's id; it is made or approved where it is not."""
    if known is None:
        body = {"name": topic.name, "description": topic.description, "icon": topic.icon}
        return int((await _ask(client, "POST", "/api/v1/topics", json=body))["id"])
    if known["status"] != "approved":
        await _ask(client, "POST", f"/api/v1/topics/{known['id']}/review", json={"status": "approved"})
    return int(known["id"])


async def _all(client: httpx.AsyncClient, path: str, params: Mapping[str, str] | None = None) -> Any:
    """All items of a list, a page after the other."""
    cursor: str | None = ""
    while cursor is not None:
        given = {**(params or {}), "limit": str(_AT_ONCE), **({"cursor": cursor} if cursor else {})}
        page = await _ask(client, "GET", path, params=given)
        for item in page["items"]:
            yield item
        cursor = page["next_cursor"]


async def _ask(client: httpx.AsyncClient, method: str, path: str, **given: Any) -> dict[str, Any]:
    answer = await client.request(method, path, **given)
    if not answer.is_success:
        raise LocalError(f"{method} {path} answered {problem_of(answer)}")
    body: dict[str, Any] = answer.json()
    return body


def _parts(items: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(items), _AT_ONCE):
        yield list(items[start : start + _AT_ONCE])
