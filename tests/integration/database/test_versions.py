"""Two releases on one schema: the newer one's migrations leave the older one ready, until they take away."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database import migrate as migrating
from shared.database import online
from shared.database.engine import bind_database, dispose_database, engine
from shared.database.migrate import MigrationError, migrate, newest_version
from shared.database.versions import TABLE, suited_versions
from shared.service import health
from tests.conftest import Database

_OURS = "0001_scoring"
_EXPAND = """
from alembic import op
revision, down_revision = "0002_origin", "0001_scoring"
def upgrade():
    op.execute("ALTER TABLE scoring.scores ADD COLUMN origin text")
"""
_INDEX = """
from shared.database.online import create_index
revision, down_revision = "0003_by_origin", "0002_origin"
def upgrade():
    create_index("scores_by_origin", "scoring.scores", "(origin)")
"""
_CONTRACT = """
from alembic import op
revision, down_revision, runs_with = "0004_no_hash", "0003_by_origin", "0002_origin"
def upgrade():
    op.execute("ALTER TABLE scoring.scores DROP COLUMN content_hash")
"""

Result = TypeVar("Result")


class Releases:
    """Which release of scoring this process is of: ours, and those to come that have more migrations."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._ours = migrating.migrations_of
        self._patch = monkeypatch

    def become(self, *migrations: str) -> None:
        """Be the release that has these migrations beside ours."""
        folder = self._folder / f"release-{len(migrations)}"
        folder.mkdir(exist_ok=True)
        for place, text in enumerate(migrations):
            (folder / f"next_{place}.py").write_text(text)

        def with_more(service: str) -> Any:
            config = self._ours(service)
            locations = f"{config.get_main_option('version_locations')}{os.pathsep}{folder}"
            config.set_main_option("version_locations", locations)
            return config

        self._patch.setattr(migrating, "migrations_of", with_more)


@pytest.fixture
def releases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Releases:
    return Releases(tmp_path, monkeypatch)


