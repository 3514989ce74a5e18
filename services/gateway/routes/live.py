"""The WebSocket: what happens, as it happens. What it speaks stands in docs/websocket.md."""

import asyncio
import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final, cast

import msgspec
from litestar import Request, Router, WebSocket, post, websocket
from litestar.exceptions import WebSocketDisconnect

from services.gateway import metrics
from services.gateway.access import TOPICS, may_follow, topics_for
from services.gateway.admission import FORBIDDEN, TRY_LATER, NotAdmittedError, admit
from services.gateway.auth import caller
from services.gateway.clients import Outlet
from services.gateway.hub import Hub
from services.gateway.keys import ApiKey
from services.gateway.openapi import DescribedOperation, answers, shown
from services.gateway.sockets import EXTENSION
from services.gateway.standing import Standing
from services.gateway.tickets import TICKET_SECONDS, make_ticket
from shared.contracts.base import EVENTS
from shared.contracts.errors import QueryError
from shared.messaging.events import Position

_LONGEST_REASON: Final = 123
_FAREWELL_SECONDS: Final = 10.0
_AFTER: Final = re.compile(r"([0-9A-Za-z]{1,40}):([0-9]{1,18})", re.ASCII)

NOT_UNDERSTOOD: Final = 4400


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """Opens one WebSocket in the name of a key; `expires_in` is in seconds."""

    ticket: str
    expires_in: int


@post(
    "/tickets",
    status_code=201,
    summary="Get a ticket for the WebSocket",
    operation_class=DescribedOperation,
    opt={"scope": "read"},
    responses={
        **answers(),
        **shown(
            201,
            Ticket,
            Ticket(ticket="5f0c….1773308467.0b1f….9b1c…", expires_in=TICKET_SECONDS),
            "The ticket",
        ),
    },
)
async def create_ticket(request: Request[Any, Any, Any]) -> Ticket:
    """Who cannot send headers with a WebSocket sends `/ws?ticket=…`, once and within 30 seconds."""
    return Ticket(ticket=make_ticket(caller(request), datetime.now(UTC)), expires_in=TICKET_SECONDS)


@websocket("/ws", opt={"scope": "itself"})
async def follow(socket: WebSocket[Any, Any, Any]) -> None:
    """Send a frame for each event of the topics that the client asked for, until it leaves."""
    await socket.accept()
    standing: Standing = socket.app.state.standing
    try:
        visitor = await admit(socket)
        topics = read_topics(socket.query_params.get("topics"), visitor.key)
        after = read_after(socket.query_params.get("after"))
        _refuse_crowds(standing, visitor.key)
    except NotAdmittedError as error:
        await _refuse(socket, error.code, str(error))
        return
    except QueryError as error:
        await _refuse(socket, TRY_LATER, str(error))
        return
    hub: Hub = socket.app.state.hub
    outlet = cast("Outlet", socket.scope["extensions"][EXTENSION])  # type: ignore[index]
    standing.enter(visitor, outlet)
    client = hub.open(outlet, topics, after)
    try:
        await _until_gone(socket)
    finally:
        hub.close(client)
        standing.leave(visitor, outlet)
    metrics.SOCKETS_CLOSED.labels("gone").inc()


def known_topics() -> frozenset[str]:
    """Every topic that there is."""
    return frozenset(event.topic for event in EVENTS.values()) | TOPICS.keys()


def read_topics(text: str | None, key: ApiKey) -> frozenset[str]:
    """The topics in `?topics=messages,ingestion`; when it is absent, all that the key may hear of.

    Raises:
        NotAdmittedError: For a topic that does not exist, or that the key may not hear of.
    """
    asked = [topic for topic in (piece.strip() for piece in (text or "").split(",")) if topic]
    if not asked:
        return topics_for(key, known_topics())
    for topic in asked:
        if topic not in known_topics():
            there_are = ", ".join(sorted(known_topics()))
            raise NotAdmittedError(
                NOT_UNDERSTOOD, f"There is no topic {topic[:20]!r}; there are: {there_are}."
            )
        if not may_follow(key, topic):
            needed = TOPICS.get(topic, "admin")
            raise NotAdmittedError(FORBIDDEN, f"The topic {topic!r} needs the scope {needed!r}.")
    return frozenset(asked)


def read_after(text: str | None) -> Position | None:
    """The position in `?after=<epoch>:<seq>`; None when it is absent.

    Raises:
        NotAdmittedError: For what is no position.
    """
    if text is None:
        return None
    found = _AFTER.fullmatch(text)
    if found is None:
        raise NotAdmittedError(NOT_UNDERSTOOD, "after must be <epoch>:<seq> of the last frame that you had.")
    return Position(found[1], int(found[2]))


def _refuse_crowds(standing: Standing, key: ApiKey) -> None:
    if standing.is_full(key):
        raise NotAdmittedError(TRY_LATER, "The key has as many open sockets here as one key may have.")


async def _until_gone(socket: WebSocket[Any, Any, Any]) -> None:
    """Read, so that pings are answered and a leaving client is noticed; what it says is not listened to."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _refuse(socket: WebSocket[Any, Any, Any], code: int, reason: str) -> None:
    metrics.SOCKETS_CLOSED.labels("refused").inc()
    short = reason.encode()[:_LONGEST_REASON].decode(errors="ignore")
    with suppress(WebSocketDisconnect, OSError, RuntimeError, TimeoutError):
        # A client that reads nothing takes no farewell either.
        await asyncio.wait_for(socket.close(code=code, reason=short), _FAREWELL_SECONDS)


tickets_router = Router("/ws", route_handlers=[create_ticket], tags=["live"])
