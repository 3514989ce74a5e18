"""`python -m shared.service.schema`: what a new pod does before its service starts."""

import os
import subprocess
import sys
from collections.abc import Iterator

import asyncpg
import pytest

from shared.database.migrate import migrate, newest_version
from shared.database.provision import provision
from tests.conftest import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
def waiting(database: Database) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "shared.service.schema", "scoring"]
    environment = {**os.environ, "TT_DATABASE_URL": database.url("scoring")}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.fixture
async def empty(database: Database) -> None:
    """Scoring's schema as it is before the first migration."""
    inside = await asyncpg.connect(database.admin_url, database=database.name)
    await inside.execute("DROP SCHEMA scoring CASCADE")
    await inside.close()
    await provision(
        database.admin_url, {"scoring": "test"}, database=database.name, role_prefix=database.role_prefix
    )


@pytest.mark.usefixtures("empty")
async def test_pod_waits_for_its_migrations_and_says_so(
    waiting: subprocess.Popen[str], database: Database
) -> None:
    assert waiting.stdout is not None
    assert waiting.stdout.readline().startswith("scoring: waiting for its schema: at None, needs ")
    assert waiting.poll() is None
    await migrate("scoring", database.url("scoring"))
    assert waiting.stdout.readline() == f"scoring: its schema is ready, {newest_version('scoring')}\n"
    assert waiting.wait(30) == 0


async def test_pod_goes_on_at_once_where_the_schema_suits_it(waiting: subprocess.Popen[str]) -> None:
    assert waiting.wait(30) == 0