def on(database: Database, ask: Callable[[], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        bind_database(database.url("scoring"), "scoring")
        try:
            return await ask()
        finally:
            await dispose_database()

    return asyncio.run(run())


def readiness(database: Database) -> health.Check:
    """What the release that this process is of says of its schema."""

    async def look() -> health.Check:
        return (await health.look({"migrations": health.migrations_of("scoring")})).checks["migrations"]

    return on(database, look)


def test_schema_that_a_later_release_has_added_to_suits_the_earlier_one(
    database: Database, releases: Releases
) -> None:
    url = database.url("scoring")
    releases.become(_EXPAND, _INDEX)
    assert asyncio.run(migrate("scoring", url)) == (_OURS, "0003_by_origin")
    later = readiness(database)
    releases.become()

    assert later == health.Check(True, "0003_by_origin")
    assert readiness(database) == health.Check(True, f"at 0003_by_origin, which suits {_OURS}")
    assert asyncio.run(migrate("scoring", url)) == ("0003_by_origin", "0003_by_origin")


def test_schema_that_lost_what_a_release_needs_does_not_suit_it_and_suits_the_others(
    database: Database, releases: Releases
) -> None:
    url = database.url("scoring")
    releases.become(_EXPAND, _INDEX, _CONTRACT)
    asyncio.run(migrate("scoring", url))

    suits = on(database, _suited)
    releases.become(_EXPAND)
    between = readiness(database)
    releases.become()
    before = readiness(database)

    assert suits == {"0002_origin", "0003_by_origin", "0004_no_hash"}
    assert between.ok
    assert not before.ok
    assert (
        before.detail
        == f"at 0004_no_hash, which does not suit {_OURS} any more: deploy the release that migrated it"
    )
    with pytest.raises(MigrationError, match=r"newer than this release \(0001_scoring\) and does not suit"):
        asyncio.run(migrate("scoring", url))


def test_schema_that_is_behind_does_not_suit(database: Database, releases: Releases) -> None:
    releases.become(_EXPAND)

    assert readiness(database) == health.Check(
        False, f"at {_OURS}, needs 0002_origin: run python -m shared.database.migrate scoring"
    )


def test_schema_that_was_migrated_before_versions_were_noted_suits_its_own(database: Database) -> None:
    url = database.url("scoring")
    asyncio.run(_execute(url, f"DROP TABLE scoring.{TABLE}"))

    unnoted = readiness(database)
    asyncio.run(migrate("scoring", url))

    assert unnoted == health.Check(True, _OURS)
    assert on(database, _suited) == {_OURS}
    assert newest_version("scoring") == _OURS


def test_command_says_what_it_did_and_why_not(database: Database) -> None:
    environment = {**os.environ, "TT_DATABASE_URL": database.url("scoring")}
    command = [sys.executable, "-m", "shared.database.migrate", "scoring"]

    def run() -> tuple[int, str]:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    assert run() == (0, f"scoring: at {_OURS}, nothing to do\n")
    asyncio.run(_execute(database.url("scoring"), "UPDATE scoring.alembic_version SET version_num = '0009'"))
    asyncio.run(_execute(database.url("scoring"), f"TRUNCATE scoring.{TABLE}"))
    code, said = run()
    assert code == 1
    assert said.startswith("scoring: the schema is at 0009, which is newer than this release (0001_scoring)")
    assert "Traceback" not in said


def test_many_that_migrate_at_once_make_an_index_beside_the_work(
    database: Database, releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "_TURN_EVERY", 0.02)
    releases.become(_EXPAND, _INDEX)
    url = database.url("scoring")

    async def all_at_once() -> list[tuple[str | None, str | None]]:
        return await asyncio.gather(*(migrate("scoring", url) for _ in range(4)))

    found = asyncio.run(all_at_once())

    assert sorted(found) == [(_OURS, "0003_by_origin"), *[("0003_by_origin", "0003_by_origin")] * 3]


def test_table_in_use_is_let_go_of_and_tried_again(
    database: Database, releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(online, "LOCK_TIMEOUT", "100ms")
    monkeypatch.setattr(migrating, "_PAUSE", 0.05)
    releases.become(_EXPAND)
    url = database.url("scoring")

    async def scenario() -> tuple[str | None, str | None]:
        reading = await asyncpg.connect(url)
        try:
            begun = reading.transaction()
            await begun.start()
            await reading.execute("SELECT count(*) FROM scoring.scores")
            running = asyncio.create_task(migrate("scoring", url))
            await _until_it_waits_for_a_lock(url)
            # Behind the one that waits: served as soon as that one lets go.
            await asyncio.wait_for(_execute(url, "DELETE FROM scoring.scores"), 10)
            assert not running.done()
            await begun.rollback()
            return await asyncio.wait_for(running, 30)
        finally:
            await reading.close()

    assert asyncio.run(scenario()) == (_OURS, "0002_origin")


def test_table_that_is_never_free_is_said_to_be_in_use(
    database: Database, releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(online, "LOCK_TIMEOUT", "20ms")
    monkeypatch.setattr(migrating, "_PAUSE", 0.01)
    monkeypatch.setattr(migrating, "_TRIES", 3)
    releases.become(_EXPAND)
    url = database.url("scoring")

    async def scenario() -> None:
        reading = await asyncpg.connect(url)
        try:
            async with reading.transaction():
                await reading.execute("SELECT count(*) FROM scoring.scores")
                await migrate("scoring", url)
        finally:
            await reading.close()

    with pytest.raises(MigrationError, match="in use whenever a migration was to change it"):
        asyncio.run(scenario())
    releases.become()
    assert readiness(database).ok


async def _suited() -> set[str]:
    async with engine().connect() as connection:
        return await _suited_on(connection)


async def _suited_on(connection: AsyncConnection) -> set[str]:
    return await suited_versions("scoring", connection)


async def _until_it_waits_for_a_lock(url: str) -> None:
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    session = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(20):
            while not await session.fetchval(waiting):  # noqa: ASYNC110 - another session's doing
                await asyncio.sleep(0.01)
    finally:
        await session.close()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
