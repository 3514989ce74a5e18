"""Periodic jobs: each is one schedule of the server's; whoever takes a firing up sets the next one first.

The server's own cron and ``@every`` schedules were tried (2.15.1): a firing that falls into an outage of the
server is lost, an interval starts anew with every restart, and while all workers are away firings pile up. A
one-time schedule that is past due fires when the server is back, and there is never more than one firing.
"""

import asyncio
import dataclasses
import inspect
import json
import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from dramatiq.broker import MessageProxy
from nats.js.errors import APIError, NoStreamResponseError, NotFoundError

from dramatiq_nats.cells import Cell, Cells
from dramatiq_nats.connection import Connection
from dramatiq_nats.naming import periodic_subject, stream_name, work_subject
from dramatiq_nats.outgoing import Outgoing
from dramatiq_nats.publisher import Publisher
from dramatiq_nats.pull import Pull
from dramatiq_nats.wire import EXPECTED, MSG_ID, SCHEDULE, SCHEDULE_TARGET, header_block, schedule_at

if TYPE_CHECKING:
    from dramatiq import Actor

log = logging.getLogger(__name__)

#: Actor options: five cron fields, or six with seconds first; or every so many milliseconds or a timedelta.
CRON: Final = "cron"
INTERVAL: Final = "interval"
#: Actor option: an IANA name in which the cron expression is read; UTC when absent.
CRON_TIMEZONE: Final = "cron_timezone"
#: Message option: when this firing was due, milliseconds since the epoch.
DUE: Final = "periodic_due"

