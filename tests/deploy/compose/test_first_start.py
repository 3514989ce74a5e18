"""What runs once before the services, run as the compose file has it, against servers set up as it has them.

Only addresses, ports and folders are of this machine.
"""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import nats
import pytest
from nats.aio.client import Client
from nats.errors import Error as NatsError

from deploy.compose.secrets import write
from deploy.local.command import Command, spawn, stop, wait_until
from deploy.local.nats import is_ready as nats_is_ready
from deploy.local.nats import nats_program
from deploy.local.ports import free_port
from deploy.local.postgres import is_ready as postgres_is_ready
from deploy.local.postgres import prepare_postgres
from deploy.topology.services import SERVICES
from tests.deploy.compose.composed import ROOT, SECRETS, containers

CONFIGURATION = ROOT / "deploy/compose/nats"


@dataclass(frozen=True)
class Installation:
    """A first start on this machine: the folder of its secrets, and the ports of its servers."""

    secrets: Path
    postgres: int
    nats: int

    def run(self, container: str) -> subprocess.CompletedProcess[str]:
        """Run a container's command with what it has for environment and secrets."""
        definition = containers()[container]
        environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
            **{name: str(value) for name, value in (definition.get("environment") or {}).items()},
        }
        return subprocess.run(
            self.words(container),
            env={name: self._here(value, container) for name, value in environment.items()},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    def words(self, container: str) -> list[str]:
        """A container's whole command line."""
        definition = containers()[container]
        words = [*(definition.get("entrypoint") or []), *definition["command"]]
        return [self._here(word, container) for word in words]

    def _here(self, text: str, container: str) -> str:
        volumes = {mount["target"]: mount["source"] for mount in containers()[container]["volumes"]}
        own = self.secrets / volumes[SECRETS].removeprefix("secrets-")
        here = text.replace(SECRETS, str(own)).replace("$$", "$")
        return here.replace("nats:4222", f"127.0.0.1:{self.nats}")


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("installation")
    made = Installation(folder / "secrets", free_port(), free_port())
    write(made.secrets)
    for path in made.secrets.glob("*/env"):
        text = path.read_text().replace("@postgres:5432/", f"@127.0.0.1:{made.postgres}/")
        path.unlink()
        path.write_text(text)
    password = (made.secrets / "postgres/password").read_text()
    command = prepare_postgres(folder / "postgres", port=made.postgres, password=password)
    postgres = spawn(command, folder / "postgres.log")
    monitor = free_port()
    configuration = str(_nats_configuration(folder, made, monitor))
    words = [word.replace("/etc/nats/nats.conf", configuration) for word in made.words("nats")]
    programs = f"{nats_program().parent}{os.pathsep}{os.defpath}"
    server = spawn(Command(argv=tuple(words), env={"PATH": programs}), folder / "nats.log")
    try:
        wait_until(
            lambda: postgres_is_ready(folder / "postgres"), postgres, folder / "postgres.log", name="Postgres"
        )
        wait_until(lambda: nats_is_ready(monitor), server, folder / "nats.log", name="NATS")
        yield made
    finally:
        stop(server, command.stop_signal)
        stop(postgres, command.stop_signal)


def _nats_configuration(folder: Path, made: Installation, monitor: int) -> Path:
    """The configuration of compose as it stands there, with the ports and the store of this machine."""
    home = folder / "nats"
    shutil.copytree(CONFIGURATION, home)
    file = home / "nats.conf"
    text = file.read_text()
    for there, here in (
        ("0.0.0.0:4222", f"127.0.0.1:{made.nats}"),
        ("127.0.0.1:8222", f"127.0.0.1:{monitor}"),
        ('"/data"', f'"{folder / "data"}"'),
    ):
        assert there in text
        text = text.replace(there, here)
    file.write_text(text)
    return file


def test_nats_takes_its_configuration_and_not_one_without_keys(tmp_path: Path) -> None:
    write(tmp_path)
    words = [str(nats_program()), "--config", str(CONFIGURATION / "nats.conf"), "-t"]

    def check(before: str) -> int:
        shell = ["/bin/sh", "-c", f'{before} exec "$@"', "sh", *words]
        return subprocess.run(shell, capture_output=True, check=False).returncode

    assert check("") != 0
    assert check(f". {tmp_path / 'nats/env'} &&") == 0


def test_what_runs_once_prepares_everything_and_again_changes_nothing(installation: Installation) -> None:
    migrations = [f"migrate-{service.name}" for service in SERVICES]
    for name in ("provisioning", "streams", *migrations, "provisioning", "streams", migrations[0]):
        done = installation.run(name)
        assert done.returncode == 0, done.stdout + done.stderr
    assert asyncio.run(_tables(installation)) >= {f"{service.name}.outbox" for service in SERVICES}
    assert asyncio.run(_streams(installation)) >= {"tt_WQ", "tt_XQ", "EVENTS", "KV_tasks"}


def test_who_has_no_key_does_not_come_in(installation: Installation) -> None:
    async def come_in() -> None:
        client = Client()
        try:
            await client.connect(f"nats://127.0.0.1:{installation.nats}", allow_reconnect=False)
        finally:
            await client.close()

    with pytest.raises(NatsError, match=r"(?i)authorization"):
        asyncio.run(come_in())


async def _tables(installation: Installation) -> set[str]:
    password = (installation.secrets / "postgres/password").read_text()
    url = f"postgresql://postgres:{password}@127.0.0.1:{installation.postgres}/tasktracker"
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("SELECT schemaname || '.' || tablename AS name FROM pg_tables")
    finally:
        await connection.close()
    return {row["name"] for row in rows}


async def _streams(installation: Installation) -> set[str]:
    client = await nats.connect(
        f"nats://127.0.0.1:{installation.nats}", nkeys_seed=str(installation.secrets / "operator/nkey")
    )
    try:
        return {str(stream.config.name) for stream in await client.jetstream().streams_info()}
    finally:
        await client.close()
