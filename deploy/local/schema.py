"""Roles, schemas and tables: made or brought up to date before any service starts."""

import asyncio
import sys

import asyncpg

from deploy.local.errors import LocalError
from deploy.local.house import ROOT, House
from deploy.local.programs import admin_database_url, database_url, service_environment
from deploy.local.services import SCHEMAS
from shared.database.provision import provision


async def prepare_schemas(house: House) -> None:
    """Make the roles and schemas, and migrate each schema with its own role.

    Raises:
        LocalError: the database refuses, or a migration fails.
    """
    try:
        await provision(
            admin_database_url(house), {name: house.secrets[f"postgres_{name}"] for name in SCHEMAS}
        )
    except asyncpg.InvalidPasswordError as error:
        raise LocalError(
            f"The database in {house.directory / 'postgres'} was made with other passwords than those in "
            f"{house.directory / 'secrets.json'}: put the old file back, or start anew with 'make clean run'."
        ) from error
    except (asyncpg.PostgresError, OSError) as error:
        raise LocalError(f"The roles and schemas could not be made: {error}.") from error
    await asyncio.gather(*(_migrate(house, name) for name in SCHEMAS))


async def _migrate(house: House, service: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "shared.database.migrate",
        service,
        env=service_environment(house, {"TT_DATABASE_URL": database_url(house, service)}),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    house.log(f"migrate-{service}").write_bytes(output)
    if process.returncode != 0:
        said = "\n".join(output.decode(errors="replace").strip().splitlines()[-15:])
        raise LocalError(f"The tables of {service} could not be brought up to date:\n{said}")
