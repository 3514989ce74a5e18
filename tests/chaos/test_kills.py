"""kill -9 in the middle of an import: afterwards every message is stored once and scored once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.generate_export import write_export
from tests.system import UNDERSTANDING, System, running_system, wait_for

MESSAGES = 20_000


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    with running_system(tmp_path / "system", without=UNDERSTANDING, TT_LOG_LEVEL="INFO") as started:
        yield started


@pytest.mark.parametrize("victim", ["ingestion", "scoring", "nats", "postgres"])
def test_kill_during_an_import_loses_and_doubles_nothing(system: System, tmp_path: Path, victim: str) -> None:
    export = tmp_path / "result.json"
    write_export(export, MESSAGES, seed=11)
    job_id = system.import_export(export)
    wait_for(lambda: stored(system) >= MESSAGES // 10, "the import is under way")

    system.kill(victim)
    assert stored(system) < MESSAGES or victim == "postgres", "it was killed too late"
    system.start(victim)

    wait_for(lambda: system.is_over(job_id), "the job ends", seconds=120, about=lambda: system.job(job_id))
    wait_for(lambda: scored(system) >= MESSAGES, "all are scored", seconds=60, about=lambda: scored(system))
    for name in system.processes():
        system.wait_ready(name)
    job = system.job(job_id)
    assert (job["status"], job["messages_fetched"], job["messages_stored"], job["errors_count"]) == (
        "completed",
        MESSAGES,
        MESSAGES,
        0,
    )
    assert stored(system) == scored(system) == MESSAGES
    assert every_key_stands_once(system)
    assert scores_are_of_the_stored_texts(system) == MESSAGES
    wait_for(lambda: unsaid(system) == 0, "both outboxes are empty")


def stored(system: System) -> int:
    return system.count("SELECT count(*) FROM ingestion.messages")


def scored(system: System) -> int:
    return system.count("SELECT count(*) FROM scoring.scores")


def unsaid(system: System) -> int:
    return system.count(
        """
        SELECT (SELECT count(*) FROM ingestion.outbox WHERE sent_at IS NULL)
             + (SELECT count(*) FROM scoring.outbox WHERE sent_at IS NULL)
        """
    )


def every_key_stands_once(system: System) -> bool:
    doubled = """
        SELECT count(*) FROM (
            SELECT 1 FROM ingestion.messages GROUP BY chat_id, telegram_message_id HAVING count(*) > 1
        ) AS doubled
    """
    return system.count(doubled) == 0


def scores_are_of_the_stored_texts(system: System) -> int:
    """How many scores name the text that stands."""
    same = """
        SELECT count(*) FROM ingestion.messages AS message
        JOIN scoring.scores AS score ON score.message_id = message.id
        WHERE score.content_hash = encode(message.content_hash, 'hex')
    """
    return system.count(same)
