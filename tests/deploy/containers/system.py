"""The whole system with its services in containers, and Postgres, NATS and embeddings beside them."""

import asyncio
import os
import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import asyncpg
import httpx

from deploy.docker.engine import Engine
from deploy.docker.images import Image
from deploy.local.command import Command
from deploy.local.house import House, open_house
from deploy.local.programs import DATABASE, Program, admin_database_url, database_url
from tests.conftest import SERVICES
from tests.deploy.containers.containers import USER, run_argv, run_once
from tests.system import System, refused_by_nats

# What the image says itself: where it listens, and where it counts.
_OF_THE_IMAGE = {"TT_HEALTH_HOST", "TT_GATEWAY_HOST"}


class ContainerSystem(System):
    """A system whose services are containers.

    Attributes:
        names: By each service, the name of the container that was started last.
    """

    def __init__(
        self,
        house: House,
        client: httpx.Client,
        without: Collection[str] = (),
        *,
        engine: Engine,
        images: Mapping[str, Image],
    ) -> None:
        super().__init__(house, client, without)
        self._engine, self._images = engine, images
        self.names: dict[str, str] = {}
        self._started: list[str] = []
        for service in SERVICES:
            if service in self._programs:
                self._programs[service] = self._contained(self._programs[service])

    def prepare_schemas(self) -> None:
        """Make roles, schemas and tables with the commands that the images have."""
        passwords = {
            f"TT_PASSWORD_{name.upper()}": self.house.secrets[f"postgres_{name}"] for name in SERVICES
        }
        admin = admin_database_url(self.house)
        provision = ("python", "-m", "shared.database.provision")
        run_once(self._engine, self._images["scoring"], *provision, TT_ADMIN_DATABASE_URL=admin, **passwords)
        for service in SERVICES:
            migrate = ("python", "-m", "shared.database.migrate", service)
            url = database_url(self.house, service)
            run_once(self._engine, self._images[service], *migrate, TT_DATABASE_URL=url)

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Have nobody else read or write a table within."""
        with asyncio.Runner() as runner:
            admin = runner.run(asyncpg.connect(admin_database_url(self.house, DATABASE)))
            try:
                runner.run(admin.execute(f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
                yield
            finally:
                runner.run(admin.close())

    def remove_containers(self) -> None:
        """Remove them all, whatever they do."""
        if self._started:
            self._engine.ask("rm", "--force", "--time", "0", "--ignore", *self._started)

    def _contained(self, program: Program) -> Program:
        def prepare() -> Command:
            command = program.prepare()
            settings = {
                name: value
                for name, value in command.env.items()
                if name.startswith("TT_") and name not in _OF_THE_IMAGE
            }
            settings["TT_NATS_NKEY_FILE"] = self._readable(Path(settings["TT_NATS_NKEY_FILE"]))
            name = self.names[program.name] = f"{program.name}-{secrets.token_hex(4)}"
            self._started.append(name)
            return replace(command, argv=run_argv(self._engine, self._images[program.name], name, settings))

        return replace(program, prepare=prepare)

    def _readable(self, secret: Path) -> str:
        """A copy of a secret for the containers' user, who is given it as a file."""
        copy = self.house.directory / "given" / secret.name
        copy.parent.mkdir(exist_ok=True)
        copy.unlink(missing_ok=True)
        copy.write_bytes(secret.read_bytes())
        copy.chmod(0o400)
        os.chown(copy, USER, USER)
        return str(copy)


@contextmanager
def running_containers(
    engine: Engine, images: Mapping[str, Image], folder: Path, *, without: Collection[str] = ()
) -> Iterator[ContainerSystem]:
    """Start everything in a folder of its own; stop it at the end, and remove the containers."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("TT_")}
    house = open_house({**ours, "TT_LOCAL_DIR": str(folder)})
    headers = {"Authorization": f"Bearer {house.api_key}"}
    with httpx.Client(base_url=house.gateway_url, headers=headers, trust_env=False, timeout=30) as client:
        system = ContainerSystem(house, client, without, engine=engine, images=images)
        try:
            system.start_all()
            yield system
        finally:
            system.stop_all()
            system.remove_containers()
    assert not (lines := refused_by_nats(house)), "\n".join(lines)
