"""Roles, schemas and tables: made or brought up to date before any service starts."""

import asyncio
import sys

import asyncpg
import msgspec

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
    await _migrate(house)


async def _migrate(house: House) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "deploy.local.migrating",
        env=service_environment(house, {}),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    urls = {service: database_url(house, service) for service in SCHEMAS}
    try:
        output, _ = await process.communicate(msgspec.json.encode(urls))
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    house.log("migrate").write_bytes(output)
    if process.returncode != 0:
        lines = output.decode(errors="replace").strip().splitlines()
        done = {line.partition(":")[0] for line in lines if " -> " in line}
        undone = [service for service in SCHEMAS if service not in done]
        said = "\n".join(lines[-15:])
        raise LocalError(f"The tables of {', '.join(undone)} could not be brought up to date:\n{said}")
