"""The WebSocket: what happens, as it happens."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, cast

import msgspec
from litestar import Request, Router, WebSocket, post, websocket
from litestar.exceptions import WebSocketDisconnect

from services.gateway import metrics
from services.gateway.auth import KeyRing, bearer_token, caller
from services.gateway.hub import Hub, Mailbox
from services.gateway.keys import TICKET_SECONDS, ApiKey, make_ticket
from services.gateway.openapi import DescribedOperation, answers, shown
from shared.contracts.base import EVENTS
from shared.contracts.errors import QueryError

_LONGEST_REASON = 123
_FAREWELL_SECONDS = 10.0

NO_KEY, UNKNOWN_TOPIC, TOO_SLOW, TRY_LATER = 4401, 4400, 1013, 1013


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """Opens a WebSocket in the name of a key; `expires_in` is in seconds."""

    ticket: str
    expires_in: int


@post(
    "/tickets",
    status_code=201,
    summary="Get a ticket for the WebSocket",
    operation_class=DescribedOperation,
    responses={
        **answers(),
        **shown(
            201, Ticket, Ticket(ticket="5f0c….1773308467.9b1c…", expires_in=TICKET_SECONDS), "The ticket"
        ),
    },
)
async def create_ticket(request: Request[Any, Any, Any]) -> Ticket:
    """A browser cannot send headers with a WebSocket: it sends `/ws?ticket=…`, within 30 seconds."""
    return Ticket(ticket=make_ticket(caller(request), datetime.now(UTC)), expires_in=TICKET_SECONDS)


@websocket("/ws")
async def follow(socket: WebSocket[Any, Any, Any]) -> None:
    """Send a frame for each event of the topics that the client asked for, until it leaves."""
    await socket.accept()
    key = await _key_of(socket)
    if key is None:
        return
    topics, unknown = read_topics(socket.query_params.get("topics"))
    if unknown:
        known = ", ".join(sorted(known_topics()))
        await _close(socket, UNKNOWN_TOPIC, f"There is no topic {unknown[0][:40]!r}; there are: {known}.")
        return
    hub: Hub = socket.app.state.hub
    mailbox = hub.open(topics)
    try:
        await _serve(socket, mailbox)
    finally:
        hub.close(mailbox)
    if mailbox.overflowed.is_set():
        metrics.SOCKETS_CLOSED.labels("too_slow").inc()
        await _close(socket, TOO_SLOW, "You read too slowly; connect again.")
    else:
        metrics.SOCKETS_CLOSED.labels("left").inc()


def known_topics() -> frozenset[str]:
    """Every topic that some event has."""
    return frozenset(event.topic for event in EVENTS.values())


def read_topics(text: str | None) -> tuple[frozenset[str], list[str]]:
    """The topics in `?topics=messages,ingestion` (all when absent), and those that do not exist."""
    asked = [topic for topic in (piece.strip() for piece in (text or "").split(",")) if topic]
    known = known_topics()
    return frozenset(asked) or known, [topic for topic in asked if topic not in known]


async def _key_of(socket: WebSocket[Any, Any, Any]) -> ApiKey | None:
    """The key of the client; when there is none the socket is closed, with the reason."""
    keys = cast("KeyRing", socket.app.state.key_ring)
    token, ticket = bearer_token(socket.headers.get("authorization")), socket.query_params.get("ticket")
    key: ApiKey | None = None
    try:
        if token is not None:
            key = await keys.by_token(token)
        elif ticket is not None:
            key = await keys.by_ticket(ticket)
    except QueryError as error:
        await _close(socket, TRY_LATER, str(error))
        return None
    if key is None or not key.may("read"):
        await _close(
            socket, NO_KEY, "Send an API key as Bearer, or a fresh ticket of POST /api/v1/ws/tickets."
        )
        return None
    return key


async def _serve(socket: WebSocket[Any, Any, Any], mailbox: Mailbox) -> None:
    """Send frames until the client leaves or is too slow."""
    sending = asyncio.create_task(_send(socket, mailbox))
    leaving = asyncio.create_task(_until_gone(socket))
    overflow = asyncio.create_task(mailbox.overflowed.wait())
    tasks = (sending, leaving, overflow)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _send(socket: WebSocket[Any, Any, Any], mailbox: Mailbox) -> None:
    while True:
        for frame in await mailbox.take():
            await socket.send({"type": "websocket.send", "text": frame, "bytes": None})
            metrics.FRAMES_SENT.inc()


async def _until_gone(socket: WebSocket[Any, Any, Any]) -> None:
    """Read, so that pings are answered and a leaving client is noticed; what it says is not listened to."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _close(socket: WebSocket[Any, Any, Any], code: int, reason: str) -> None:
    short = reason.encode()[:_LONGEST_REASON].decode(errors="ignore")
    with suppress(WebSocketDisconnect, OSError, RuntimeError, TimeoutError):
        # A client that reads nothing takes no farewell either.
        await asyncio.wait_for(socket.close(code=code, reason=short), _FAREWELL_SECONDS)


tickets_router = Router("/ws", route_handlers=[create_ticket], tags=["live"])
