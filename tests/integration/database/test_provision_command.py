"""`python -m shared.database.provision`: what an operator tells it, and what it says."""

import asyncio
import secrets

import asyncpg
import pytest

from shared.database.provision import main


def test_command_makes_the_named_roles_and_schemas_and_may_be_run_again(
    postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    service, database = f"s{secrets.token_hex(4).translate(str.maketrans('0123456789', 'ghijklmnop'))}", "t"
    database += secrets.token_hex(5)
    told = {
        "TT_ADMIN_DATABASE_URL": postgres_url,
        "TT_DATABASE": database,
        f"TT_PASSWORD_{service.upper()}": "first'one",
    }
    assert main(told) == 0
    assert main({**told, f"TT_PASSWORD_{service.upper()}": "second"}) == 0
    assert capsys.readouterr().out.splitlines() == [f"{database}: a role and a schema for {service}"] * 2

    async def schema_as_the_role() -> str:
        host = postgres_url.rpartition("@")[2].partition("/")[0]
        connection = await asyncpg.connect(f"postgresql://tt_{service}:second@{host}/{database}")
        try:
            return str(await connection.fetchval("SELECT current_schema()"))
        finally:
            await connection.close()

    assert asyncio.run(schema_as_the_role()) == service


@pytest.mark.parametrize("missing", ["TT_ADMIN_DATABASE_URL", "TT_PASSWORD_SCORING"])
def test_command_says_which_variables_it_needs(missing: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = {"TT_ADMIN_DATABASE_URL": "postgresql://x", "TT_PASSWORD_SCORING": "x"}
    assert main({name: value for name, value in told.items() if name != missing}) == 2
    said = capsys.readouterr().err
    assert "TT_ADMIN_DATABASE_URL" in said
    assert "TT_PASSWORD_SCORING" in said


def test_command_says_when_the_server_does_not_answer(capsys: pytest.CaptureFixture[str]) -> None:
    told = {"TT_ADMIN_DATABASE_URL": "postgresql://a:b@127.0.0.1:1/postgres", "TT_PASSWORD_SCORING": "x"}
    assert main(told) == 1
    assert "tasktracker could not be provisioned" in capsys.readouterr().err
