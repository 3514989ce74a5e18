"""Postgres and NATS from their wheels: real ones, killed and started again."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import httpx
import nats
import pytest
from nats.aio.client import Client
from nats.js.api import StreamConfig

from deploy.local import nats as local_nats
from deploy.local import postgres, processes, unprivileged
from deploy.local.cluster import check_space
from deploy.local.command import spawn, stop, wait_until
from deploy.local.errors import LocalError
from deploy.local.ports import free_port


@contextmanager
def started_postgres(home: Path, port: int, *, end: signal.Signals = signal.SIGINT) -> Iterator[str]:
    command = postgres.prepare_postgres(home, port=port, password="secret", settings={"fsync": "off"})
    log = home.parent / "postgres.log"
    process = spawn(command, log)
    try:
        wait_until(lambda: postgres.is_ready(home), process, log, name="Postgres")
        yield postgres.admin_url(port, "secret")
    finally:
        stop(process, end)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "postgres"
    unprivileged.remove_data(tmp_path / "postgres")


def execute(url: str, statement: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(ask())


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_database_keeps_its_data_however_it_ended_and_on_another_port(
    home: Path, end: signal.Signals
) -> None:
    with started_postgres(home, free_port(), end=end) as url:
        execute(url, "CREATE TABLE kept AS SELECT 7 AS seven")
    with started_postgres(home, free_port()) as url:
        assert execute(url, "SELECT seven FROM kept") == 7


def test_lock_file_with_a_strangers_id_does_not_block_the_start(home: Path) -> None:
    with started_postgres(home, free_port()):
        pass
    account = unprivileged.server_account()
    with subprocess.Popen(
        ["/bin/cat"], stdin=subprocess.PIPE, user=account.uid if account else None
    ) as stranger:
        (home / "data" / "postmaster.pid").write_text(
            f"{stranger.pid}\n{home.resolve()}/data\n1\n1\n\n\n1 1\n"
        )
        with started_postgres(home, free_port()) as url:
            assert execute(url, "SELECT 1") == 1
        assert stranger.poll() is None
        stranger.kill()


def test_server_left_by_a_killed_run_is_ended_before_the_next_starts(home: Path) -> None:
    command = postgres.prepare_postgres(home, port=free_port(), password="secret")
    left = spawn(command, home.parent / "left.log")
    wait_until(lambda: postgres.is_ready(home), left, home.parent / "left.log", name="Postgres")
    with started_postgres(home, free_port()) as url:
        assert left.poll() is not None
        assert execute(url, "SELECT 1") == 1


def test_database_wants_its_password_and_listens_on_the_loopback_only(home: Path) -> None:
    with started_postgres(home, free_port()) as url:
        with pytest.raises(asyncpg.InvalidPasswordError):
            execute(url.replace("secret", "guess"), "SELECT 1")
        assert execute(url, "SHOW listen_addresses") == "127.0.0.1"
        assert execute(url, "SHOW unix_socket_directories") == ""
        assert execute(
            url, "SELECT rolpassword LIKE 'SCRAM-SHA-256%' FROM pg_authid WHERE rolname = 'postgres'"
        )


def test_database_has_what_search_in_ukrainian_needs(home: Path) -> None:
    with started_postgres(home, free_port()) as url:
        for extension in ("vector", "pg_trgm", "unaccent"):
            execute(url, f"CREATE EXTENSION {extension}")
        assert execute(url, "SELECT similarity('привіт', 'привітання') > 0.3")
        assert execute(url, "SELECT lower('ЇЖАК')") == "їжак"


def test_interrupted_initdb_is_begun_anew(home: Path) -> None:
    place = unprivileged.reachable_place(home, unprivileged.server_account())
    (place / "data.new" / "base").mkdir(parents=True)
    with started_postgres(home, free_port()) as url:
        assert execute(url, "SELECT 1") == 1


def test_data_of_another_major_version_are_a_sentence(home: Path) -> None:
    with started_postgres(home, free_port()):
        pass
    (home / "data" / "PG_VERSION").write_text("15\n")
    with pytest.raises(LocalError, match="are of Postgres 15"):
        postgres.prepare_postgres(home, port=1, password="secret")


def test_full_disk_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"MiB free, .* free some space, or point TT_LOCAL_DIR"):
        check_space(tmp_path, 1 << 60)


def test_throwaway_server_leaves_nothing(tmp_path: Path) -> None:
    with postgres.running_postgres(tmp_path) as url:
        assert execute(url, "SELECT 1") == 1
        place = (tmp_path / "postgres").resolve()
        assert processes.working_in(place / "data", "postgres")
    assert not place.exists()
    assert not (tmp_path / "postgres").is_symlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs Postgres as somebody else")
def test_root_runs_the_database_as_an_account_that_reaches_its_data(home: Path) -> None:
    account = unprivileged.server_account()
    assert account is not None
    with started_postgres(home, free_port()) as url:
        place = str(execute(url, "SHOW data_directory"))
        assert Path(place).stat().st_uid == account.uid
        assert unprivileged.can_enter(Path(place).parent, account)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_streams_are_kept_however_nats_ended(tmp_path: Path, end: signal.Signals) -> None:
    port, monitor_port = free_port(), free_port()
    url = local_nats.nats_url(port, "secret")

    async def publish_and_count() -> int:
        client = await nats.connect(url)
        stream = client.jetstream()
        await stream.add_stream(StreamConfig(name="KEPT", subjects=["kept"]))
        await stream.publish("kept", b"x")
        count: int = (await stream.stream_info("KEPT")).state.messages
        await client.close()
        return count

    counts = []
    for ending in (end, signal.SIGINT):
        command = local_nats.prepare_nats(
            tmp_path / "nats", port=port, monitor_port=monitor_port, password="secret"
        )
        process = spawn(command, tmp_path / "nats.log")
        try:
            ready = lambda: local_nats.is_ready(monitor_port)  # noqa: E731 - shorter than a function
            wait_until(ready, process, tmp_path / "nats.log", name="NATS")
            counts.append(asyncio.run(publish_and_count()))
        finally:
            stop(process, ending)
    assert counts == [1, 2]


def test_nats_wants_its_password(tmp_path: Path) -> None:
    async def connect(url: str) -> None:
        client = Client()
        try:
            await client.connect(url, allow_reconnect=False)
        finally:
            await client.close()

    with local_nats.running_nats(tmp_path) as url:
        asyncio.run(connect(url))
        with pytest.raises(nats.errors.Error, match=r"(?i)authorization"):
            asyncio.run(connect(url.replace(url.split(":")[2].split("@")[0], "guess")))


def test_embeddings_tell_a_text_of_the_same_meaning_from_another(embeddings_url: str) -> None:
    def vector(model: str, text: str) -> list[float]:
        answer = httpx.post(
            f"{embeddings_url}/embeddings", json={"model": model, "input": text}, trust_env=False
        )
        found: list[float] = answer.raise_for_status().json()["data"][0]["embedding"]
        return found

    def near(asked: list[float], found: list[float]) -> float:
        return sum(map(float.__mul__, asked, found))

    asked = vector("e5-query", "коли випускаємо нову версію?")
    release = vector("e5-passage", "Реліз нової версії буде в четвер увечері")
    lunch = vector("e5-passage", "Сьогодні на обід борщ і вареники")
    assert len(asked) == 384
    assert near(asked, release) > near(asked, lunch)
