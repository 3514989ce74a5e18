"""WebSocket clients of the gateway for tests."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.frames import Close
from websockets.sync.client import ClientConnection, connect

from shared.contracts.scoring import MessageScored, ScoredMessage
from tests.integration.gateway.stage import DEADLINE, KEY, Stage, wait_for

BEARER = {"Authorization": f"Bearer {KEY}"}


@contextmanager
def listening(
    stage: Stage, query: str = "", *, headers: dict[str, str] | None = BEARER, **more: Any
) -> Iterator[ClientConnection]:
    """A client that has its first frame, `hello`."""
    with raw_listening(stage, query, headers=headers, **more) as client:
        assert frame(client)["type"] == "hello"
        yield client


@contextmanager
def raw_listening(
    stage: Stage, query: str = "", *, headers: dict[str, str] | None = BEARER, **more: Any
) -> Iterator[ClientConnection]:
    """A client that has read nothing yet; afterwards the gateway has forgotten it."""
    before = stage.app.state.hub.clients
    with connect(stage.socket_url + query, additional_headers=headers, **more) as client:
        yield client
    wait_for(lambda: stage.app.state.hub.clients <= before, "the client is forgotten")


def frame(client: ClientConnection) -> dict[str, Any]:
    """The next frame."""
    found: dict[str, Any] = json.loads(client.recv(timeout=DEADLINE))
    return found


def position(of: dict[str, Any]) -> str:
    """What to come back with after a frame."""
    return f"{of['epoch']}:{of['seq']}"


def closing(stage: Stage, query: str, headers: dict[str, str] | None) -> Close:
    """How the gateway closes a socket that it does not let in."""
    with connect(stage.socket_url + query, additional_headers=headers) as client:
        return closed(client)


def closed(client: ClientConnection) -> Close:
    """How the gateway closes; what it said before is passed over."""
    with suppress(ConnectionClosed):
        while True:
            client.recv(timeout=DEADLINE)
    code = client.close_code
    assert code is not None
    return Close(code, client.close_reason or "")


def scored(number: int) -> MessageScored:
    """An event that is small and no progress."""
    return MessageScored(score=ScoredMessage(message_id=number, importance_score=0.8, message_class="signal"))


def number(of: dict[str, Any]) -> int:
    """The number of the event that `scored` made."""
    found: int = of["data"]["score"]["message_id"]
    return found
