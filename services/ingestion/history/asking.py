"""Asking Telegram on behalf of a job: waits out floods and outages in public, and stops when told to."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from loguru import logger
from telethon import errors

from services.ingestion.history.client import ask_telegram, connected
from services.ingestion.history.failures import AWAY, FLOOD, is_session_gone
from services.ingestion.history.sessions import note_revoked
from services.ingestion.repository.accounts import Account
from services.ingestion.repository.history import look_at_job, say_job_waits
from services.ingestion.repository.jobs import get_job
from services.ingestion.settings import IngestionSettings
from shared.contracts.ingestion import IngestionProgress
from shared.messaging.transaction import transaction
from shared.service import read_settings

T = TypeVar("T")

_LOOK_EVERY = 1.0
_CALL_TIMEOUT = 60.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0


class StoppedError(Exception):
    """The job was cancelled, or has ended in another way."""


class HopelessError(Exception):
    """The job cannot go on; says why, and what to do."""


class _InsteadError(Exception):
    """What came from Telegram instead of an answer; what the database raises is never taken for that."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class Asker:
    """Asks for one job, with one client: connected when it is first needed, and again when it was lost.

    Attributes:
        self_id: Of the account.
    """

    def __init__(self, job_id: UUID, account: Account, session: str) -> None:
        self.self_id = account.telegram_id
        self._job_id = job_id
        self._login_id = account.login_id
        self._session = session
        self._patience = timedelta(seconds=read_settings(IngestionSettings).telegram_patience)
        self._client: Any = None
        self._stack = AsyncExitStack()

    async def ask(self, request: Callable[[], Any]) -> Any:
        """Telegram's answer to a request, however long that takes.

        Args:
            request: Makes the request; a new one each time, as Telethon changes those that it sends.

        Raises:
            StoppedError: When the job is no longer wanted.
            HopelessError: When the account is gone, or Telegram was away for too long.
            errors.RPCError: What Telegram refused for other reasons.
        """
        away_since: datetime | None = None
        pause = _FIRST_PAUSE
        while True:
            try:
                return await self.watched(self._try(request))
            except _InsteadError as instead:
                error = instead.error
            if isinstance(error, FLOOD):
                await self._wait(error.seconds, f"Telegram asks for {error.seconds} s between its answers.")
                away_since, pause = None, _FIRST_PAUSE
                continue
            if is_session_gone(error):
                raise HopelessError(await note_revoked(self._login_id, error)) from error
            if not isinstance(error, AWAY):
                raise error
            logger.info("Telegram cannot be reached: {!r}", error)
            await self.close()
            away_since = away_since or datetime.now(UTC)
            if datetime.now(UTC) - away_since >= self._patience:
                raise HopelessError(_gave_up(self._patience)) from error
            await self._wait(pause, "Telegram cannot be reached. The job goes on when it can.")
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def wait_until(self, moment: datetime) -> None:
        """Wait, as the job was told to before.

        Raises:
            StoppedError: When the job is no longer wanted.
            HopelessError: When the account is gone.
        """
        await self.watched(asyncio.sleep((moment - datetime.now(UTC)).total_seconds()))

    async def watched(self, work: Awaitable[T]) -> T:
        """Do something, and look every second whether the job is still wanted.

        Raises:
            StoppedError: When it is not.
            HopelessError: When the account is gone.
        """
        task = asyncio.ensure_future(work)
        try:
            await self._check()
            while not (await asyncio.wait([task], timeout=_LOOK_EVERY))[0]:
                await self._check()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait([task])
        if task.cancelled():
            # Telethon cancels what it still waits for when it gives a connection up.
            raise _InsteadError(ConnectionError("the connection to Telegram was given up"))
        return task.result()

    async def close(self) -> None:
        """Part from Telegram; the next question connects anew."""
        self._client = None
        await self._stack.aclose()

    async def _try(self, request: Callable[[], Any]) -> Any:
        try:
            async with asyncio.timeout(_CALL_TIMEOUT):
                client = self._client
                if client is None:
                    client = self._client = await self._stack.enter_async_context(connected(self._session))
                return await ask_telegram(client, request())
        except (errors.RPCError, errors.AuthKeyNotFound, *AWAY) as error:
            raise _InsteadError(error) from error

    async def _wait(self, seconds: float, reason: str) -> None:
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        async with transaction() as tx:
            await say_job_waits(tx, self._job_id, until, reason)
            tx.publish(IngestionProgress(job=await get_job(tx, self._job_id)))
        await self.wait_until(until)

    async def _check(self) -> None:
        async with transaction() as tx:
            standing = await look_at_job(tx, self._job_id)
        if standing.cancel_requested or standing.status != "running":
            raise StoppedError
        if standing.login_id != self._login_id:
            raise HopelessError(
                "The Telegram account was signed out while the job ran. Sign in, and make the job again: "
                "is here already is skipped."
            )


def _gave_up(patience: timedelta) -> str:
    return (
        f"Telegram could not be reached for {patience.total_seconds() / 60:.0f} min. Make the job again when "
        "it can be: what is here already is skipped."
    )
