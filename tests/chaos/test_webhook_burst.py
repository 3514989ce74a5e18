"""A burst of webhook updates while Postgres, then NATS, is away: what is answered 200 is saved, all of it.

`make chaos-webhook` sends 5,000 in 10 s, with Postgres away for 5; by itself it sends fewer.
"""

import asyncio
import itertools
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.http_load import Connection, compose, many
from tests.system import UNDERSTANDING, System, running_system, wait_for

UPDATES = int(os.environ.get("BURST_UPDATES", "600"))
SECONDS = float(os.environ.get("BURST_SECONDS", "3"))
AWAY = float(os.environ.get("BURST_AWAY", "1.5"))
AT_ONCE = 40
"""Connections: Telegram's own default for `max_connections`."""

RETRY_PAUSE = 0.2
"""Seconds until an update comes again that was not answered with 200; Telegram waits longer each time."""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("burst") / "system"
    with running_system(folder, without=UNDERSTANDING, TT_LOG_LEVEL="INFO") as started:
        yield started


class Telegram:
    """Sends updates at a steady rate, and each again until it is answered with 200, as Telegram does.

    Attributes:
        answers: How often each status was answered; 0 is a connection that broke.
    """

    def __init__(self, system: System, first: int) -> None:
        self.answers: Counter[int] = Counter()
        self._url = system.house.gateway_url
        self._secret = {"X-Telegram-Bot-Api-Secret-Token": system.house.secrets["webhook_secret"]}
        self._numbers = iter(range(first, first + UPDATES))

    @property
    def sent(self) -> int:
        """Requests that were answered."""
        return self.answers.total()

    def deliver(self) -> None:
        """Deliver all of them."""
        asyncio.run(self._deliver())

    async def _deliver(self) -> None:
        began = time.perf_counter()
        places = itertools.count()

        async def work(connection: Connection) -> None:
            for number in self._numbers:
                due = began + next(places) * SECONDS / UPDATES
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                await self._until_taken(connection, number)

        await many(self._url, AT_ONCE, work)

    async def _until_taken(self, connection: Connection, number: int) -> None:
        request = compose("POST", "/webhook/telegram", self._secret, json.dumps(update(number)).encode())
        while True:
            answered = await connection.send(request)
            self.answers[answered.status] += 1
            if answered.status == 200:
                return
            await asyncio.sleep(RETRY_PAUSE)


def update(number: int) -> dict[str, object]:
    return {
        "update_id": number,
        "message": {
            "message_id": number,
            "date": 1773308467 + number,
            "chat": {"id": -100777, "type": "supergroup", "title": "Сплеск"},
            "from": {"id": 77, "is_bot": False, "first_name": "Олена"},
            "text": f"Повідомлення номер {number} про реліз",
        },
    }


@contextmanager
def delivering(telegram: Telegram) -> Iterator[None]:
    """Deliver in the background; at the end all is delivered."""
    thread = threading.Thread(target=telegram.deliver, name="telegram", daemon=True)
    thread.start()
    yield
    thread.join(120)
    assert not thread.is_alive(), telegram.answers


def saved(system: System, first: int) -> int:
    """How many of a burst's messages are there, each once."""
    return system.count(
        "SELECT count(DISTINCT telegram_message_id) FROM ingestion.messages "
        "WHERE telegram_message_id BETWEEN $1 AND $2",
        first,
        first + UPDATES - 1,
    )


def take_away(system: System, name: str, telegram: Telegram, status: int) -> None:
    """Kill a server once some were delivered; start it again when some more were answered so without it."""
    wait_for(lambda: telegram.sent >= UPDATES // 10, "the burst is under way")
    system.kill(name)
    # What was on its way when it was killed may still be answered as if it were there.
    enough, back = telegram.answers[status] + AT_ONCE, time.monotonic() + AWAY
    wait_for(
        lambda: time.monotonic() >= back and telegram.answers[status] > enough,
        f"updates are answered {status} while {name} is away",
    )
    system.start(name)


def test_without_postgres_every_update_is_taken_and_saved_afterwards(system: System) -> None:
    telegram = Telegram(system, 1)

    with delivering(telegram):
        take_away(system, "postgres", telegram, 200)

    assert telegram.answers == {200: UPDATES}
    wait_for(
        lambda: saved(system, 1) == UPDATES, "all are saved", seconds=120, about=lambda: saved(system, 1)
    )


def test_without_nats_updates_are_refused_and_saved_once_telegram_sends_them_again(system: System) -> None:
    first = 1_000_000
    telegram = Telegram(system, first)

    with delivering(telegram):
        take_away(system, "nats", telegram, 503)

    assert telegram.answers[200] == UPDATES
    assert telegram.answers[503] > 0
    assert set(telegram.answers) == {200, 503}, telegram.answers
    wait_for(
        lambda: saved(system, first) == UPDATES,
        "all are saved",
        seconds=120,
        about=lambda: saved(system, first),
    )
    assert system.count("SELECT count(*) FROM ingestion.messages") == 2 * UPDATES
