"""A process shows NATS who it is by its NKEY, over TLS, and goes on when its key is replaced."""

import asyncio
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from nats.aio.client import Client

from deploy.local.nats import nats_program
from deploy.local.ports import free_port
from deploy.topology.nkeys import new_seed, public_key
from dramatiq_nats import NatsBroker
from shared.contracts.errors import QueryError
from shared.messaging.access import Access
from shared.messaging.connection import bind_nats, close_connection, connection
from tests.system import wait_for

CONFIGURATION = """
listen: "127.0.0.1:{port}"
jetstream {{ store_dir: "{folder}/store" }}
tls {{ cert_file: "{folder}/server.pem", key_file: "{folder}/server.key" }}
authorization {{ users: [{{ nkey: "{key}" }}] }}
"""

_RELOADED = "Reloaded server configuration"


class SecureServer:
    """A server with TLS that knows one NKEY at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"tls://localhost:{self.port}"
        authority = trustme.CA()
        certificate = authority.issue_cert("localhost")
        authority.cert_pem.write_to_path(str(folder / "ca.pem"))
        certificate.private_key_pem.write_to_path(str(folder / "server.key"))
        for number, pem in enumerate(certificate.cert_chain_pems):
            pem.write_to_path(str(folder / "server.pem"), append=number > 0)
        self.seed = folder / "nkey"
        self._process: subprocess.Popen[bytes] | None = None
        self.know(new_seed())

    def know(self, seed: str) -> None:
        """Give the client another key, and let the server know this one alone, from now on."""
        self.seed.write_text(f"{seed}\n")
        text = CONFIGURATION.format(port=self.port, folder=self.folder, key=public_key(seed))
        (self.folder / "nats.conf").write_text(text)
        if self._process is not None:
            reloads = self._log().count(_RELOADED)
            self._process.send_signal(signal.SIGHUP)
            wait_for(lambda: self._log().count(_RELOADED) > reloads, "NATS has read it", about=self._log)

    def access(self, **changed: str) -> Access:
        """How its client shows who it is."""
        given = {"nkey_file": str(self.seed), "ca_file": str(self.folder / "ca.pem"), **changed}
        return Access(**given)

    def start(self) -> None:
        """Start it, and wait until it listens."""
        words = [str(nats_program()), "--config", str(self.folder / "nats.conf")]
        with (self.folder / "nats.log").open("wb") as file:
            self._process = subprocess.Popen(words, stdout=file, stderr=file)
        wait_for(lambda: "Server is ready" in self._log(), "NATS is ready", about=self._log)

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _log(self) -> str:
        return (self.folder / "nats.log").read_text()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SecureServer]:
    made = SecureServer(tmp_path)
    made.start()
    yield made
    made.stop()


async def _until_answered_anew(client: Client) -> None:
    """Until it is connected a second time, and answered there: the first connection may outlive its key."""
    async with asyncio.timeout(60):
        while client.stats["reconnects"] < 1 or not await _answers(client):  # noqa: ASYNC110 - the client tells of it by its count alone
            await asyncio.sleep(0.05)


async def _answers(client: Client) -> bool:
    try:
        await client.flush(timeout=1)
    except Exception:  # noqa: BLE001 - whatever the client says while it is sent away
        return False
    return client.is_connected


def test_a_key_and_a_known_certificate_let_in(server: SecureServer) -> None:
    async def scenario() -> str:
        bind_nats(server.url, access=server.access(inbox_prefix="_INBOX.tt.scoring"))
        try:
            return (await connection()).new_inbox()
        finally:
            await close_connection()

    assert asyncio.run(scenario()).startswith("_INBOX.tt.scoring.")


def test_another_key_or_certificate_is_refused(server: SecureServer, tmp_path: Path) -> None:
    stranger, authority = tmp_path / "stranger", tmp_path / "other.pem"
    stranger.write_text(new_seed())
    trustme.CA().cert_pem.write_to_path(str(authority))

    async def scenario(access: Access) -> None:
        bind_nats(server.url, access=access)
        try:
            await connection()
        finally:
            await close_connection()

    for access in (server.access(nkey_file=str(stranger)), server.access(ca_file=str(authority))):
        with pytest.raises(QueryError, match="cannot be reached"):
            asyncio.run(scenario(access))


def test_a_replaced_key_is_taken_up_without_a_restart(server: SecureServer) -> None:
    broker = NatsBroker(servers=server.url, **server.access().options())
    broker.declare_queue("work")

    async def scenario() -> None:
        bind_nats(server.url, access=server.access())
        try:
            client = await connection()
            await asyncio.to_thread(server.know, new_seed())
            # Sent away at once, as the server knows its key no longer.
            await _until_answered_anew(client)
            assert await connection() is client
        finally:
            await close_connection()

    try:
        assert broker.queue_stats() == []
        asyncio.run(scenario())
        wait_for(lambda: _stats(broker) == [], "the broker is connected again")
    finally:
        broker.close()


def _stats(broker: NatsBroker) -> object:
    try:
        return broker.queue_stats()
    except Exception as error:  # noqa: BLE001 - as above
        return error


@pytest.mark.parametrize("setting", ["nkey_file", "ca_file"])
def test_a_file_that_is_not_there_is_named(setting: str, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    text = f"TT_NATS_{setting.upper()}: there is no file {missing}"
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        Access(**{setting: str(missing)}).check()
