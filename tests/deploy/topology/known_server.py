"""A NATS server that knows the services by their NKEYs, and clients that note what it refuses them."""

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from nats.aio.client import Client

from deploy.local.command import spawn, stop, wait_until
from deploy.local.nats import is_ready, nats_url, prepare_nats
from deploy.local.ports import free_port
from deploy.topology import SERVICES
from deploy.topology.nkeys import new_seed, public_key
from shared.messaging.access import Access
from shared.messaging.names import inbox_prefix

_REFUSED = re.compile(r'permissions violation for (?:publish|subscription) to "([^"]+)"', re.IGNORECASE)


@dataclass(frozen=True)
class KnownServer:
    """Where the server is, and by what it knows whom."""

    url: str
    operator_url: str
    seeds: dict[str, str]
    folder: Path

    def refusals(self) -> list[str]:
        """What it refused so far, as its log tells it."""
        lines = (self.folder / "nats.log").read_text().splitlines()
        return [line for line in lines if "Violation" in line]

    def access(self, service: str) -> Access:
        """How a process of a service shows who it is."""
        file = self.folder / f"{service}.nk"
        file.write_text(self.seeds[service])
        return Access(str(file), None, inbox_prefix("", service))


@contextmanager
def running_known_server(folder: Path) -> Iterator[KnownServer]:
    """A server with the permissions of the table."""
    port, monitor_port = free_port(), free_port()
    seeds = {service.name: new_seed() for service in SERVICES}
    command = prepare_nats(
        folder / "nats",
        port=port,
        monitor_port=monitor_port,
        password="operator",
        nkeys={name: public_key(seed) for name, seed in seeds.items()},
        sync_interval="2m",
    )
    log = folder / "nats.log"
    process = spawn(command, log)
    try:
        wait_until(lambda: is_ready(monitor_port), process, log, name="NATS")
        yield KnownServer(f"nats://127.0.0.1:{port}", nats_url(port, "operator"), seeds, folder)
    finally:
        stop(process, command.stop_signal)


class Party:
    """A connection of one party, which notes what it is refused.

    Attributes:
        client: Its client.
    """

    def __init__(self) -> None:
        self.client = Client()
        self._refused: set[str] = set()

    async def note(self, error: Exception) -> None:
        """Note what an error says was refused."""
        found = _REFUSED.search(str(error))
        if found:
            self._refused.add(found[1].lower())

    async def refused_publishing(self, subjects: Iterable[str]) -> set[str]:
        """Those of the subjects that the server does not let it publish to."""
        wanted = list(subjects)
        for subject in wanted:
            await self.client.publish(subject, b"{}")
        return await self._of(wanted)

    async def refused_subscribing(self, subjects: Iterable[str]) -> set[str]:
        """Those that it may not subscribe to."""
        wanted = list(subjects)
        subscriptions = [await self.client.subscribe(subject) for subject in wanted]
        refused = await self._of(wanted)
        for subscription in subscriptions:
            await subscription.unsubscribe()
        return refused

    async def settle(self) -> None:
        """Wait until the server has dealt with everything said so far, and its errors have come."""
        # nats-py's ping overtakes what it has not written yet.
        await self.client._flush_pending(force_flush=True)
        await self.client.flush(timeout=10)

    async def _of(self, wanted: list[str]) -> set[str]:
        await self.settle()
        refused, self._refused = self._refused, set()
        return {subject for subject in wanted if subject.lower() in refused}


@asynccontextmanager
async def connected(server: KnownServer, service: str) -> AsyncIterator[Party]:
    """A party connected as this service."""
    party = Party()
    await party.client.connect(
        server.url,
        nkeys_seed_str=server.seeds[service],
        inbox_prefix=inbox_prefix("", service),
        error_cb=party.note,
        allow_reconnect=False,
    )
    try:
        yield party
    finally:
        await party.client.close()
