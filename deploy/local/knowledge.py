"""The first minute's second half: topics and atoms grow out of the chat, and a search answers."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from deploy.local.summary import get, problem_of, short
from deploy.local.terminal import Terminal

_LOOK_SECONDS = 1
_LINE_SECONDS = 5
_PATIENCE_SECONDS = 180
_TELEGRAM_BEGAN = datetime(2013, 8, 14, tzinfo=UTC)
_SHORTEST_PERIOD = timedelta(seconds=1)
_OPEN = ("pending", "running")
_TOPICS, _ATOMS, _HITS = 6, 6, 3
# In other words, or in another language, than what they find in the sample chat.
_QUESTIONS = ("чому пошук думає так довго?", "when is the code freeze?")


async def grow_knowledge(client: httpx.AsyncClient, terminal: Terminal) -> None:
    """Have what was imported extracted, and follow it; by rules that costs nothing, so nobody is asked.

    Where a paid model extracts, it is only told how to begin.
    """
    extractor = await _active_extractor(client)
    if extractor is None:
        terminal.say("Knowledge: no extractor is active; activate one under Settings of the page.")
        return
    if not extractor["basic_mode"]:
        terminal.say(
            f"Knowledge: what was imported is not sent to {extractor['name']} unasked. "
            "Choose a chat on the page, or POST /api/v1/knowledge/extractions."
        )
        return
    begun, reason = await extract_period(client, _TELEGRAM_BEGAN, datetime.now(UTC))
    if not begun:
        terminal.say(f"Nothing is extracted: {reason}")
        return
    terminal.say(f"Looking for topics and atoms in {begun:,} batches of conversations …")
    await follow_extractions(client, terminal)


async def extract_period(client: httpx.AsyncClient, since: datetime, until: datetime) -> tuple[int, str]:
    """Begin to extract what was sent in a period, in parts where it is too much for one request.

    What was extracted before is left out.

    Returns:
        How many extractions began, and why none did.
    """
    period = {"since": since.isoformat(), "until": until.isoformat()}
    answer = await client.post("/api/v1/knowledge/extractions", json=period)
    if answer.is_success:
        return len(answer.json()["items"]), ""
    if not _is_too_much(answer) or until - since < _SHORTEST_PERIOD:
        return 0, problem_of(answer)
    middle = since + (until - since) / 2
    later, _ = await extract_period(client, middle, until)
    earlier, _ = await extract_period(client, since, middle)
    begun = later + earlier
    return begun, "" if begun else problem_of(answer)


def _is_too_much(answer: httpx.Response) -> bool:
    if answer.status_code != httpx.codes.UNPROCESSABLE_ENTITY:
        return False
    return any(error.get("field") == "since" for error in answer.json().get("errors") or ())


async def follow_extractions(client: httpx.AsyncClient, terminal: Terminal) -> None:
    """Say how the extractions go on, until all have ended or it takes too long to wait for."""
    began = said = time.monotonic()
    before = ""
    while any([await _extractions(client, status) for status in _OPEN]):
        now = time.monotonic()
        if now - began > _PATIENCE_SECONDS:
            terminal.say("Topics and atoms go on growing; the page shows them live.")
            return
        if now - said >= _LINE_SECONDS and (line := await _progress(client)) != before:
            terminal.say(line)
            said, before = now, line
        await asyncio.sleep(_LOOK_SECONDS)


async def _progress(client: httpx.AsyncClient) -> str:
    stats = await get(client, "/api/v1/knowledge/stats")
    topics, atoms = _total(stats["topics"]), _total(stats["atoms"])
    return f"{topics} topics, {atoms} atoms; {stats['pending']['claimed']:,} messages still to be read …"


async def show_knowledge(client: httpx.AsyncClient, terminal: Terminal) -> None:
    """Topics and some atoms; nothing while there is nothing."""
    stats = await get(client, "/api/v1/knowledge/stats")
    atoms = _total(stats["atoms"])
    if not atoms:
        return
    terminal.say("")
    terminal.say(f"{_total(stats['topics'])} topics and {atoms} atoms, each with its quotes:")
    for topic in await _largest_topics(client):
        terminal.say(f"  {topic['icon']} {topic['name']} ({topic['atoms']})")
    for atom in await _surest_atoms(client):
        terminal.say(f"  {atom['type']:<12} {short(atom['title'])}")


async def show_search(client: httpx.AsyncClient, terminal: Terminal) -> None:
    """What a search finds in the sample chat."""
    for question in _QUESTIONS:
        hits = (await get(client, "/api/v1/search", {"q": question, "limit": str(_HITS)}))["items"]
        if hits:
            terminal.say(f"Asked «{question}», the search finds:")
        for hit in hits:
            terminal.say(f"  {hit['kind']:<12} {short(hit['title'] or hit['text'])}")


async def _active_extractor(client: httpx.AsyncClient) -> dict[str, Any] | None:
    agents = (await get(client, "/api/v1/agents"))["items"]
    for agent in agents:
        if agent["kind"] == "knowledge_extractor" and agent["active"]:
            return await get(client, f"/api/v1/providers/{agent['provider_id']}")
    return None


async def _extractions(client: httpx.AsyncClient, status: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        await get(client, "/api/v1/knowledge/extractions", {"status": status, "limit": "1"})
    )["items"]
    return found


async def _largest_topics(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    found = (await get(client, "/api/v1/topics", {"limit": "200"}))["items"]
    return sorted(found, key=lambda topic: int(topic["atoms"]), reverse=True)[:_TOPICS]


async def _surest_atoms(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Of each type the surest of the latest."""
    found = (await get(client, "/api/v1/atoms", {"limit": "200"}))["items"]
    surest: dict[str, dict[str, Any]] = {}
    for atom in sorted(found, key=lambda atom: float(atom["confidence"]), reverse=True):
        surest.setdefault(atom["type"], atom)
    return list(surest.values())[:_ATOMS]


def _total(by_status: Mapping[str, int]) -> int:
    return sum(count for status, count in by_status.items() if status != "rejected")
