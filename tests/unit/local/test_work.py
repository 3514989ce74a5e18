"""The first minute's tasks: proposed from the chat that was imported, whatever a bot brought meanwhile."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx

from deploy.local.terminal import Terminal
from deploy.local.work import propose_tasks

CHATS = [{"id": 2, "title": "Команда"}, {"id": 1, "title": "Полиця — команда"}]
LATEST = {"1": "2026-10-23T13:05:43Z", "2": "2026-11-26T09:00:00Z"}
RUN = {"id": "r1", "status": "completed", "proposals_total": 0, "estimate": {"messages": 510}}


class Gateway:
    """Answers as an installation does in which the sample's chat is not the only one."""

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1/")
        if request.method == "POST":
            self.made[path] = json.loads(request.content)
        answers: dict[str, Any] = {
            "agents": {"items": [{"kind": "task_proposer", "active": True, "provider_id": "p1"}]},
            "providers/p1": {"basic_mode": True},
            "chats": {"items": CHATS},
            "messages": {"items": [{"sent_at": LATEST[request.url.params.get("chat_id", "2")]}]},
            "projects": {"id": "a1"},
            "runs/r1/proposals": {"items": []},
        }
        return httpx.Response(200, json=answers.get(path, RUN))


def test_tasks_are_proposed_of_the_chat_that_was_imported(tmp_path: Path) -> None:
    export = tmp_path / "result.json"
    export.write_text(json.dumps({"name": "Полиця — команда", "messages": []}))
    gateway = Gateway()

    async def propose() -> None:
        transport = httpx.MockTransport(gateway)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            await propose_tasks(client, Terminal({}), export)

    asyncio.run(propose())
    assert gateway.made["projects"]["chat_ids"] == [1]
    assert gateway.made["runs"]["until"] == "2026-10-23T13:05:44+00:00"
