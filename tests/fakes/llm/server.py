"""The server: what it is told to do, what it received, and the endpoints."""

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Generic, TypeVar

from tests.fakes.llm.handler import Handler
from tests.fakes.llm.reactions import Fails, Reaction, Says, wrong_key
from tests.fakes.llm.requests import ChatRequest, EmbeddingRequest, Received
from tests.fakes.llm.strict import example_of, fault_of

R = TypeVar("R", bound=Received)


class Script(Generic[R]):
    """The behaviour of one endpoint: what was scripted for the next requests, then always the same."""

    def __init__(self) -> None:
        self.requests: list[R] = []
        self._next: deque[Reaction] = deque()
        self._always: Reaction | None = None
        self._arrived = threading.Condition()

    def then(self, *reactions: Reaction) -> None:
        """Behave so for the next requests, one each."""
        self._next.extend(reactions)

    def always(self, reaction: Reaction | None) -> None:
        """Behave so whenever nothing else was scripted; None is the endpoint's usual behaviour."""
        self._always = reaction

    def wait_for(self, number: int, *, within: float = 20.0) -> None:
        """Wait until so many requests have come; from a coroutine by `asyncio.to_thread`.

        Raises:
            TimeoutError: When they have not come within so many seconds.
        """
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.requests) >= number, within):
                raise TimeoutError(f"{len(self.requests)} of {number} requests came within {within:g} s")

    def take(self, request: R) -> Reaction | None:
        """What to do about a request that has just come."""
        with self._arrived:
            self.requests.append(request)
            self._arrived.notify_all()
            return self._next.popleft() if self._next else self._always


@dataclass
class LlmServer:
    """A running server.

    Attributes:
        url: The base URL, with `/v1`.
        dimension: Of its vectors.
        api_key: The only one that it takes; None takes any.
        models: What it offers; a request for another one is answered 404. Empty takes any.
        models_reaction: How it behaves when it is asked for them; None is as it should.
        refused_formats: Types of `response_format` that it does not understand.
        refused_parameters: Names of parameters that it does not understand, for example `temperature`.
        poison: Texts that it chokes on, and how.
        most_at_once: The largest number of requests that it worked on at the same time.
    """

    url: str = ""
    dimension: int = 64
    api_key: str | None = None
    models: list[str] = field(default_factory=list)
    models_reaction: Reaction | None = None
    refused_formats: set[str] = field(default_factory=set)
    refused_parameters: set[str] = field(default_factory=set)
    poison: dict[str, Fails] = field(default_factory=dict)
    chat: Script[ChatRequest] = field(default_factory=Script)
    embeddings: Script[EmbeddingRequest] = field(default_factory=Script)
    most_at_once: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    _at_once: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def poison_with(self, text: str, failure: Fails | None = None) -> None:
        """Refuse every batch that holds this text."""
        usual = Fails(400, "'$.input' is invalid.", param="input", type="invalid_request_error")
        self.poison[text] = failure or usual

    @contextmanager
    def counted(self) -> Iterator[None]:
        """One request is being worked on."""
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            yield
        finally:
            with self._lock:
                self._at_once -= 1

    def on_chat(self, request: ChatRequest) -> Reaction:
        """What to do about a chat request."""
        scripted = self.chat.take(request)
        fault = self._fault(request) or self._format_fault(request)
        return fault or scripted or Says(example_of(request.schema) if request.schema else {})

    def on_embedding(self, request: EmbeddingRequest) -> Reaction | None:
        """What to do about a request for vectors; None is to make them."""
        scripted = self.embeddings.take(request)
        poisoned = next((self.poison[text] for text in request.texts if text in self.poison), None)
        return self._fault(request) or self._text_fault(request.texts) or poisoned or scripted

    def fault_of_key(self, request: Received) -> Fails | None:
        """Whether the key is wrong."""
        return wrong_key() if self.api_key not in (None, request.key) else None

    def _fault(self, request: Received) -> Fails | None:
        if (wrong := self.fault_of_key(request)) is not None:
            return wrong
        if self.models and request.model not in self.models:
            return Fails(404, f"The model `{request.model}` does not exist.", "model_not_found", "model")
        refused = sorted(self.refused_parameters & set(request.body))
        if refused:
            message = f"Unsupported parameter: '{refused[0]}' is not supported with this model."
            return _invalid(message, refused[0], "unsupported_parameter")
        return None

    def _format_fault(self, request: ChatRequest) -> Fails | None:
        if request.format in self.refused_formats:
            message = f"Invalid parameter: 'response_format' of type '{request.format}' is not supported."
            return _invalid(message, "response_format")
        if request.schema is not None:
            wrong = fault_of(request.schema)
            if wrong or request.body["response_format"]["json_schema"].get("strict") is not True:
                return _invalid(
                    f"Invalid schema for response_format: {wrong or 'not strict'}", "response_format"
                )
        return None

    def _text_fault(self, texts: Sequence[str]) -> Fails | None:
        if not texts or not all(isinstance(text, str) and text for text in texts):
            return _invalid("'$.input' is invalid.", "input")
        return None


def _invalid(message: str, param: str, code: str | None = None) -> Fails:
    return Fails(400, message, code, param, type="invalid_request_error")


@contextmanager
def running_llm_server(*, dimension: int = 64) -> Iterator[LlmServer]:
    """A server on a free port of 127.0.0.1, for this process and any other.

    Args:
        dimension: Of its vectors.
    """
    llm = LlmServer(dimension=dimension)
    server = _Server(("127.0.0.1", 0), type("LlmHandler", (Handler,), {"llm": llm}))
    llm.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield llm
    finally:
        llm.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
