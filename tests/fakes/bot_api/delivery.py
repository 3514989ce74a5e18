"""Sending updates to the webhook: several at a time, each again until it is answered with 2xx."""

import json
import threading
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.bot_api.queue import Updates

_PATIENCE = 60.0
"""Seconds that Telegram waits for an answer."""


@dataclass
class Webhook:
    """Where updates are sent."""

    url: str
    secret: str | None
    max_connections: int
    allowed: list[str]
    last_error_at: int | None = None
    last_error: str | None = None


class Delivery:
    """Sends while it is not stopped.

    Args:
        webhook: Where to.
        updates: What.
        pause: Seconds after a failure.
    """

    def __init__(self, webhook: Webhook, updates: Updates, *, pause: float) -> None:
        self._webhook = webhook
        self._updates = updates
        self._pause = pause
        self._stopped = threading.Event()
        self.delivered: list[tuple[float, int]] = []
        self.refused: list[int] = []
        self._threads = [
            threading.Thread(target=self._work, daemon=True) for _ in range(webhook.max_connections)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Send no more."""
        self._stopped.set()
        for thread in self._threads:
            thread.join(5)

    def _work(self) -> None:
        connection: HTTPConnection | None = None
        while not self._stopped.is_set():
            update = self._updates.take(0.05)
            if update is None:
                continue
            try:
                connection = connection or self._connect()
                status = self._send(connection, update)
            except (OSError, HTTPException) as error:
                connection, status = None, 0
                self._note(f"{type(error).__name__}")
            if 200 <= status < 300:
                self.delivered.append((time.monotonic(), update["update_id"]))
                continue
            if status:
                self.refused.append(status)
                self._note(f"Wrong response from the webhook: {status}")
            self._updates.put_back(update)
            self._stopped.wait(self._pause)
        if connection is not None:
            connection.close()

    def _connect(self) -> HTTPConnection:
        parts = urlsplit(self._webhook.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        return kind(parts.hostname or "", parts.port, timeout=_PATIENCE)

    def _send(self, connection: HTTPConnection, update: dict[str, Any]) -> int:
        headers = {"Content-Type": "application/json"}
        if self._webhook.secret is not None:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self._webhook.secret
        connection.request("POST", urlsplit(self._webhook.url).path, json.dumps(update).encode(), headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status

    def _note(self, error: str) -> None:
        self._webhook.last_error, self._webhook.last_error_at = error, int(time.time())