_RULE = "Dramatiq-Periodic"
_CHECK_EVERY = 60.0
_PATIENCE = 10.0
_SHORTEST_INTERVAL = 1000
#: How long the last firing is remembered, in seconds.
_REMEMBERED = 30 * 24 * 3600


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """When a periodic job runs.

    Attributes:
      cron: A cron expression, empty for an interval.
      timezone: The IANA name in which it is read.
      interval: Milliseconds between firings, 0 for a cron expression.
    """

    cron: str = ""
    timezone: str = "UTC"
    interval: int = 0

    @classmethod
    def of(cls, options: dict[str, Any]) -> "Rule | None":
        """Return the rule in an actor's options, None when it is not periodic.

        Raises:
          ValueError, TypeError: When it makes no sense; says what is wrong.
        """
        cron, interval = options.get(CRON), options.get(INTERVAL)
        if cron is not None and interval is not None:
            raise ValueError("a periodic actor has either cron or interval, not both")
        if CRON_TIMEZONE in options and cron is None:
            raise ValueError("cron_timezone goes with cron")
        if interval is not None:
            return cls(interval=_milliseconds(interval))
        if cron is None:
            return None
        if not isinstance(cron, str):
            raise TypeError(f"cron must be an expression as '*/15 * * * *', not {cron!r}")
        rule = cls(cron=cron, timezone=options.get(CRON_TIMEZONE, "UTC"))
        try:
            rule.after(0)
        except CronSimError as error:
            raise ValueError(f"cron expression {cron!r} is not valid: {error}") from None
        except StopIteration:
            raise ValueError(f"cron expression {cron!r} names no time that ever comes") from None
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"time zone {rule.timezone!r} is not known on this machine") from None
        return rule

    def after(self, due: int, now: int = 0) -> int:
        """Return the first time after both that is due, given one that was; milliseconds since the epoch."""
        if self.interval:
            return due + self.interval * max(1, (now - due) // self.interval + 1)
        start = datetime.fromtimestamp(max(due, now) / 1000, UTC).astimezone(ZoneInfo(self.timezone))
        return int(next(CronSim(self.cron, start)).timestamp() * 1000)

    def __str__(self) -> str:
        return f"every {self.interval} ms" if self.interval else f"{self.cron} {self.timezone}"


def _milliseconds(interval: object) -> int:
    every = interval / timedelta(milliseconds=1) if isinstance(interval, timedelta) else interval
    if isinstance(every, bool) or not isinstance(every, int | float):
        raise TypeError(f"interval must be milliseconds or a timedelta, not {interval!r}")
    if every < _SHORTEST_INTERVAL:
        raise ValueError(f"interval must be at least {_SHORTEST_INTERVAL} ms, not {every:g}")
    return int(every)


class PeriodicJobs:
    """Keeps the schedules of this process's periodic actors.

    Args:
      connection: Where they are.
      publisher: Publishes the next firing, confirmed.
      cells: Where it is noted when a job was last taken up.
      namespace: The broker's namespace.
      make_streams: Makes the streams when they are missing.
    """

    def __init__(
        self,
        connection: Connection,
        publisher: Publisher,
        cells: Cells,
        namespace: str,
        make_streams: Callable[[], Awaitable[None]],
    ) -> None:
        self._connection = connection
        self._publisher = publisher
        self._cells = cells
        self._namespace = namespace
        self._make_streams = make_streams
        self._jobs: dict[str, tuple[Actor[Any, Any], Rule]] = {}
        self._checking: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def declare(self, actor: "Actor[Any, Any]") -> None:
        """Note an actor, if it is periodic. No I/O: the schedule is made where its queue is consumed.

        Raises:
          ValueError, TypeError: When its rule makes no sense.
        """
        rule = Rule.of(actor.options)
        if rule is not None:
            try:
                inspect.signature(actor.fn).bind()
            except TypeError as error:
                raise ValueError(f"a periodic actor is called without arguments: {error}") from None
            self._jobs[actor.actor_name] = (actor, rule)

    async def start(self) -> None:
        """Keep the schedules of the queues that are consumed here. On the loop, when one more is."""
        if self._jobs:
            if self not in self._connection.parts:
                self._connection.parts.append(self)
            self.on_connected()

    def on_connected(self) -> None:
        """Look for schedules that are missing or changed, now and every minute."""
        self.on_closing()
        loop = asyncio.get_running_loop()
        self._checking = loop.create_task(self._check())
        self._timer = loop.call_later(_CHECK_EVERY, self.on_connected)

    def on_closing(self) -> None:
        """Stop looking."""
        if self._timer is not None:
            self._timer.cancel()
        if self._checking is not None:
            self._checking.cancel()

    def take_up(self, message: MessageProxy) -> bool:
        """Set the next firing of the job that a message is a firing of; tell whether this one is to run.

        One that came due before the job was last taken up is not: those that were missed run once. Called
        before the actor runs: killed in between, the message comes again and sets the same. From any thread.

        Raises:
          dramatiq.errors.BrokerError: When it was not confirmed.
        """
        actor, rule = self._jobs.get(message.actor_name, (None, None))
        if actor is None or rule is None or "retries" in message.options:
            return True
        due = int(message.options[DUE])
        if not self._connection.call(lambda: self._is_first_since(message, due), _PATIENCE):
            return False
        self._set(actor, rule, rule.after(due, _now()))
        return True

    async def _is_first_since(self, message: MessageProxy, due: int) -> bool:
        """Note that a firing is taken up; tell whether none was since this one was due, but for itself."""

        def change(data: bytes | None) -> Cell | None:
            last, taken_up = json.loads(data) if data else ("", 0)
            if last == message.message_id or taken_up >= due:
                return None
            return Cell(json.dumps([message.message_id, _now()]).encode(), _REMEMBERED)

        cell = f"periodic/{message.actor_name}"
        if await self._cells.change(cell, change):
            return True
        data = await self._cells.read(cell)
        return bool(data) and json.loads(data or b"[]")[0] == message.message_id

    def _set(self, actor: "Actor[Any, Any]", rule: Rule, due: int) -> None:
        subject, payload, headers = self._firing(actor, rule, due)
        self._publisher.publish([Outgoing(subject.encode(), payload, header_block(headers))], _PATIENCE)

    def _firing(self, actor: "Actor[Any, Any]", rule: Rule, due: int) -> tuple[str, bytes, dict[str, str]]:
        message = actor.message().copy(options={DUE: due})
        headers = {
            MSG_ID: uuid.uuid4().hex,
            SCHEDULE: schedule_at(due),
            SCHEDULE_TARGET: work_subject(self._namespace, actor.queue_name),
            _RULE: str(rule),
        }
        subject = periodic_subject(self._namespace, actor.queue_name, actor.actor_name)
        return subject, message.encode(), headers

    async def _check(self) -> None:
        consumed = {part.queue for part in self._connection.parts if isinstance(part, Pull)}
        for actor, rule in list(self._jobs.values()):
            if actor.queue_name in consumed:
                try:
                    await self._ensure(actor, rule)
                except Exception as error:  # noqa: BLE001 - the others are to be scheduled all the same
                    log.warning("Periodic actor %r could not be scheduled: %r", actor.actor_name, error)

    async def _ensure(self, actor: "Actor[Any, Any]", rule: Rule) -> None:
        """Make a job's schedule when it is missing or follows another rule."""
        js = self._connection.js
        subject = periodic_subject(self._namespace, actor.queue_name, actor.actor_name)
        sequence = 0
        try:
            present = await js.get_msg(stream_name(self._namespace), subject=subject)
        except NotFoundError:
            pass
        else:
            if (present.headers or {}).get(_RULE) == str(rule):
                return
            sequence = present.seq or 0
        now = _now()
        subject, payload, headers = self._firing(actor, rule, rule.after(now, now))
        # Of several processes that find it missing, one makes it.
        headers[EXPECTED] = str(sequence)
        try:
            await js.publish(subject, payload, headers=headers)
        except NoStreamResponseError:
            await self._make_streams()
            await js.publish(subject, payload, headers=headers)
        except APIError as error:
            log.debug("Periodic actor %r was scheduled by another process: %r", actor.actor_name, error)
        else:
            log.info("Periodic actor %r is scheduled: %s.", actor.actor_name, rule)


def _now() -> int:
    return int(time.time() * 1000)
