"""Clients of providers: one a provider and event loop, kept open between calls, closed when it changed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import UUID

import httpx2
from openai import AsyncOpenAI, Timeout

from shared.contracts.analysis import ProviderAccess
from shared.llm.binding import bound_llm
from shared.llm.dialect import Dialect, dialect_of
from shared.llm.errors import ProviderRefusedError
from shared.llm.http_client import BoundedClient
from shared.llm.loops import LoopLocal
from shared.sealing import SealedKeyError, unseal

_CONNECT_TIMEOUT = 10.0
_NO_KEY = "none"
"""The client insists on a key; servers that need none ignore it."""


@dataclass(slots=True)
class Opened:
    """A client, and what its server was found to understand, by model."""

    client: AsyncOpenAI
    identity: tuple[str, str | None]
    dialects: dict[str, Dialect] = field(default_factory=dict)
    users: int = 0

    def dialect(self, model: str) -> Dialect:
        """What the server understands with one of its models."""
        if model not in self.dialects:
            self.dialects[model] = dialect_of(self.identity[0])
        return self.dialects[model]


_closing: set[asyncio.Task[None]] = set()
_opened: LoopLocal[dict[UUID, Opened]] = LoopLocal(dict)


@asynccontextmanager
async def client_of(access: ProviderAccess) -> AsyncIterator[Opened]:
    """The running loop's client of a provider; one whose address or key changed is replaced.

    Raises:
        ProviderRefusedError: When the provider has no address, or its key cannot be opened here.
    """
    opened = _opened.get()
    provider = access.provider
    identity = (base_url_of(access), access.sealed_key)
    found = opened.get(provider.id)
    if found is None or found.identity != identity:
        replaced, found = found, _open(access, identity)
        opened[provider.id] = found
        if replaced is not None and not replaced.users:
            _close_beside(replaced)
    found.users += 1
    try:
        yield found
    finally:
        found.users -= 1
        if not found.users and opened.get(provider.id) is not found:
            _close_beside(found)


def base_url_of(access: ProviderAccess) -> str:
    """Where a provider is; `local` is where the installation has put it.

    Raises:
        ProviderRefusedError: When it has no address, or one that is none.
    """
    if access.provider.type == "local":
        return bound_llm().local_embeddings_url
    base_url = access.provider.base_url
    if base_url is None or not _is_address(base_url):
        raise _no_address(access)
    return base_url


async def close_clients() -> None:
    """Close the running loop's clients."""
    for each in (_opened.take() or {}).values():
        await each.client.close()
    await asyncio.gather(*_closing)


def _close_beside(opened: Opened) -> None:
    closing = asyncio.get_running_loop().create_task(opened.client.close())
    _closing.add(closing)
    closing.add_done_callback(_closing.discard)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _no_address(access: ProviderAccess) -> ProviderRefusedError:
    name, given = access.provider.name, access.provider.base_url or "none"
    return ProviderRefusedError(f"{name} has no usable base_url ({given}). Give it one, with /v1.")


def _open(access: ProviderAccess, identity: tuple[str, str | None]) -> Opened:
    base_url, sealed = identity
    try:
        key = unseal(sealed) if sealed else _NO_KEY
    except SealedKeyError as error:
        raise ProviderRefusedError(f"{access.provider.name} cannot be called: {error}") from None
    try:
        client = AsyncOpenAI(
            api_key=key,
            base_url=base_url,
            max_retries=0,
            # How long an answer may take is said by whoever asks: this one would begin anew with each byte.
            timeout=Timeout(None, connect=_CONNECT_TIMEOUT),
            # A proxy of the environment is for the world outside, not for the installation's own server.
            http_client=BoundedClient(trust_env=access.provider.type != "local"),
        )
    except httpx2.InvalidURL:
        raise _no_address(access) from None
    # What the client picks up from the environment is somebody else's account.
    client.organization = client.project = client.admin_api_key = None
    return Opened(client, identity)
