"""Which workers there are: every process that consumes answers when it is asked."""

import asyncio
import dataclasses
import json
import os
import socket
import time

from nats.aio.client import Client
from nats.aio.msg import Msg

from dramatiq_nats.connection import Connection
from dramatiq_nats.naming import roll_call_subject
from dramatiq_nats.pull import Pull
from dramatiq_nats.wire import publish_frame


@dataclasses.dataclass(frozen=True, slots=True)
class QueueWork:
    """What a process does for one queue.

    Attributes:
      queue: The queue's name.
      prefetch: How many messages it may hold.
      held: How many it holds, running or waiting for a thread.
    """

    queue: str
    prefetch: int
    held: int


@dataclasses.dataclass(frozen=True, slots=True)
class WorkerProcess:
    """One process that consumes.

    Attributes:
      host: The machine's name.
      pid: The process there.
      since: When it began to consume, seconds since the epoch.
      queues: What it does, by queue.
    """

    host: str
    pid: int
    since: float
    queues: tuple[QueueWork, ...]


class RollCall:
    """Answers for this process.

    Args:
      connection: Its connection.
      namespace: The broker's namespace.
    """

    def __init__(self, connection: Connection, namespace: str) -> None:
        self._connection = connection
        self._subject = roll_call_subject(namespace)
        self._since = 0.0

    async def join(self) -> None:
        """Answer from now on. Does nothing the second time on a connection."""
        if self not in self._connection.parts:
            self._connection.parts.append(self)
            self._since = time.time()
            await self._connection.tap(self._subject, self._on_call)

    def on_connected(self) -> None:
        """Nothing: the connection renews the subscription."""

    def _on_call(self, _subject: bytes, reply: bytes, _data: bytes, _headers: bytes | None) -> None:
        if reply:
            self._connection.write(publish_frame(reply, b"", json.dumps(self._describe()).encode()))

    def _describe(self) -> dict[str, object]:
        pulls = [part for part in self._connection.parts if isinstance(part, Pull)]
        return {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "since": self._since,
            "queues": [{"queue": pull.queue, "prefetch": pull.prefetch, "held": pull.held} for pull in pulls],
        }


async def call_roll(client: Client, namespace: str, *, seconds: float = 1.0) -> list[WorkerProcess]:
    """Return the worker processes that answered within `seconds`, by host and pid.

    A process whose threads are all busy answers; one that was stopped by a signal or is cut off does not.

    Args:
      client: Any connection.
      namespace: The broker's namespace.
      seconds: How long to wait for answers.
    """
    answers: list[WorkerProcess] = []

    async def on_answer(message: Msg) -> None:
        said = json.loads(message.data or b"{}")
        if "pid" in said:
            queues = tuple(QueueWork(**work) for work in said.pop("queues"))
            answers.append(WorkerProcess(queues=queues, **said))

    inbox = client.new_inbox()
    subscription = await client.subscribe(inbox, cb=on_answer)
    await client.publish(roll_call_subject(namespace), b"", reply=inbox)
    await asyncio.sleep(seconds)
    await subscription.unsubscribe()
    return sorted(answers, key=lambda worker: (worker.host, worker.pid))
