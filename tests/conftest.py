"""Real servers for the tests: one Postgres and one NATS a test process, a database and a namespace a test."""

import asyncio
import os
import pkgutil
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from loguru import logger
from xdist.scheduler import LoadScopeScheduling

from deploy.local import ports
from deploy.local.embeddings import running_embeddings
from deploy.local.nats import running_nats
from deploy.local.postgres import running_postgres
from shared.database.migrate import migrate
from shared.database.provision import provision, role_of

SERVICES = ("ingestion", "scoring", "embedding", "knowledge", "analysis", "gateway")
_PASSWORD = "test"
_FIRST = ("conformance", "deploy", "e2e", "chaos")
_CONFORMANCE = "tests/conformance/"


def _write_captured(line: str) -> None:
    sys.stderr.write(line)  # as pytest has it now, not as it was when the logger was made


logger.remove()
logger.add(_write_captured, level="INFO", format="{level} {message}")


def pytest_configure(config: pytest.Config) -> None:
    """Give each test process ports of its own: another's must not take one before it is used."""
    del config
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    first, share = ports._FIRST, (ports._LAST - ports._FIRST) // count
    ports._FIRST, ports._LAST = first + number * share, first + (number + 1) * share - 1


class _Scopes(LoadScopeScheduling):  # type: ignore[misc]
    """A module's tests run in one process; those of a folder that shares one whole system, too."""

    def _split_scope(self, nodeid: str) -> str:
        return _CONFORMANCE if nodeid.startswith(_CONFORMANCE) else str(super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """How modules are given to xdist's processes."""
    return _Scopes(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put those modules first that take longest, whole systems: they are begun in the order of the list."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    parts = item.path.relative_to(item.config.rootpath).parts
    return _FIRST.index(parts[1]) if parts[0] == "tests" and parts[1] in _FIRST else len(_FIRST)


@dataclass(frozen=True, slots=True)
class Database:
    """A database of the test's own, migrated, with a role a service."""

    admin_url: str
    name: str
    role_prefix: str

    def url(self, service: str) -> str:
        """The URL by which a service connects with its own role."""
        host = self.admin_url.rpartition("@")[2].partition("/")[0]
        return f"postgresql://{self.role_prefix}{role_of(service)}:{_PASSWORD}@{host}/{self.name}"


@pytest.fixture(scope="session", autouse=True)
def _authorities_read_once() -> Iterator[None]:
    """Have the HTTP clients of a test process share what they know of certificate authorities.

    Each reads all of them anew, also to speak plain HTTP, which takes longer than most tests.
    """
    with pytest.MonkeyPatch.context() as patch:
        for library in ("httpx", "httpx2"):
            place = f"{library}._transports.default.create_ssl_context"
            patch.setattr(place, cache(pkgutil.resolve_name(place)))
        yield


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A superuser's URL on this test process's own server."""
    fast = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
    # The kernel copies the files of a template; Postgres would read and write them itself.
    fast["file_copy_method"] = "clone"
    with running_postgres(tmp_path_factory.mktemp("postgres"), settings=fast) as url:
        yield url


@pytest.fixture(scope="session")
def nats_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of this test process's own server."""
    with running_nats(tmp_path_factory.mktemp("nats")) as url:
        yield url


@pytest.fixture(scope="session")
def embeddings_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of this test process's own embedding server, with its real model."""
    with running_embeddings(tmp_path_factory.mktemp("embeddings")) as url:
        yield url


@pytest.fixture
def namespace() -> str:
    """A namespace of the test's own on the NATS server."""
    return f"t{secrets.token_hex(5)}"


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    """A database of the test's own."""
    made = make_database(postgres_url)
    yield made
    asyncio.run(_execute(postgres_url, f'DROP DATABASE "{made.name}" WITH (FORCE)'))


def make_database(admin_url: str) -> Database:
    """Make a database with every schema at its newest version, and a role a service."""
    template = _template(admin_url)
    made = Database(admin_url, f"t{secrets.token_hex(5)}", template.role_prefix)
    roles = ", ".join(f'"{made.role_prefix}{role_of(service)}"' for service in SERVICES)
    # Block by block through the log, as is the default, a copy would take four times as long. Rights on the
    # database itself are not copied.
    asyncio.run(
        _execute(
            admin_url,
            f'CREATE DATABASE "{made.name}" TEMPLATE "{template.name}" STRATEGY file_copy',
            f'REVOKE ALL ON DATABASE "{made.name}" FROM PUBLIC',
            f'GRANT CONNECT ON DATABASE "{made.name}" TO {roles}',
        )
    )
    return made


@cache
def _template(admin_url: str) -> Database:
    """The database that those of a server's tests are copies of: provisioned and migrated once."""
    name = f"t{secrets.token_hex(5)}"
    made = Database(admin_url, name, f"{name}_")

    async def make() -> None:
        await provision(admin_url, dict.fromkeys(SERVICES, _PASSWORD), database=name, role_prefix=f"{name}_")
        for service in SERVICES:
            if any((Path("services") / service / "migrations").glob("*.py")):
                await migrate(service, made.url(service))

    asyncio.run(make())
    return made


async def _execute(admin_url: str, *statements: str) -> None:
    connection = await asyncpg.connect(admin_url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
