"""HTTP: reads requests, carries out reactions."""

import json
import socket
import time
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, ClassVar

from tests.fakes.llm import replies
from tests.fakes.llm.reactions import Breaks, Fails, Garbage, Hangs, Reaction, Refuses, Says
from tests.fakes.llm.requests import ChatRequest, EmbeddingRequest, Received
from tests.fakes.llm.vectors import vector_of

if TYPE_CHECKING:
    from tests.fakes.llm.server import LlmServer

_JSON = "application/json"


class Handler(BaseHTTPRequestHandler):
    """One connection; `llm` is set by the server."""

    protocol_version = "HTTP/1.1"
    llm: ClassVar["LlmServer"]

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self) -> None:
        if self.path != "/v1/models":
            self._carry_out(Fails(404, f"There is no {self.path}."), {})
            return
        received = Received(self.path, self._headers(), {}, time.monotonic())
        fault = self.llm.fault_of_key(received)
        names = self.llm.models or ["chat-model", "embedding-model"]
        self._carry_out(fault or self.llm.models_reaction, replies.models(names))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        given = (self.path, self._headers(), body, time.monotonic())
        with self.llm.counted():
            if self.path == "/v1/chat/completions":
                self._chat(ChatRequest(*given))
            elif self.path == "/v1/embeddings":
                self._embed(EmbeddingRequest(*given))
            else:
                self._carry_out(Fails(404, f"There is no {self.path}."), {})

    def log_message(self, *_: object) -> None:
        pass

    def _chat(self, request: ChatRequest) -> None:
        reaction = self.llm.on_chat(request)
        answered = reaction if isinstance(reaction, Says | Refuses) else Says("{}")
        self._carry_out(reaction, replies.completion(request, answered))

    def _embed(self, request: EmbeddingRequest) -> None:
        reaction = self.llm.on_embedding(request)
        broken = isinstance(reaction, Fails)
        vectors = [] if broken else [vector_of(text, self.llm.dimension) for text in request.texts]
        self._carry_out(reaction, replies.embeddings(request, vectors))

    def _headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def _carry_out(self, reaction: Reaction | None, answer: dict[str, Any]) -> None:
        try:
            match reaction:
                case Hangs():
                    self.llm.ended.wait()
                    self.close_connection = True
                case Fails():
                    self._send(reaction.status, replies.error(reaction), dict(reaction.headers))
                case Breaks():
                    self._break(answer, reaction.after)
                case Garbage():
                    self._send_bytes(200, reaction.body.encode(), {"Content-Type": reaction.content_type})
                case Says() if reaction.after:
                    self.llm.ended.wait(reaction.after)
                    self._send(200, answer, {})
                case _:
                    self._send(200, answer, {})
        except OSError:
            self.close_connection = True  # the client has gone, which is its right

    def _send(self, status: int, body: dict[str, Any], headers: dict[str, str]) -> None:
        self._send_bytes(status, json.dumps(body).encode(), {"Content-Type": _JSON, **headers})

    def _send_bytes(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _break(self, answer: dict[str, Any], share: float) -> None:
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", _JSON)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: int(len(body) * share)])
        self.wfile.flush()
        self.close_connection = True
