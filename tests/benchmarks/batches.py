"""An import through the real job, and the scoring of all that it stored, beside COPY of the same rows."""

import asyncio
import time
from pathlib import Path

from deploy.local.programs import admin_database_url
from tests.benchmarks import bare
from tests.benchmarks.figures import Figure
from tests.generate_export import write_export
from tests.system import System, wait_for

_MESSAGES = 30_000


def measure(system: System, folder: Path) -> list[Figure]:
    """Messages stored a second while scoring follows, and messages scored a second by a run of its own."""
    export = folder / "result.json"
    write_export(export, _MESSAGES, seed=23)
    stored_before = _count(system, "ingestion.messages")
    wanted = _count(system, "scoring.scores") + _MESSAGES
    began = time.perf_counter()
    job_id = system.import_export(export)
    wait_for(lambda: system.is_over(job_id), "the import ends", seconds=180)
    imported = time.perf_counter() - began
    wait_for(lambda: _count(system, "scoring.scores") >= wanted, "all are scored", seconds=180)
    followed = time.perf_counter() - began
    assert _count(system, "ingestion.messages") - stored_before == _MESSAGES
    scored_alone = _score_again(system, wanted)
    url = admin_database_url(system.house, "tasktracker")
    copied_messages = asyncio.run(bare.copy_rate(url, "ingestion.messages"))
    copied_scores = asyncio.run(bare.copy_rate(url, "scoring.scores"))
    return [
        Figure(
            "import: upload → stored",
            _MESSAGES / imported,
            "messages/s",
            "≥ 5,000",
            "COPY of the same rows",
            copied_messages,
        ),
        Figure("import: upload → stored and scored", _MESSAGES / followed, "messages/s"),
        Figure(
            "batch scoring",
            wanted / scored_alone,
            "messages/s",
            "≥ 3,000",
            "COPY of the scores",
            copied_scores,
        ),
    ]


def _count(system: System, table: str) -> int:
    return system.count(f"SELECT count(*) FROM {table}")  # noqa: S608 - a name of our own


def _score_again(system: System, wanted: int) -> float:
    """Seconds that a scoring run takes over every stored message when none has a score."""
    system.rows("TRUNCATE scoring.scores, scoring.author_activity")
    system.rows("DELETE FROM scoring.catch_up")
    began = time.perf_counter()
    system.client.post("/api/v1/scoring/runs").raise_for_status()
    wait_for(lambda: _count(system, "scoring.scores") >= wanted, "all are scored again", seconds=180)
    return time.perf_counter() - began
