"""The first minute's end: what to do about the sample chat, proposed for people to decide."""

import asyncio
import json
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from deploy.local.summary import get, problem_of, short
from deploy.local.terminal import Terminal

_LOOK_SECONDS = 0.5
_PATIENCE_SECONDS = 120
_ENDED = ("completed", "reviewed", "closed", "failed", "cancelled")
_TASKS = 6


async def propose_tasks(client: httpx.AsyncClient, terminal: Terminal, export: Path) -> None:
    """Have tasks proposed from the export that was imported, for a project named after its chat; show some.

    Only where rules do it: what costs money is not begun unasked.
    """
    if not await _is_free(client):
        terminal.say("Tasks: choose a period on the page under Tasks; the cost is shown before it begins.")
        return
    run = await _begin(client, terminal, export)
    if run is None:
        return
    ended = await _follow(client, run["id"])
    if ended is None:
        terminal.say("Tasks go on being proposed; the page shows them live.")
    elif ended["status"] == "failed":
        terminal.say(f"Proposing tasks failed: {ended['failure']}", level="WARNING")
    else:
        await _show(client, terminal, ended)


async def _is_free(client: httpx.AsyncClient) -> bool:
    for agent in (await get(client, "/api/v1/agents"))["items"]:
        if agent["kind"] == "task_proposer" and agent["active"]:
            provider = await get(client, f"/api/v1/providers/{agent['provider_id']}")
            return bool(provider["basic_mode"])
    return False


async def _begin(client: httpx.AsyncClient, terminal: Terminal, export: Path) -> dict[str, Any] | None:
    """The run over the last weeks of the export's chat, begun."""
    chat = await _chat_of(client, export)
    window = await _window(client, chat)
    project = await _post(
        client, terminal, "/api/v1/projects", {"name": chat["title"] or "Chat", "chat_ids": [chat["id"]]}
    )
    if project is None:
        return None
    run = await _post(client, terminal, "/api/v1/runs", {"project_id": project["id"], **window})
    if run is None:
        return None
    terminal.say(f"Looking for tasks in {run['estimate']['messages']:,} messages …")
    begun = await _post(client, terminal, f"/api/v1/runs/{run['id']}/start", {})
    return run if begun is not None else None


async def _chat_of(client: httpx.AsyncClient, export: Path) -> dict[str, Any]:
    """The chat that was imported: a bot may have brought others meanwhile."""
    title = json.loads(await asyncio.to_thread(export.read_bytes))["name"]
    chats: list[dict[str, Any]] = (await get(client, "/api/v1/chats"))["items"]
    return next((chat for chat in chats if chat["title"] == title), chats[0])


async def _window(client: httpx.AsyncClient, chat: Mapping[str, Any]) -> dict[str, str]:
    """From three weeks before the chat's latest message to just behind it."""
    asked = {"limit": "1", "chat_id": str(chat["id"])}
    latest = (await get(client, "/api/v1/messages", asked))["items"][0]
    until = datetime.fromisoformat(latest["sent_at"]) + timedelta(seconds=1)
    return {"since": (until - timedelta(weeks=3)).isoformat(), "until": until.isoformat()}


async def _post(
    client: httpx.AsyncClient, terminal: Terminal, path: str, body: Mapping[str, Any]
) -> dict[str, Any] | None:
    answer = await client.post(path, json=body)
    if not answer.is_success:
        terminal.say(f"No tasks are proposed: {problem_of(answer)}", level="WARNING")
        return None
    made: dict[str, Any] = answer.json()
    return made


async def _follow(client: httpx.AsyncClient, run_id: str) -> dict[str, Any] | None:
    """The run once it has ended; None when it takes too long to wait for."""
    began = time.monotonic()
    while time.monotonic() - began < _PATIENCE_SECONDS:
        run = await get(client, f"/api/v1/runs/{run_id}")
        if run["status"] in _ENDED:
            return run
        await asyncio.sleep(_LOOK_SECONDS)
    return None


async def _show(client: httpx.AsyncClient, terminal: Terminal, run: Mapping[str, Any]) -> None:
    found = (await get(client, f"/api/v1/runs/{run['id']}/proposals", {"limit": "200"}))["items"]
    terminal.say("")
    terminal.say(
        f"{run['proposals_total']} tasks proposed, to be approved or rejected on the page under Tasks:"
    )
    for proposal in _surest(found):
        terminal.say(f"  {proposal['category']:<12} {short(proposal['title'])}")


def _surest(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of each category the surest, then the others."""
    ordered = sorted(found, key=lambda proposal: float(proposal["confidence"]), reverse=True)
    first = {proposal["category"]: proposal for proposal in reversed(ordered)}
    leading = {proposal["id"] for proposal in first.values()}
    return sorted(ordered, key=lambda proposal: proposal["id"] not in leading)[:_TASKS]
