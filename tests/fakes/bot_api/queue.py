"""A bot's updates: numbered, kept until they are confirmed, fetched or sent."""

import threading
import time
from collections import deque
from typing import Any

from tests.fakes.bot_api.failures import OTHER_POLLS, WEBHOOK_IS_SET


class Updates:
    """The updates of one bot, for many threads."""

    def __init__(self, first: int = 1) -> None:
        self.changed = threading.Condition()
        self.waiting: deque[dict[str, Any]] = deque()
        self.allowed: set[str] = set()
        self.webhook_is_set = False
        self._next = first
        self._polls = 0

    def add(self, update: dict[str, Any]) -> int:
        """Number an update and keep it, if its kind is asked for."""
        with self.changed:
            number, self._next = self._next, self._next + 1
            if not self.allowed or self.allowed & set(update):
                self.waiting.append({"update_id": number, **update})
                self.changed.notify_all()
            return number

    def number_anew(self, number: int) -> None:
        """Go on with this number, as Telegram does at random after a quiet week."""
        self._next = number

    def fetch(self, offset: int | None, limit: int, seconds: float) -> list[dict[str, Any]]:
        """What getUpdates answers; a later request ends the ones that wait."""
        with self.changed:
            self._polls += 1
            mine = self._polls
            self.changed.notify_all()
            if offset is not None and offset < 0:
                while len(self.waiting) > -offset:
                    self.waiting.popleft()
            elif offset:
                while self.waiting and self.waiting[0]["update_id"] < offset:
                    self.waiting.popleft()
            self.changed.wait_for(
                lambda: self.waiting or self.webhook_is_set or mine != self._polls, max(seconds, 0)
            )
            if self.webhook_is_set:
                raise WEBHOOK_IS_SET
            if mine != self._polls:
                raise OTHER_POLLS
            return list(self.waiting)[:limit]

    def take(self, seconds: float) -> dict[str, Any] | None:
        """An update to be sent to the webhook; None when none came."""
        with self.changed:
            self.changed.wait_for(lambda: self.waiting, seconds)
            return self.waiting.popleft() if self.waiting else None

    def put_back(self, update: dict[str, Any]) -> None:
        """Keep one that could not be sent, at the head."""
        with self.changed:
            self.waiting.appendleft(update)

    def wait_until_empty(self, within: float) -> None:
        """Wait until nothing waits.

        Raises:
            TimeoutError: When something still does.
        """
        until = time.monotonic() + within
        while self.waiting:
            if time.monotonic() > until:
                raise TimeoutError(f"{len(self.waiting)} updates still wait after {within:g} s")
            threading.Event().wait(0.01)
