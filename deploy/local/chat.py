"""The first minute: a chat goes in, scored messages come out, and the terminal shows both."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from deploy.local.errors import LocalError
from deploy.local.house import ROOT, House
from deploy.local.terminal import Terminal

SAMPLE = Path(__file__).parent / "sample" / "result.json"
_CLASSES = ("noise", "weak_signal", "signal")
_ENDED = ("completed", "failed", "cancelled")
_PIECE = 1 << 18
_AGAIN = "export the chat again, with 'Machine-readable JSON' chosen as the format."


def resolve_export(given: str) -> Path:
    """The export file that a person means by a path: a file, or the folder that Telegram Desktop wrote.

    Raises:
        LocalError: there is none, it cannot be read, or it is of the other format.
    """
    path = Path(given).expanduser()
    if path.is_dir():
        path /= "result.json"
        if not path.exists() and any(path.parent.glob("messages*.html")):
            raise LocalError(f"{path.parent} is an HTML export, and there is no result.json in it: {_AGAIN}")
    if path.suffix.lower() in {".html", ".htm"}:
        raise LocalError(f"{path} is an HTML export: {_AGAIN}")
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise LocalError(f"{path} is empty: export the chat again.")
    except OSError as error:
        raise LocalError(
            f"EXPORT={given} cannot be read ({error.strerror}): give the path of an export's result.json."
        ) from error
    return path.absolute()


async def first_minute(house: House, terminal: Terminal, export: Path | None) -> None:
    """Import the export given, or the sample when nothing was imported yet; then show what there is."""
    headers = {"Authorization": f"Bearer {house.api_key}"}
    async with httpx.AsyncClient(
        base_url=house.gateway_url, headers=headers, timeout=60, trust_env=False
    ) as client:
        try:
            await _import_and_show(client, house, terminal, export)
        except (httpx.HTTPError, KeyError, ValueError) as error:
            # The system runs all the same; the person can import again.
            terminal.say(f"The import could not be followed: {error or type(error).__name__}.", level="ERROR")
            show_addresses(house, terminal)


async def _import_and_show(
    client: httpx.AsyncClient, house: House, terminal: Terminal, export: Path | None
) -> None:
    jobs = (await _get(client, "/api/v1/ingestion/jobs"))["items"]
    if export is None and not jobs and not SAMPLE.exists():
        terminal.say("Nothing was imported yet: make run EXPORT=path/result.json")
    elif export is None and jobs:
        terminal.say("Resumed with the data of earlier runs.")
    else:
        await _import(client, terminal, export or SAMPLE)
    await _show_summary(client, terminal)
    show_addresses(house, terminal)


async def _import(client: httpx.AsyncClient, terminal: Terminal, export: Path) -> None:
    shown = export.relative_to(ROOT) if export.is_relative_to(ROOT) else export
    size = await asyncio.to_thread(os.path.getsize, export)
    terminal.say(f"Importing {shown} ({size / 1e6:,.1f} MB) …")
    began = time.monotonic()
    answer = await client.post(
        "/api/v1/ingestion/imports",
        params={"filename": export.name},
        content=_pieces(export),
        headers={"Content-Type": "application/json"},
        timeout=600,
    )
    if not answer.is_success:
        terminal.say(f"The export was refused: {_problem(answer)}", level="ERROR")
        return
    run_id = answer.json()["run_id"]
    job = await _follow_job(client, terminal, run_id)
    if job["status"] != "completed":
        terminal.say(f"The import {job['status']}: {job.get('failure') or 'see the log'}", level="ERROR")
        return
    seconds = time.monotonic() - began
    stored = job["messages_stored"]
    terminal.say(
        f"Imported {stored:,} new messages in {seconds:.1f} s ({stored / seconds:,.0f}/s), "
        f"{job['messages_skipped']:,} known already, {job['errors_count']:,} unreadable."
    )
    await _follow_scores(client, terminal, began)


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece


async def _follow_job(client: httpx.AsyncClient, terminal: Terminal, run_id: str) -> dict[str, Any]:
    said, fetched = time.monotonic(), 0
    while True:
        job = await _get(client, f"/api/v1/ingestion/jobs/{run_id}")
        now = time.monotonic()
        if job["status"] in _ENDED:
            return job
        if now - said >= 2:  # noqa: PLR2004
            rate = (job["messages_fetched"] - fetched) / (now - said)
            said, fetched = now, job["messages_fetched"]
            terminal.say(f"read {fetched:,} messages ({rate:,.0f}/s)", program="ingestion")
        await asyncio.sleep(0.1)


async def _follow_scores(client: httpx.AsyncClient, terminal: Terminal, began: float) -> None:
    """Wait until the scores stop growing: until then each round says how far they are."""
    previous, said, still = -1, time.monotonic(), 0
    while still < 10:  # noqa: PLR2004 - a second without a new score
        total = int((await _get(client, "/api/v1/scoring/stats"))["total"])
        still = still + 1 if total == previous and total > 0 else 0
        now = time.monotonic()
        if total != previous and now - said >= 2:  # noqa: PLR2004
            terminal.say(f"scored {total:,} messages", program="scoring")
            said = now
        if total == 0 and now - began > 60:  # noqa: PLR2004
            terminal.say(
                "no message was scored within a minute; 'make status' says what is wrong", program="scoring"
            )
            return
        previous = total
        await asyncio.sleep(0.1)


async def _show_summary(client: httpx.AsyncClient, terminal: Terminal) -> None:
    stats = await _get(client, "/api/v1/scoring/stats")
    total = int(stats["total"])
    if total == 0:
        return
    terminal.say("")
    terminal.say(f"{total:,} messages scored:")
    for name, bar in _bars(stats["by_class"], total):
        terminal.say(f"  {name:<12} {int(stats['by_class'][name]):>8,}  {bar}")
    strongest = (await _get(client, "/api/v1/messages", {"class": "signal", "limit": "50"}))["items"]
    scored = [found for item in strongest if (found := _in_a_line(item)) is not None]
    if scored:
        terminal.say("The strongest of the latest signals:")
    for _, line in sorted(scored, reverse=True)[:5]:
        terminal.say(f"  {line}")


def _bars(by_class: Mapping[str, int], total: int) -> list[tuple[str, str]]:
    names = sorted(by_class, key=[*_CLASSES, *by_class].index)
    return [(name, "█" * round(40 * by_class[name] / total)) for name in names]


def _in_a_line(item: Mapping[str, Any]) -> tuple[float, str] | None:
    score, message = item.get("score"), item.get("message", item)
    value = score.get("score") if isinstance(score, dict) else score
    text = message.get("text")
    if not isinstance(value, int | float) or not text:
        return None
    author = (message.get("author") or {}).get("name") or "?"
    flat = " ".join(str(text).split())
    return float(value), f"{value:.2f}  {author}: {flat[:90]}{'…' if len(flat) > 90 else ''}"  # noqa: PLR2004


def show_addresses(house: House, terminal: Terminal) -> None:
    """Say where to look."""
    url = house.gateway_url
    terminal.say("")
    terminal.say(f"Page      {url}/#key={house.api_key}")
    terminal.say(f"API       {url}/schema")
    terminal.say(f"Logs      {house.logs}")
    terminal.say("Below: warnings and errors of all programs. Ctrl-C stops everything.")


async def _get(
    client: httpx.AsyncClient, path: str, params: Mapping[str, str] | None = None
) -> dict[str, Any]:
    answer = await client.get(path, params=params or {})
    if not answer.is_success:
        raise ValueError(f"GET {path} answered {_problem(answer)}")
    body: dict[str, Any] = answer.json()
    return body


def _problem(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        return f"{answer.status_code} {problem.get('detail') or problem.get('title') or ''}".strip()
    except (ValueError, AttributeError):
        return f"{answer.status_code} {answer.text[:200]}"
