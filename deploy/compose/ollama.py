"""Has the services use a model of Ollama's, in place of the rules that cost nothing: the profile `ollama`."""

import asyncio
import time
from typing import Any

import httpx

from deploy.local.summary import get, problem_of
from deploy.local.terminal import Terminal

NAME = "Ollama"
AGENTS = ("knowledge_extractor", "task_proposer")
"""What it is to do; vectors go on coming from the installation's own server."""

_LOOK_SECONDS = 1.0
_PATIENCE_SECONDS = 600.0
"""A model of some gigabytes is loaded before it first answers."""


async def use_ollama(client: httpx.AsyncClient, terminal: Terminal, *, address: str, model: str) -> int:
    """Add Ollama as a provider unless it is there, wait until it was tried; returns the exit code.

    Args:
        client: Of the gateway, with an admin's key.
        terminal: Where it is told how it went.
        address: Where the services reach Ollama.
        model: Which of its models.
    """
    provider = await _named(client)
    if provider is None:
        provider = await _add(client, terminal, address, model)
    elif provider["validation_status"] == "error":
        await client.post(f"/api/v1/providers/{provider['id']}/validate")
        provider |= {"validation_status": "pending"}
    if provider is None:
        return 1
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while provider["validation_status"] in {"pending", "validating"} and time.monotonic() < deadline:
        await asyncio.sleep(_LOOK_SECONDS)
        provider = await get(client, f"/api/v1/providers/{provider['id']}")
    if provider["validation_status"] != "connected":
        terminal.say(
            f"Ollama is not used: {provider['validation_error'] or provider['validation_status']}. "
            "It is tried again when this runs again, or by “Check” at Settings, Model providers.",
            level="ERROR",
        )
        return 1
    terminal.say(f"Ollama is connected, and extracts knowledge and proposes tasks with {model}.")
    return 0


async def _named(client: httpx.AsyncClient) -> dict[str, Any] | None:
    providers: list[dict[str, Any]] = (await get(client, "/api/v1/providers"))["items"]
    return next((each for each in providers if each["name"] == NAME), None)


async def _add(
    client: httpx.AsyncClient, terminal: Terminal, address: str, model: str
) -> dict[str, Any] | None:
    body = {
        "name": NAME,
        "type": "ollama",
        "base_url": address,
        "chat_model": model,
        # One machine answers one question after the other, and a long one takes its time.
        "max_concurrency": 1,
        "timeout_seconds": 600,
        "activate": AGENTS,
    }
    answer = await client.post("/api/v1/providers", json=body)
    if not answer.is_success:
        terminal.say(f"Ollama could not be added: {problem_of(answer)}", level="ERROR")
        return None
    made: dict[str, Any] = answer.json()
    return made
