"""What goes on all the time while releases change: updates come, people read, clients follow, probes look."""

import asyncio
import json
import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tasktracker.live import Gap, follow
from tests.deploy.rolling.balancer import Balancer
from tests.http_load import Answered, Connection, compose
from tests.system import wait_for

_UPDATE_EVERY = 0.02
_READ_EVERY = 0.1
_LOOK_EVERY = 0.05
_FOLLOWERS = 3
_DEADLINE = 30.0


@dataclass
class Seen:
    """What came of it.

    Attributes:
        updates: Statuses by which updates were answered; 0 is a connection that broke.
        reads: Statuses of reads.
        notes: What answers lacked.
        probes: Of each probe that did not say "ready" what it said, by its name.
        looks: How often each probe was looked at.
        followed: For each follower how often it was told what, by the event's type and the message's id.
        gaps: What followers missed.
        begun: Updates that were begun to be sent.
        warm_up: The last update before all followers were known to follow.
    """

    updates: Counter[int] = field(default_factory=Counter)
    reads: Counter[int] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    probes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    looks: Counter[str] = field(default_factory=Counter)
    followed: list[Counter[tuple[str, int]]] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    begun: int = 0
    warm_up: int = 0

    @property
    def sent(self) -> int:
        """Updates that were taken."""
        return self.updates[200]


class Traffic:
    """Runs in a thread of its own between `start` and `stop`, through a balancer over the gateways.

    Attributes:
        seen: What came of it so far.
        probed: Addresses that are to be ready, by name; looked at for as long as they stand here.
    """

    def __init__(self, balancer: Balancer, key: str, secret: str) -> None:
        self.balancer = balancer
        self.seen = Seen()
        self.probed: dict[str, str] = {}
        self._key = {"Authorization": f"Bearer {key}", "Connection": "close"}
        self._secret = {"X-Telegram-Bot-Api-Secret-Token": secret, "Connection": "close"}
        self._begun, self._sending, self._ended = threading.Event(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="traffic", daemon=True)
        self._failed: BaseException | None = None

    def start(self) -> None:
        """Begin; returns once the followers are told of what happens."""
        self._sending.set()
        self._thread.start()
        begun = self._begun.wait(_DEADLINE)
        self.check()
        assert begun, "the followers are told of nothing"

    def check(self) -> None:
        """Raise what has ended it before its time, if anything has."""
        if self._failed is not None:
            raise self._failed

    def until(
        self, condition: Callable[[], bool], what: str, about: Callable[[], object] = lambda: ""
    ) -> None:
        """Wait until a condition holds, for as long as the traffic goes on."""

        def holds() -> bool:
            self.check()
            return condition()

        wait_for(holds, what, about=about)

    def stop_sending(self) -> None:
        """Send no more; the rest goes on."""
        self._sending.clear()

    def stop(self) -> None:
        """End all of it."""
        self._ended.set()
        self._thread.join(_DEADLINE)
        assert not self._thread.is_alive()
        self.check()

    async def _run(self) -> None:
        try:
            async with self.balancer, asyncio.TaskGroup() as group:
                works = [self._follow() for _ in range(_FOLLOWERS)]
                works += [self._update(), self._read(), self._probe()]
                tasks = [group.create_task(work) for work in works]
                await asyncio.to_thread(self._ended.wait)
                for task in tasks:
                    task.cancel()
        except BaseException as error:  # noqa: BLE001 - raised again by `check`, in the test's thread
            self._failed = error
            self._begun.set()

    async def _follow(self) -> None:
        told: Counter[tuple[str, int]] = Counter()
        self.seen.followed.append(told)
        key = self._key["Authorization"].removeprefix("Bearer ")
        async for event in follow(self.balancer.url, key, topics=["messages"]):
            if isinstance(event, Gap):
                self.seen.gaps.append(event)
            elif event.type == "message.updated":
                told[event.type, event.data["message"]["id"]] += 1
            elif event.type == "message_scored":
                told[event.type, event.data["score"]["message_id"]] += 1

    async def _update(self) -> None:
        await self._warm_up()
        async with asyncio.TaskGroup() as group:
            while True:
                if self._sending.is_set():
                    group.create_task(self._deliver())
                await asyncio.sleep(_UPDATE_EVERY)

    async def _warm_up(self) -> None:
        """Send until every follower was told something: who connects later is not told what was before."""
        while len(self.seen.followed) < _FOLLOWERS or not all(self.seen.followed):
            await self._deliver()
            await asyncio.sleep(_READ_EVERY)
        self.seen.warm_up = self.seen.begun
        self._begun.set()

    async def _deliver(self) -> None:
        self.seen.begun = number = self.seen.begun + 1
        body = json.dumps(_update_of(number), ensure_ascii=False).encode()
        request = compose("POST", "/webhook/telegram", self._secret, body)
        while True:
            status = (await self._ask(request)).status
            self.seen.updates[status] += 1
            if status == 200:
                return
            await asyncio.sleep(_READ_EVERY)

    async def _read(self) -> None:
        request = compose("GET", "/api/v1/messages?limit=20", self._key)
        while True:
            answered = await self._ask(request)
            self.seen.reads[answered.status] += 1
            if answered.status == 200:
                self.seen.notes += json.loads(answered.body)["notes"]
            await asyncio.sleep(_READ_EVERY)

    async def _probe(self) -> None:
        while True:
            for name, url in list(self.probed.items()):
                answered = await self._ask(compose("GET", "/health/ready", {"Connection": "close"}), url)
                self.seen.looks[name] += 1
                # One that was taken out of the list meanwhile may end while it answers.
                if answered.status != 200 and name in self.probed:
                    self.seen.probes[name].append(f"{answered.status} {answered.body.decode()}")
            await asyncio.sleep(_LOOK_EVERY)

    async def _ask(self, request: bytes, url: str | None = None) -> Answered:
        connection = Connection(url or self.balancer.url)
        try:
            return await connection.send(request)
        finally:
            connection.close()


def _update_of(number: int) -> dict[str, Any]:
    return {
        "update_id": number,
        "message": {
            "message_id": number,
            "date": 1_790_000_000 + number,
            "chat": {"id": -100_555, "type": "supergroup", "title": "Оновлення"},
            "from": {"id": 40 + number % 5, "is_bot": False, "first_name": f"Учасник {number % 5}"},
            "text": f"Вирішили: крок {number} викочуємо у четвер, бо запит до orders іде повз індекс",
        },
    }
