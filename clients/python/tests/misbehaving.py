"""A server that misbehaves as it is told, since a real one cannot be made to on demand."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tasktracker import Client
from tasktracker.transport import Transport

KEY = "tt_a-key-that-nobody-may-see"


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Answer:
    """What to answer; status 0 cuts the connection instead."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Server:
    """Answers in the order that it was told, the last answer for ever."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    clients: list[Client] = field(default_factory=list)

    def client(self, *, retries: int = 4) -> Client:
        """A client that notes how long it would wait, and does not; it is closed at the end."""
        transport = Transport(self.url, KEY, retries=retries, pause=self.pauses.append)
        self.clients.append(Client(self.url, KEY, transport=transport))
        return self.clients[-1]


@contextmanager
def misbehaving_server() -> Iterator[Server]:
    """The server, on a port of its own."""
    told = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            told.asked.append(Asked(self.command, self.path, dict(self.headers), self.rfile.read(length)))
            answer = told.answers.pop(0) if len(told.answers) > 1 else told.answers[0]
            if answer.status == 0:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{running.server_address[1]}"
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        for client in told.clients:
            client.close()
        running.shutdown()
        running.server_close()
        thread.join(10)
