"""Unique jobs: of messages with the same key, one is on its way at a time."""

import asyncio
import dataclasses
import functools
import hashlib
import json
import logging
import math
import time
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from dramatiq import Message
from dramatiq.broker import MessageProxy
from dramatiq.encoder import JSONEncoder
from dramatiq.errors import BrokerError
from nats.errors import Error as NatsError

from dramatiq_nats.cells import Cell, Cells
from dramatiq_nats.connection import Connection

if TYPE_CHECKING:
    from dramatiq import Actor

log = logging.getLogger(__name__)

#: Milliseconds for which a message is the only one with its key, or until it ended; option of actor and send.
UNIQUE_FOR: Final = "unique_for"
#: What is to be unique, a string; without it, the actor and its arguments. Option of send.
UNIQUE_KEY: Final = "unique_key"
#: Says in a message that was dropped which one it is a duplicate of.
DUPLICATE_OF: Final = "duplicate_of"

_PATIENCE = 30.0


def unique_milliseconds(wanted: object) -> int:
    """Return a time in which a job is unique as milliseconds.

    Raises:
      ValueError: When it is neither a positive number of them nor a positive timedelta.
    """
    if isinstance(wanted, timedelta):
        wanted = wanted / timedelta(milliseconds=1)
    if isinstance(wanted, bool) or not isinstance(wanted, int | float) or wanted < 1:
        raise ValueError(f"{UNIQUE_FOR} must be milliseconds from 1 on or a timedelta, not {wanted!r}")
    return int(wanted)


class UniqueJobs:
    """Who holds which key: cells of ``<ns>_LIM``, each with the holder's message id and its end.

    Args:
      connection: Where they are.
      cells: The namespace's cells.
    """

    def __init__(self, connection: Connection, cells: Cells) -> None:
        self._connection = connection
        self._cells = cells

    def mark(self, message: "Message[Any]", actors: "Mapping[str, Actor[Any, Any]]") -> "Message[Any]":
        """Return a message with what makes it unique among its options, when it is to be unique."""
        wanted = message.options.get(UNIQUE_FOR)
        if wanted is None and message.actor_name in actors:
            wanted = actors[message.actor_name].options.get(UNIQUE_FOR)
        if wanted is None:
            if message.options.get(UNIQUE_KEY) is not None:
                raise ValueError(f"{UNIQUE_KEY} says what is to be unique; {UNIQUE_FOR} has to say how long")
            return message
        milliseconds = unique_milliseconds(wanted)
        key = message.options.get(UNIQUE_KEY) or _key_of(message)
        return message.copy(options={UNIQUE_FOR: milliseconds, UNIQUE_KEY: key})

    def claim(self, messages: "Iterable[Message[Any]]") -> dict[str, str]:
        """Have each unique message hold its key; return the holders of keys that are taken, by message id.

        Raises:
          dramatiq.errors.BrokerConnectionError: When the server did not answer in 30 seconds.
        """
        unique = [message for message in messages if UNIQUE_KEY in message.options]
        if not unique:
            return {}
        return self._connection.call(functools.partial(self._claim_all, unique), _PATIENCE)

    def release(self, message: "Message[Any] | MessageProxy") -> None:
        """Give a message's key back, if it is unique and holds it. Never waits."""
        if UNIQUE_KEY in message.options:
            key, holder = message.options[UNIQUE_KEY], message.message_id
            self._connection.post(lambda: self._connection.spawn(self._release(key, holder)))

    async def _claim_all(self, messages: "list[Message[Any]]") -> dict[str, str]:
        # One after another, so that of two in one batch the first is the one that stays.
        holders: dict[str, str] = {}
        claimed: list[Message[Any]] = []
        try:
            for message in messages:
                claimed.append(message)
                holder = await self._claim(message)
                if holder is not None:
                    holders[message.message_id] = holder
        except BaseException:
            for message in claimed:
                self.release(message)
            raise
        return holders

    async def _claim(self, message: "Message[Any]") -> str | None:
        now = int(time.time() * 1000)
        eta = message.options.get("eta")
        due = max(now, int(eta)) if isinstance(eta, int | float) else now
        until = due + message.options[UNIQUE_FOR]
        holder: str | None = None

        def change(data: bytes | None) -> Cell | None:
            nonlocal holder
            taken_by, taken_until = json.loads(data) if data else ("", 0)
            holder = taken_by if taken_until > now and taken_by != message.message_id else None
            if holder is not None:
                return None
            return Cell(json.dumps([message.message_id, until]).encode(), math.ceil((until - now) / 1000))

        await self._cells.change(_cell(message.options[UNIQUE_KEY]), change)
        return holder

    async def _release(self, key: str, holder: str) -> None:
        def change(data: bytes | None) -> Cell | None:
            # It may have ended by its time and be somebody else's by now.
            return Cell(b'["",0]', 1) if data and json.loads(data)[0] == holder else None

        try:
            async with asyncio.timeout(_PATIENCE):
                await self._cells.change(_cell(key), change)
        except (TimeoutError, BrokerError, NatsError) as error:
            log.warning("A unique job's key stays until its time is over: %r", error)


def _key_of(message: "Message[Any]") -> str:
    arguments = dataclasses.asdict(message)["args"], sorted(message.kwargs.items())
    data = JSONEncoder().encode([message.queue_name, message.actor_name, arguments])  # type: ignore[arg-type]
    return hashlib.sha256(data).hexdigest()


def _cell(key: str) -> str:
    return f"unique/{key}"
