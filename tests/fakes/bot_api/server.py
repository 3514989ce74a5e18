"""The server: the bot that it knows, what was written to it, what it was asked, and HTTP."""

import json
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from tests.fakes.bot_api.delivery import Delivery, Webhook
from tests.fakes.bot_api.failures import Failure, unknown_token
from tests.fakes.bot_api.methods import METHODS
from tests.fakes.bot_api.queue import Updates

TOKEN = "7012345678:AAE-a-token-of-a-fake-bot-api-0123456"


@dataclass
class BotApiServer:
    """A running server.

    Attributes:
        url: For TT_TELEGRAM_API_URL.
        token: The only one that it knows; a test may change it, as BotFather does on revoking.
        me: The bot, as getMe tells.
        is_local: Whether it takes webhooks without https, as a Bot API server of one's own does.
        longest_poll: Seconds that getUpdates waits at the most, whatever is asked.
        webhook: The one that is set.
        delivery: What sends to it.
        pause: Seconds after a webhook failed.
        pictures: By the user's id.
        unknown_users: Whom the bot has never met.
        calls: Every call: the method, and what was given.
    """

    url: str = ""
    token: str = TOKEN
    me: dict[str, Any] = field(
        default_factory=lambda: {
            "id": 7012345678,
            "first_name": "Чат команди",
            "username": "team_chat_bot",
            "can_join_groups": True,
            "can_read_all_group_messages": False,
        }
    )
    is_local: bool = True
    longest_poll: float = 60.0
    updates: Updates = field(default_factory=Updates)
    webhook: Webhook | None = None
    delivery: Delivery | None = None
    pause: float = 0.2
    pictures: dict[int, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    unknown_users: set[int] = field(default_factory=set)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _failures: dict[str, deque[Failure]] = field(default_factory=dict)

    def write(self, *updates: dict[str, Any]) -> list[int]:
        """Somebody writes: updates without number; returns their numbers."""
        return [self.updates.add(update) for update in updates]

    def fail(self, method: str, *failures: Failure) -> None:
        """Answer the next calls of a method so, one each; `file` stands for the downloads of files."""
        self._failures.setdefault(method, deque()).extend(failures)

    def called(self, method: str) -> list[dict[str, Any]]:
        """What was given at each call of a method."""
        return [given for name, given in list(self.calls) if name == method]

    def send_to(self, webhook: Webhook | None) -> None:
        """Send updates to another webhook, or to none."""
        if self.delivery is not None:
            self.delivery.stop()
        self.webhook, self.delivery = webhook, None
        with self.updates.changed:
            self.updates.webhook_is_set = webhook is not None
            if webhook is not None:
                self.updates.allowed = set(webhook.allowed)
            self.updates.changed.notify_all()
        if webhook is not None:
            self.delivery = Delivery(webhook, self.updates, pause=self.pause)

    def answer(self, method: str, given: dict[str, Any]) -> Any:
        """The result of a call.

        Raises:
            Failure: What it is answered with instead.
        """
        self.calls.append((method, given))
        self._fail_as_told(method)
        if method not in METHODS:
            raise Failure(404, "Not Found: method not found")
        return METHODS[method](self, given)

    def content(self, path: str) -> bytes:
        """What a file holds.

        Raises:
            Failure: What its download is answered with instead.
        """
        self._fail_as_told("file")
        if path not in self.files:
            raise Failure(404, "Not Found")
        return self.files[path]

    def _fail_as_told(self, method: str) -> None:
        scripted = self._failures.get(method)
        if scripted:
            raise scripted.popleft()


class Handler(BaseHTTPRequestHandler):
    """One connection; `telegram` is set by the server."""

    protocol_version = "HTTP/1.1"
    telegram: ClassVar[BotApiServer]

    def do_GET(self) -> None:
        self._take({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._take(json.loads(body) if body else {})

    def log_message(self, *_: object) -> None:
        pass

    def _take(self, given: dict[str, Any]) -> None:
        own, file = f"/bot{self.telegram.token}/", f"/file/bot{self.telegram.token}/"
        try:
            if self.path.startswith(file):
                content = self.telegram.content(self.path.removeprefix(file))
                self._send(200, content, "application/octet-stream")
            elif self.path.startswith(own):
                result = self.telegram.answer(self.path.removeprefix(own), given)
                self._send(200, json.dumps({"ok": True, "result": result}).encode())
            else:
                raise unknown_token()
        except Failure as failure:
            self._send(failure.status, failure.body())

    def _send(self, status: int, body: bytes, content_type: str = "application/json") -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # the client has gone, which is its right


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that was killed in the middle is what some tests are about.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def running_bot_api(port: int = 0) -> Iterator[BotApiServer]:
    """A server on a port of 127.0.0.1, a free one unless told, for this process and any other."""
    telegram = BotApiServer()
    server = _Server(("127.0.0.1", port), type("BotApiHandler", (Handler,), {"telegram": telegram}))
    telegram.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield telegram
    finally:
        telegram.send_to(None)
        server.shutdown()
        thread.join()
        server.server_close()
