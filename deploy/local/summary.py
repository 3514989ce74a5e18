"""What the terminal shows of the messages: by class, the strongest, where to look, and how it goes on."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx

from deploy.local.door import Door
from deploy.local.terminal import Terminal

_WIDTH = 96
_CLASSES = ("noise", "weak_signal", "signal")


def gateway_client(door: Door) -> httpx.AsyncClient:
    """A client of a gateway, with the admin's key."""
    headers = {"Authorization": f"Bearer {door.api_key}"}
    return httpx.AsyncClient(base_url=door.url, headers=headers, timeout=60, trust_env=False)


async def get(
    client: httpx.AsyncClient, path: str, params: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The JSON object that GET answers.

    Raises:
        ValueError: the gateway answered with a problem.
        httpx.HTTPError: it did not answer.
    """
    answer = await client.get(path, params=params or {})
    if not answer.is_success:
        raise ValueError(f"GET {path} answered {problem_of(answer)}")
    body: dict[str, Any] = answer.json()
    return body


def problem_of(answer: httpx.Response) -> str:
    """What a refusal says, in a line."""
    try:
        problem = answer.json()
        return f"{answer.status_code} {problem.get('detail') or problem.get('title') or ''}".strip()
    except (ValueError, AttributeError):
        return f"{answer.status_code} {answer.text[:200]}"


def short(text: str) -> str:
    """A text in a line, cut where it is too long for one."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _WIDTH else f"{flat[: _WIDTH - 1]}…"


async def show_summary(client: httpx.AsyncClient, terminal: Terminal) -> None:
    """Messages by class, and the strongest of the latest signals; nothing while there are none."""
    stats = await get(client, "/api/v1/scoring/stats")
    total = int(stats["total"])
    if total == 0:
        return
    terminal.say("")
    terminal.say(f"{total:,} messages scored:")
    for name, bar in _bars(stats["by_class"], total):
        terminal.say(f"  {name:<12} {int(stats['by_class'][name]):>8,}  {bar}")
    strongest = (await get(client, "/api/v1/messages", {"class": "signal", "limit": "50"}))["items"]
    scored = [found for item in strongest if (found := _in_a_line(item)) is not None]
    if scored:
        terminal.say("The strongest of the latest signals:")
    for _, line in sorted(scored, reverse=True)[:5]:
        terminal.say(f"  {line}")


def _bars(by_class: Mapping[str, int], total: int) -> list[tuple[str, str]]:
    names = sorted(by_class, key=[*_CLASSES, *by_class].index)
    return [(name, "█" * round(40 * by_class[name] / total)) for name in names]


def _in_a_line(item: Mapping[str, Any]) -> tuple[float, str] | None:
    value = (item.get("score") or {}).get("importance_score")
    if not isinstance(value, int | float):
        return None
    author = (item.get("author") or {}).get("name") or "?"
    flat = " ".join(str(item["text"]).split())
    return float(value), f"{value:.2f}  {author}: {flat[:90]}{'…' if len(flat) > 90 else ''}"  # noqa: PLR2004


def show_addresses(door: Door, terminal: Terminal) -> None:
    """Say where to look."""
    terminal.say("")
    terminal.say(f"Page      {door.page}")
    terminal.say(f"API       {door.public_url}/schema")
    terminal.say(f"Logs      {door.logs}")


def show_goodbye(door: Door, terminal: Terminal) -> None:
    """Say what the terminal is for from now on."""
    terminal.say("")
    terminal.say(door.goodbye)


async def follow_totals(door: Door, terminal: Terminal) -> None:
    """Say, for ever, how many messages have been scored, at most every 10 s and only when some were."""
    async with gateway_client(door) as client:
        known: int | None = None
        while True:
            try:
                stats = await get(client, "/api/v1/scoring/stats")
            except (httpx.HTTPError, ValueError):
                pass  # a restarting gateway is told of by its log
            else:
                total = int(stats["total"])
                if known is not None and total != known:
                    classes = ", ".join(f"{count:,} {name}" for name, count in stats["by_class"].items())
                    terminal.say(f"{total - known:+,} scored, {total:,} in all: {classes}")
                known = total
            await asyncio.sleep(10)
