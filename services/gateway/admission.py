"""Who opens a WebSocket: by key, by one-time ticket, or by the page's session from the page's own origin."""

from datetime import UTC, datetime
from typing import Any, Final, cast

from litestar import WebSocket

from services.gateway.auth import bearer_token, session_of
from services.gateway.door import door_of
from services.gateway.keyring import KeyRing
from services.gateway.keys import ApiKey, hash_key
from services.gateway.problems import ProblemError
from services.gateway.standing import NO_KEY, Visitor
from services.gateway.tickets import Ticket, read_ticket, use_ticket

FORBIDDEN: Final = 4403
TRY_LATER: Final = 1013
_COME_IN = "Send an API key as Bearer, or a fresh ticket of POST /api/v1/ws/tickets, or sign in on the page."
_TICKET_ENDED = (
    "The ticket was used or has expired, or its key has ended; get another of POST /api/v1/ws/tickets."
)

Socket = WebSocket[Any, Any, Any]


class NotAdmittedError(Exception):
    """A client cannot come in; `code` is a close code of `docs/websocket.md`."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


async def admit(socket: Socket) -> Visitor:
    """Who opens a socket. A key goes before a ticket, a ticket before a session.

    Raises:
        NotAdmittedError: When nothing lets it in.
        QueryError: `unavailable`, while that cannot be looked up.
    """
    token, ticket = bearer_token(socket.headers.get("authorization")), socket.query_params.get("ticket")
    if token is not None:
        return await _by_token(socket, token)
    if ticket is not None:
        return await _by_ticket(socket, ticket)
    return await _by_session(socket)


async def _by_token(socket: Socket, token: str) -> Visitor:
    keys, who = _keys(socket), hash_key(token)

    async def look() -> ApiKey | None:
        return await keys.by_token(token)

    _refuse_guessing(socket, who)
    key = await keys.find_key(token)
    if key is None:
        door_of(socket).note_guess(socket)
        raise NotAdmittedError(NO_KEY, _COME_IN)
    # One that was good once is no guess: who comes back with it again and again keeps nobody else out.
    refusal = key.refusal(datetime.now(UTC))
    if refusal is not None:
        raise NotAdmittedError(NO_KEY, refusal)
    door_of(socket).welcome(socket, who)
    keys.note_used(key, None)
    return Visitor(key, ("key", who), look)


async def _by_ticket(socket: Socket, text: str) -> Visitor:
    _refuse_guessing(socket, None)
    ticket, keys = read_ticket(text), _keys(socket)
    if ticket is None or ticket.expires <= datetime.now(UTC).timestamp():
        raise NotAdmittedError(NO_KEY, _TICKET_ENDED)

    async def look() -> ApiKey | None:
        return await _signer(keys, ticket)

    key = await look()
    if key is None:
        door_of(socket).note_guess(socket)
    if key is None or not await use_ticket(ticket):
        raise NotAdmittedError(NO_KEY, _TICKET_ENDED)
    return Visitor(key, ("ticket", key.id, key.key_hash), look)


async def _signer(keys: KeyRing, ticket: Ticket) -> ApiKey | None:
    key = await keys.by_id(ticket.key_id)
    return key if key is not None and ticket.is_signed_by(key) else None


async def _by_session(socket: Socket) -> Visitor:
    session = await session_of(socket)
    if session is None:
        raise NotAdmittedError(NO_KEY, _COME_IN)
    # A browser sends the cookie from whatever page opens the socket, and says which page that is.
    if not door_of(socket).is_own_page(socket):
        raise NotAdmittedError(FORBIDDEN, "A session opens a socket only for pages of this installation.")

    keys, session_id = _keys(socket), socket.cookies[door_of(socket).cookie]

    async def look() -> ApiKey | None:
        # Not as one who comes in: that others guess from the same address ends no socket that is open.
        found = await keys.find_session(session_id)
        return found.key if found is not None and found.refusal(datetime.now(UTC)) is None else None

    return Visitor(session.key, ("session", session.id_hash), look)


def _refuse_guessing(socket: Socket, who: bytes | None) -> None:
    try:
        door_of(socket).refuse_guessing(socket, who)
    except ProblemError as error:
        raise NotAdmittedError(TRY_LATER, error.detail) from error


def _keys(socket: Socket) -> KeyRing:
    return cast("KeyRing", socket.app.state.key_ring)
