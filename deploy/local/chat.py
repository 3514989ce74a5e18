"""The first minute: a chat goes in, scored messages and knowledge come out, and the terminal shows both."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from deploy.local.door import Door
from deploy.local.errors import LocalError
from deploy.local.knowledge import grow_knowledge, show_knowledge, show_search
from deploy.local.summary import gateway_client, get, problem_of, show_addresses, show_goodbye, show_summary
from deploy.local.terminal import Terminal
from deploy.local.work import propose_tasks

SAMPLE = Path(__file__).parent / "sample" / "result.json"
_ROOT = Path(__file__).resolve().parents[2]
_LINE_SECONDS = 2
_STILL_SECONDS = 10
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


async def first_minute(door: Door, terminal: Terminal, export: Path | None) -> None:
    """Import the export given, or the sample when nothing was imported yet; then show what there is."""
    async with gateway_client(door) as client:
        try:
            await _import_and_show(client, door, terminal, export)
        except (httpx.HTTPError, OSError, KeyError, ValueError) as error:
            # The system runs all the same; the person can import again.
            terminal.say(f"The import could not be followed: {error or type(error).__name__}.", level="ERROR")
            show_addresses(door, terminal)
            show_goodbye(door, terminal)


async def _import_and_show(
    client: httpx.AsyncClient, door: Door, terminal: Terminal, export: Path | None
) -> None:
    jobs = (await get(client, "/api/v1/ingestion/jobs"))["items"]
    if export is None and jobs:
        terminal.say("Resumed with the data of earlier runs.")
        for job in jobs:
            if job["status"] not in _ENDED:
                terminal.say(f"The import of {job['source_name']} goes on …")
                await _Progress(client, terminal, job["id"], 0, time.monotonic()).follow()
    else:
        await _import(client, terminal, export or SAMPLE)
    await show_summary(client, terminal)
    # The page is there to watch the rest on.
    show_addresses(door, terminal)
    if export is not None or not jobs:
        await grow_knowledge(client, terminal)
    await show_knowledge(client, terminal)
    if export is None and not jobs:
        await show_search(client, terminal)
        await propose_tasks(client, terminal, SAMPLE)
    show_goodbye(door, terminal)


async def _import(client: httpx.AsyncClient, terminal: Terminal, export: Path) -> None:
    shown = export.relative_to(_ROOT) if export.is_relative_to(_ROOT) else export
    size = await asyncio.to_thread(os.path.getsize, export)
    terminal.say(f"Importing {shown} ({size / 1e6:,.1f} MB) …")
    scored_before = await _scored(client)
    began = time.monotonic()
    answer = await client.post(
        "/api/v1/ingestion/imports",
        params={"filename": export.name},
        content=_pieces(export),
        headers={"Content-Type": "application/json"},
        timeout=600,
    )
    if not answer.is_success:
        terminal.say(f"The export was refused: {problem_of(answer)}", level="ERROR")
        return
    progress = _Progress(client, terminal, answer.json()["run_id"], scored_before, began)
    await progress.follow()


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece


async def _scored(client: httpx.AsyncClient) -> int:
    return int((await get(client, "/api/v1/scoring/stats"))["total"])


@dataclass
class _Progress:
    """An import and the scoring behind it, until both are done, with a line every 2 s."""

    client: httpx.AsyncClient
    terminal: Terminal
    run_id: str
    scored_before: int
    began: float

    async def follow(self) -> None:
        said = moved = time.monotonic()
        before = (0, 0)
        while True:
            job = await get(self.client, f"/api/v1/ingestion/jobs/{self.run_id}")
            asked = time.monotonic()
            done = (int(job["messages_fetched"]), await _scored(self.client) - self.scored_before)
            now = time.monotonic()
            if done != before:
                before, moved = done, now
            if job["status"] in _ENDED and (
                done[1] >= job["messages_stored"] or now - moved > _STILL_SECONDS
            ):
                self._conclude(job, done[1], moved - self.began)
                return
            if now - said >= _LINE_SECONDS:
                said = now
                self.terminal.say(f"{done[0]:,} messages read, {done[1]:,} scored")
            # A count of millions of rows is not asked for more often than it can be answered lightly.
            await asyncio.sleep(max(0.1, 4 * (now - asked)))

    def _conclude(self, job: Mapping[str, Any], scored: int, seconds: float) -> None:
        if job["status"] != "completed":
            why = job.get("failure") or f"see {job['errors_count']} errors of job {self.run_id}"
            self.terminal.say(f"The import {job['status']}: {why}", level="ERROR")
            return
        stored = int(job["messages_stored"])
        self.terminal.say(
            f"Imported and scored {stored:,} new messages in {seconds:.1f} s "
            f"({stored / max(seconds, 0.001):,.0f}/s); {job['messages_skipped']:,} were known already, "
            f"{job['errors_count']:,} unreadable."
        )
        if scored < stored:
            self.terminal.say(
                f"Only {scored:,} of them have a score yet; 'make status' says whether scoring is well.",
                level="WARNING",
            )
